# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this host's Keystone says of itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_bootstrap.client import LocalKeystone


def local(config: Path, cloud: Any = None) -> LocalKeystone:
    return LocalKeystone(str(config), "root", lambda: cloud)


def test_repositories_on_disk(tmp_path: Path) -> None:
    config = tmp_path / "keystone.conf"
    config.write_text(
        f"[fernet_tokens]\nkey_repository = {tmp_path}/fernet\n[credential]\n#key_repository = /x\n"
    )
    (tmp_path / "fernet").mkdir()
    for name in ("0", "11", "2", ".5.tmp"):
        (tmp_path / "fernet" / name).touch()
    found = local(config).repositories()
    assert (found[0].path, found[0].keys) == (f"{tmp_path}/fernet", (0, 2, 11))
    assert found[1].path == "/etc/keystone/credential-keys"
    with pytest.raises(UnreachableError, match=r"there is no .*/none"):
        local(tmp_path / "none").repositories()
    config.write_text("not an option\n")
    with pytest.raises(CollectionError, match=r"configuration of keystone: .* does not understand line 1 of"):
        local(config).repositories()


def test_keys_that_this_user_may_not_see(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    directory = tmp_path / "keys"
    config = tmp_path / "keystone.conf"
    config.write_text(f"[fernet_tokens]\nkey_repository = {directory}\n")
    # pytest keeps others out of its folders, at one level or another.
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to(tempfile.gettempdir()) and path != Path(tempfile.gettempdir()):
            path.chmod(0o755)
    directory.mkdir(mode=0)
    request.getfixturevalue("nobody")
    with pytest.raises(CollectionError, match=r"Cannot read keys of Keystone: .*Permission denied"):
        local(config).repositories()


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    config = tmp_path / "keystone.conf"
    config.write_text("[credential]\nkey_repository =\n")
    assert local(config).repositories()[1].path == "/etc/keystone/credential-keys"


class Session:
    def invalidate(self) -> None:
        pass


class RefusingCloud:
    session = Session()

    def __init__(self, status: int) -> None:
        self.status = status

    def access(self) -> Any:
        raise ApiError("authenticate at", "cloud", "", "refused", "See", status=self.status)


def test_only_a_refused_login_means_that_there_is_no_administrator() -> None:
    assert local(Path("/none"), RefusingCloud(401)).access() is None
    with pytest.raises(ApiError):
        local(Path("/none"), RefusingCloud(500)).access()
