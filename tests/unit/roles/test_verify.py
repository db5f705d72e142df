# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role verify makes of its variables and of results, as Ansible itself evaluates it."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.evaluation import evaluated

DISK = "/var/cache/stackwright/guest/disk.qcow2"
KERNEL, INITRAMFS = (f"/var/cache/stackwright/guest/{name}" for name in ("kernel", "initramfs"))


def part(state: str) -> dict[str, Any]:
    return {
        "part": "x",
        "subject": "",
        "state": state,
        "detail": "",
        "seconds": 0.0,
        "evidence": [],
        "remedy": "",
    }


def instance(proven: bool, *states: str) -> dict[str, Any]:
    return {"proven": proven, "parts": [part(state) for state in states]}


def cloud(state: str) -> dict[str, Any]:
    return {"parts": [part(state)]}


NOT_BUILT = {"failed": False, "msg": "Cannot build guest image: x. Do y."}
SKIPPED = {"skipped": True, "changed": False}

# By name: variables, what is evaluated, and what must come out.
CASES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "only the disk": ({}, "__verify_guest", {"disk": DISK, "command_line": "console=ttyS0"}),
    "with a kernel": (
        {
            "verify_guest_files": {"kernel": "/k", "initramfs": "/i", "disk": "/d"},
            "verify_guest_command_line": "quiet",
        },
        "__verify_guest",
        {"kernel": KERNEL, "initramfs": INITRAMFS, "disk": DISK, "command_line": "quiet"},
    ),
    "the controller builds the guest": ({}, "__verify_boots", True),
    "the controller can build none": (
        {"__verify_guest_result": NOT_BUILT},
        "[__verify_boots, __verify_parts[-1].state, __verify_parts[-1].detail, __verify_parts[-1].remedy[:13]]",
        [False, "missing", "no instance was booted: Cannot build guest image: x. Do y", "Name an image"],
    ),
    "nobody knows why none was built": (
        {"__verify_guest_result": {"changed": False}},
        "__verify_parts[-1].detail",
        "no instance was booted: no result",
    ),
    "the control node has no guest": (
        {"verify_guest_files": {"disk": "/nowhere"}, "__verify_guest_result": SKIPPED},
        "[__verify_boots, __verify_parts[-1].detail]",
        [False, "no instance was booted: the control node has no /nowhere"],
    ),
    "an image needs no guest": (
        {"verify_image": "cirros", "__verify_guest_result": SKIPPED},
        "__verify_boots",
        True,
    ),
    "all is proven": (
        {"__verify_instance_result": instance(True, "proven")},
        "__verify_report.proven",
        True,
    ),
    "no host to move to": (
        {"__verify_instance_result": instance(True, "proven", "skipped")},
        "__verify_report.proven",
        True,
    ),
    "a part is missing": (
        {"__verify_instance_result": instance(False, "proven", "missing")},
        "__verify_report.proven",
        False,
    ),
    "check mode": (
        {"__verify_instance_result": instance(False, "skipped")},
        "__verify_report.proven",
        False,
    ),
    "nothing was booted": (
        {"__verify_instance_result": {"skipped": True, "changed": False}, "verify_instance": False},
        "__verify_report.proven",
        False,
    ),
    "the module broke": (
        {"__verify_instance_result": {"failed": True, "msg": "no Python"}},
        "__verify_report.proven",
        False,
    ),
    "a service is missing": (
        {"__verify_instance_result": instance(True, "proven"), "__verify_services_result": cloud("missing")},
        "__verify_report.proven",
        False,
    ),
}
GIVEN = {
    "__cloud_description": {"cloud": {"cell_controllers": {}}},
    "__verify_services_result": cloud("proven"),
    "__verify_cloud_result": cloud("proven"),
    "__verify_guest_result": {"files": {"disk": DISK}, "changed": False},
    "__verify_instance_result": SKIPPED,
    "cloud_identity_url": "http://controller:5000/v3",
    "cloud_region": "RegionOne",
    "cloud_compute_group": "compute",
    "cloud_controller_group": "controller",
}


FILES = ["cloud/vars/main.yml", "verify/defaults/main.yml", "verify/vars/main.yml"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes out of all cases."""
    cases = {
        name: ({**GIVEN, **variables}, expression)
        for name, (variables, expression, _expected) in CASES.items()
    }
    return evaluated(tmp_path_factory.mktemp("verify"), FILES, cases)


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out(outcomes: dict[str, Any], name: str) -> None:
    assert outcomes[name] == CASES[name][2]
