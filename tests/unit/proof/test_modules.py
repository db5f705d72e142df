# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two modules as Ansible runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils.engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils.proof import novnc
from ansible_collections.stackwright.nova.plugins.modules import cloud_proof, instance_proof
from fakes.cloud_apis import FakeCloud
from fakes.modules import run_module

AUTH = {"auth_url": "http://controller:5000/v3", "username": "admin", "password": "s3cr3t-of-admin"}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    for name in ("kernel", "initramfs", "disk"):
        (tmp_path / name).write_bytes(name.encode())
    return {name: str(tmp_path / name) for name in ("kernel", "initramfs", "disk")}


def prove(cloud: FakeCloud, files: dict[str, str], seen: Any = None, **options: Any) -> dict[str, Any]:
    def look(url: str, timeout: float) -> novnc.Console:
        if seen:
            raise seen
        return novnc.Console(200, "RFB 003.008")

    def prepare(operation: Any) -> None:
        operation.connect, operation.clock, operation.look = (lambda: cloud), cloud.clock, look

    return run_module(
        instance_proof, prepare, **{"auth": AUTH, "files": files, "hosts": ["compute1"], **options}
    )


def test_an_instance_is_proven_twice_without_a_change(cloud: FakeCloud, files: dict[str, str]) -> None:
    for _ in range(2):
        result = prove(cloud, files)
        assert (result["proven"], result["changed"]) == (True, False)
        assert cloud.made == {}


def test_check_mode_predicts_the_commands_and_boots_nothing(cloud: FakeCloud, files: dict[str, str]) -> None:
    predicted = prove(cloud, files, check=True)
    assert cloud.bodies == {}
    assert predicted["parts"][0]["state"] == "skipped"
    assert predicted["commands"] == prove(cloud, files)["commands"]


def test_leftovers_are_shown_and_removed(cloud: FakeCloud, files: dict[str, str]) -> None:
    failure = UnreachableError("open", "console page", "http://controller:6080", "refused", "Start the proxy")
    left = prove(cloud, files, failure, keep_failed=True)
    assert left["failed"] and left["code"] == "unproven"
    predicted = prove(cloud, files, check=True, diff=True)
    assert predicted["changed"] is True
    assert "server stackwright-proof-compute1" in predicted["diff"]["before"]
    assert predicted["diff"]["after"] == ""
    assert prove(cloud, files)["changed"] is True
    assert cloud.made == {}


def test_a_cloud_that_is_not_there_yet(cloud: FakeCloud, files: dict[str, str]) -> None:
    def absent(operation: Any) -> None:
        def connect() -> None:
            raise UnreachableError("connect to", "cloud", "http://controller:5000/v3", "refused", "Start it")

        operation.connect = connect

    result = run_module(instance_proof, absent, check=True, auth=AUTH, files=files)
    assert "Check mode goes on as if nothing existed there yet" in result["warnings"][0]
    assert result["proven"] is False
    assert run_module(instance_proof, absent, auth=AUTH, files=files)["code"] == "unreachable"


def test_no_secret_is_ever_shown(cloud: FakeCloud, files: dict[str, str]) -> None:
    cloud.console = lambda server: "STACKWRIGHT-GUEST error=s3cr3t-of-admin\n"
    shown = [prove(cloud, files, check=True, diff=True), prove(cloud, files)]
    cloud.refuse["POST", "/images"] = 500
    shown.append(prove(cloud, files))
    assert "s3cr3t-of-admin" not in json.dumps(shown)
    assert "token-of" not in json.dumps(shown)


@pytest.mark.parametrize(
    "guest", [{}, {"image": "cirros", "files": {"kernel": "k", "initramfs": "i", "disk": "d"}}]
)
def test_files_or_an_image(guest: dict[str, Any]) -> None:
    result = run_module(instance_proof, auth=AUTH, **guest)
    assert result["failed"] and "files" in result["msg"] and "image" in result["msg"]


class Witness:
    """One service, one URL, no agents."""

    def __init__(self, code: int = 0) -> None:
        self.code = code

    def catalog(self) -> Any:
        endpoint = {"interface": "public", "region_id": "RegionOne", "url": "http://controller:5000/v3"}
        return [{"type": "identity", "endpoints": [endpoint]}]

    def refusal(self, url: str) -> None:
        return None

    def nova_status(self) -> Output:
        return Output(self.code, "", "no database for s3cr3t-of-admin")


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("code", [0, 255])
def test_a_cloud(code: int, check: bool) -> None:
    def prepare(operation: Any) -> None:
        operation.witness = Witness(code)

    options = {"auth": AUTH, "services": ["identity"], "interfaces": ["public"]}
    result = run_module(cloud_proof, prepare, check=check, **options)
    assert result["proven"] is (code == 0)
    assert bool(result.get("failed")) is (code != 0)
    assert result["parts"][0]["part"] == "catalog"
    assert "commands" not in result
    assert "s3cr3t" not in json.dumps(result)
