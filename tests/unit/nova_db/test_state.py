# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import Credential, canonical


def test_what_the_server_keeps_is_not_shown() -> None:
    assert "*ONE" not in repr(Credential("mysql_native_password", "*ONE"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("utf8", "utf8mb3"),
        ("utf8_general_ci", "utf8mb3_general_ci"),
        ("utf8mb4", "utf8mb4"),
        ("utf8mb3_bin", "utf8mb3_bin"),
        ("latin1", "latin1"),
    ],
)
def test_old_names_of_utf8(old: str, new: str) -> None:
    assert canonical(old) == new
