# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a site's certificate on the control node that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.plugin_utils._issuing import site_files


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (None, "Put it there, on the control node"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n6162\n", "Give the password that it was encrypted with"),
        (b"\xff\xfe", "Convert it to PEM"),
    ],
    ids=["missing", "encrypted", "binary"],
)
def test_the_remedy_follows_from_the_cause(tmp_path: Path, content: bytes | None, remedy: str) -> None:
    path = tmp_path / "cert.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CollectionError) as caught:
        site_files(DataLoader(), dict.fromkeys(("ca", "certificate", "private_key"), str(path)))
    assert caught.value.remedy.startswith(remedy)
    assert caught.value.code == "not_found"
