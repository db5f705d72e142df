# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and the first administrator: both stages of keystone_bootstrap."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.clients.openstack import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils.identity.administrator import (
    Access,
    LocalBootstrap,
)
from ansible_collections.stackwright.nova.plugins.module_utils.identity.keys import (
    REPOSITORIES,
    LocalKeyStore,
    Repository,
)
from ansible_collections.stackwright.nova.plugins.modules import keystone_bootstrap
from fakes.modules import run_module

PASSWORD = "b00t-s3cret"
ACCESS = Access("u1", "p1", ("admin", "member", "reader"))
ADMIN = {
    "auth_url": "http://c:5000",
    "password": PASSWORD,
    "endpoints": {"public": "http://c:5000/v3", "admin": "http://c:5000/v3"},
}


class FakeKeyStore:
    """Repositories in memory."""

    def __init__(self, *repositories: Repository, code: int = 0) -> None:
        self.repositories = list(repositories)
        self.code = code
        self.ran: list[list[str]] = []

    def read(self) -> tuple[Repository, ...]:
        if not self.repositories:
            raise UnreachableError("read", "configuration of", "Keystone", "there is none", "Install it")
        return tuple(self.repositories)

    def make(self, path: str, argv: Sequence[str]) -> Output:
        self.ran.append(list(argv))
        if not self.code:
            self.repositories = [
                replace(one, keys=(0, 1)) if one.path == path else one for one in self.repositories
            ]
        return Output(self.code, "", "Traceback\nPermission denied\n" if self.code else "")


class FakeBootstrap:
    """A Keystone whose administrator has ``access`` if the password is ``password``."""

    def __init__(self, access: Access | None = None, *, code: int = 0, helps: bool = True) -> None:
        self.access = access
        self.code = code
        self.helps = helps
        self.ran: list[list[str]] = []
        self.passwords: list[str] = []

    def authenticate(self) -> Access | None:
        return self.access

    def run(self, argv: Sequence[str], password: str) -> Output:
        self.ran.append(list(argv))
        self.passwords.append(password)
        if self.helps:
            self.access = ACCESS
        return Output(self.code, "", "DBConnectionError: no server" if self.code else "")


def keys(store: FakeKeyStore, **options: Any) -> dict[str, Any]:
    def prepare(operation: Any) -> None:
        operation.store = store

    return run_module(keystone_bootstrap, prepare, stage="keys", **options)


def admin(bootstrap: FakeBootstrap, **options: Any) -> dict[str, Any]:
    def prepare(operation: Any) -> None:
        operation.bootstrap = bootstrap

    return run_module(keystone_bootstrap, prepare, **{**ADMIN, **options})


def test_keys_are_made_once() -> None:
    store = FakeKeyStore(*REPOSITORIES)
    predicted = keys(store, check=True, diff=True)
    assert store.ran == []
    made = keys(store, diff=True)
    assert made == predicted
    assert [argv[3] for argv in store.ran] == ["fernet_setup", "credential_setup"]
    assert made["key_repositories"] == [
        {"path": "/etc/keystone/fernet-keys", "keys": [0, 1]},
        {"path": "/etc/keystone/credential-keys", "keys": [0, 1]},
    ]
    again = keys(store)
    assert (again["changed"], again["commands"]) == (False, [])


def test_existing_keys_are_left_alone() -> None:
    rotated = replace(REPOSITORIES[0], keys=(0, 4, 5))
    store = FakeKeyStore(rotated, REPOSITORIES[1])
    assert len(keys(store)["commands"]) == 1
    assert store.repositories[0] == rotated


def test_keys_on_a_host_without_keystone() -> None:
    predicted = keys(FakeKeyStore(), check=True)
    assert len(predicted["commands"]) == 2
    assert "as if nothing existed" in predicted["warnings"][0]
    failed = keys(FakeKeyStore())
    assert (failed["failed"], failed["code"]) == (True, "unreachable")


def test_keys_that_cannot_be_made() -> None:
    failed = keys(FakeKeyStore(*REPOSITORIES, code=1))
    assert failed["msg"].startswith(
        "Cannot make keys in /etc/keystone/fernet-keys: keystone-manage ended with status 1: Permission denied."
    )


def test_repositories_on_disk(tmp_path: Path) -> None:
    config = tmp_path / "keystone.conf"
    config.write_text(
        f"[fernet_tokens]\nkey_repository = {tmp_path}/fernet\n[credential]\n#key_repository = /x\n"
    )
    (tmp_path / "fernet").mkdir()
    for name in ("0", "11", "2", ".5.tmp"):
        (tmp_path / "fernet" / name).touch()
    found = LocalKeyStore(str(config), "root").read()
    assert (found[0].path, found[0].keys) == (f"{tmp_path}/fernet", (0, 2, 11))
    assert found[1].path == "/etc/keystone/credential-keys"
    with pytest.raises(UnreachableError, match=r"there is no .*/none"):
        LocalKeyStore(str(tmp_path / "none"), "root").read()
    config.write_text("not an option\n")
    with pytest.raises(CollectionError, match="Cannot read keys of Keystone: line 1"):
        LocalKeyStore(str(config), "root").read()


def test_administrator_is_made_once() -> None:
    bootstrap = FakeBootstrap()
    predicted = admin(bootstrap, check=True, diff=True)
    assert bootstrap.ran == []
    assert (predicted["user_id"], predicted["roles"]) == (None, ["admin"])
    made = admin(bootstrap, diff=True)
    assert (
        made["commands"]
        == predicted["commands"]
        == [
            "OS_BOOTSTRAP_PASSWORD=******** keystone-manage --config-file /etc/keystone/keystone.conf bootstrap "
            "--bootstrap-username admin --bootstrap-project-name admin --bootstrap-role-name admin "
            "--bootstrap-service-name keystone --bootstrap-region-id RegionOne "
            "--bootstrap-public-url http://c:5000/v3 --bootstrap-admin-url http://c:5000/v3"
        ]
    )
    assert made["diff"] == predicted["diff"]
    assert (made["user_id"], made["project_id"]) == ("u1", "p1")
    again = admin(bootstrap, diff=True)
    assert (again["changed"], again["commands"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]


def test_the_password_is_in_the_environment_only() -> None:
    bootstrap = FakeBootstrap()
    told = admin(bootstrap, diff=True)
    assert bootstrap.passwords == [PASSWORD]
    assert PASSWORD not in json.dumps([bootstrap.ran, told])


def test_an_administrator_without_the_role() -> None:
    assert admin(FakeBootstrap(replace(ACCESS, roles=("reader",))))["changed"]


def test_a_bootstrap_that_fails() -> None:
    failed = admin(FakeBootstrap(code=1, helps=False))
    assert "keystone-manage ended with status 1: DBConnectionError: no server" in failed["msg"]


def test_a_bootstrap_of_another_keystone() -> None:
    failed = admin(FakeBootstrap(helps=False))
    assert "the API still refuses this user and password" in failed["msg"]


def test_what_the_stage_needs() -> None:
    failed = run_module(keystone_bootstrap, password=PASSWORD)
    assert "auth_url" in failed["msg"]


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
    assert LocalBootstrap(RefusingCloud(401), "keystone").authenticate() is None  # type: ignore[arg-type]
    with pytest.raises(ApiError):
        LocalBootstrap(RefusingCloud(500), "keystone").authenticate()  # type: ignore[arg-type]
