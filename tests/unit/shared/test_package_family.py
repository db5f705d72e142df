# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._shared import package_family


@pytest.mark.parametrize(
    ("there", "red_hat"),
    [(["dnf"], True), (["dpkg-query", "dnf"], False), (["dpkg-query"], False), ([], False)],
)
def test_the_family_of_a_host(monkeypatch: pytest.MonkeyPatch, there: list[str], red_hat: bool) -> None:
    monkeypatch.setattr(package_family.shutil, "which", lambda name: name if name in there else None)
    assert package_family.is_red_hat() is red_hat
