# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""instance_proof as Ansible runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import novnc
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.client import Prover
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.resources import MARK
from ansible_collections.stackwright.nova.plugins.modules import instance_proof
from fakes.cloud_apis import FakeCloud
from fakes.modules import run_module
from fakes.viewpoint import Viewpoint

AUTH = {"auth_url": "http://controller:5000/v3", "username": "admin", "password": "s3cr3t-of-admin"}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    for name in ("kernel", "initramfs", "disk"):
        (tmp_path / name).write_bytes(name.encode())
    return {name: str(tmp_path / name) for name in ("kernel", "initramfs", "disk")}


def prove(cloud: FakeCloud, files: dict[str, str], seen: Any = None, **options: Any) -> dict[str, Any]:
    def look(url: str, timeout: float, picture: bool) -> novnc.Screen:
        if seen:
            raise seen
        return novnc.Screen(200, "RFB 003.008")

    def prepare(operation: Any) -> None:
        operation.client = Prover(
            operation.desired,
            lambda: cloud,
            operation.client._redactor,
            look=look,
            viewpoint=Viewpoint(cloud),
            clock=cloud.clock,
        )

    return run_module(
        instance_proof, prepare, **{"auth": AUTH, "files": files, "hosts": ["compute1"], **options}
    )


def test_an_instance_is_proven_twice_without_a_change(cloud: FakeCloud, files: dict[str, str]) -> None:
    for _turn in range(2):
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

        operation.client._connect = connect

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


@pytest.mark.parametrize("alone", ["kernel", "initramfs"])
def test_a_kernel_and_its_initramfs_go_together(cloud: FakeCloud, files: dict[str, str], alone: str) -> None:
    result = prove(cloud, {"disk": files["disk"], alone: files[alone]})
    assert result["failed"] and "required together: kernel, initramfs" in result["msg"]
    assert cloud.requests == []


def test_without_a_kernel_only_the_disk_is_uploaded(cloud: FakeCloud, files: dict[str, str]) -> None:
    assert prove(cloud, {"disk": files["disk"]})["parts"][0]["detail"] == "uploaded disk (0.0 MB)"
    assert cloud.uploads == {"stackwright-proof": b"disk"}
    (image,) = cloud.bodies["images"]
    assert not {"kernel_id", "ramdisk_id", "os_command_line"} & image.keys()
    assert cloud.made == {}


def test_an_instance_moves_by_default(cloud: FakeCloud, files: dict[str, str]) -> None:
    cloud.computes["compute2"] = ("up", "enabled")
    predicted = prove(cloud, files, check=True)
    result = prove(cloud, files)
    assert predicted["commands"] == result["commands"]
    assert result["instances"][0]["moved_to"] == ["compute2", "compute1"]
    assert [part["part"] for part in result["parts"]][-3:] == ["live migration", "resize", "cleanup"]
    assert prove(cloud, files, moves=[])["instances"][0]["moved_to"] == []
    assert prove(cloud, files, moves=["resize", "resize"])["instances"][0]["moved_to"] == ["compute2"]
    assert cloud.made == {}


@pytest.mark.parametrize(("hosts", "moves"), [(["compute1"], 0), (["compute1", "compute2"], 1), ([], 0)])
def test_in_a_cloud_that_is_not_there_yet_the_named_hosts_will_be_up(
    files: dict[str, str], hosts: list[str], moves: int
) -> None:
    def absent(operation: Any) -> None:
        def connect() -> None:
            raise UnreachableError("connect to", "cloud", "http://controller:5000/v3", "refused", "Start it")

        operation.client._connect = connect

    result = run_module(instance_proof, absent, check=True, auth=AUTH, files=files, hosts=hosts)
    assert len([command for command in result["commands"] if "--live-migration" in command]) == moves


def test_a_failure_after_a_write_tells_what_was_done(cloud: FakeCloud, files: dict[str, str]) -> None:
    cloud.add("flavors", name="stackwright-proof", description=MARK)
    cloud.refuse["POST", "/networks"] = 403
    failed = prove(cloud, files)
    assert (failed["failed"], failed["code"], failed["changed"]) == (True, "unproven", True)
    assert failed["commands"][0] == "openstack flavor delete stackwright-proof"
    assert failed["commands"][1].startswith("openstack image create --file=")
    assert failed["commands"][-1] == "openstack image delete stackwright-proof"
    assert failed["failed_command"] == "openstack security group create stackwright-proof"


def test_a_failure_that_leaves_nothing_behind_is_no_change(cloud: FakeCloud, files: dict[str, str]) -> None:
    cloud.refuse["POST", "/flavors"] = 403
    failed = prove(cloud, files)
    assert (failed["failed"], failed["changed"]) == (True, False)
    assert failed["failed_command"].startswith("openstack flavor create")
    assert cloud.made == {}


def test_what_is_kept_or_cannot_be_removed_is_a_change(cloud: FakeCloud, files: dict[str, str]) -> None:
    cloud.refuse["POST", "/flavors"] = 403
    kept = prove(cloud, files, keep_failed=True)
    assert (kept["changed"], kept["failed_command"][:23]) == (True, "openstack flavor create")
    assert not any(" delete " in command for command in kept["commands"])
    del cloud.refuse["POST", "/flavors"]
    cloud.refuse["DELETE", "/flavors"] = 500
    stuck = prove(cloud, files)
    assert (stuck["changed"], stuck["failed_command"]) == (
        True,
        "openstack server delete --wait stackwright-proof-compute1",
    )


def test_files_that_are_not_there_stop_a_real_run_only(cloud: FakeCloud, files: dict[str, str]) -> None:
    Path(files["disk"]).unlink()
    assert prove(cloud, files, check=True)["commands"]
    failed = prove(cloud, files)
    assert failed["msg"].startswith("Cannot read guest file ")
    assert (failed["code"], "changed" in failed, cloud.bodies) == ("not_found", False, {})


def test_unknown_placeholders_are_told_before_anything_is_asked(
    cloud: FakeCloud, files: dict[str, str]
) -> None:
    failed = prove(cloud, files, console={"mac": "mac={mac}"})
    assert "'mac' is no placeholder" in failed["msg"]
    assert cloud.requests == []
