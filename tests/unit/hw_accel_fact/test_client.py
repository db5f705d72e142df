# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import platform
import stat
from pathlib import Path
from unittest import mock

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact import client
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import KvmDevice

# /dev/null is a character device that opens and knows none of KVM's requests.
NULL = (1, 3)


@pytest.mark.parametrize(
    ("module", "text", "nested"),
    [
        ("kvm_intel", "Y\n", True),
        ("kvm_intel", "N\n", False),
        ("kvm_amd", "1\n", True),
        ("kvm_amd", "0\n", False),
        ("kvm_hv", "Y\n", True),
        ("kvm", "1\n", True),
        ("other", "1\n", None),
    ],
)
def test_reads_the_nested_flag(tmp_path: Path, module: str, text: str, nested: bool | None) -> None:
    parameters = tmp_path / module / "parameters"
    parameters.mkdir(parents=True)
    (parameters / "nested").write_text(text)
    assert client.read_nested(tmp_path) is nested


def test_no_device(tmp_path: Path) -> None:
    assert client.inspect_device(str(tmp_path / "kvm"), ask=True) == KvmDevice()


def test_something_else_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "kvm").write_text("")
    device = client.inspect_device(str(tmp_path / "kvm"), ask=True)
    assert device.present
    assert device.problem.endswith("is not the character device 10:232")


def test_looks_without_opening() -> None:
    with mock.patch.object(os, "open") as opened:
        device = client.inspect_device("/dev/null", ask=False, number=NULL)
    assert device == KvmDevice(True, shared=True)
    opened.assert_not_called()


def test_a_device_that_knows_no_version() -> None:
    device = client.inspect_device("/dev/null", ask=True, number=NULL)
    assert device.api_version is None
    assert "does not return its API version: Inappropriate ioctl" in device.problem


def test_a_device_that_makes_machines() -> None:
    made = os.open(os.devnull, os.O_RDONLY)
    with mock.patch.object(client.fcntl, "ioctl", side_effect=[12, made]):
        assert client.inspect_device("/dev/null", ask=True, number=NULL) == KvmDevice(True, 12, shared=True)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made)


@pytest.mark.parametrize(
    ("number", "cause"), [(16, "another hypervisor holds the processor"), (12, "Cannot allocate memory")]
)
def test_a_device_that_makes_none(number: int, cause: str) -> None:
    error = OSError(number, os.strerror(number))
    with mock.patch.object(client.fcntl, "ioctl", side_effect=[12, error]):
        device = client.inspect_device("/dev/null", ask=True, number=NULL)
    assert (device.api_version, device.permission) == (12, False)
    assert device.problem == f"/dev/null creates no virtual machine: {cause}"


def test_names_the_refused_permission() -> None:
    status = os.stat_result(
        (stat.S_IFCHR | 0o660, 0, 0, 1, 0, 0, 0, 0, 0, 0), {"st_rdev": os.makedev(10, 232)}
    )
    with (
        mock.patch.object(os, "stat", return_value=status),
        mock.patch.object(os, "open", side_effect=PermissionError(13, "Permission denied")),
    ):
        device = client.inspect_device("/dev/kvm", ask=True)
    assert device.permission
    assert "may not be opened by user" in device.problem
    assert "(crw-rw---- root:root)" in device.problem
    assert "become" in device.problem


def test_collects_this_host() -> None:
    host = client.collect("flags")
    assert host.architecture == os.uname().machine
    assert host.cpuinfo


@pytest.mark.parametrize(
    ("architecture", "probe", "asked"),
    [
        ("x86_64", "flags", False),
        ("x86_64", "device", True),
        ("x86_64", "guest", True),
        ("aarch64", "flags", True),
        ("ppc64le", "flags", True),
        ("s390x", "flags", True),
    ],
)
def test_flags_that_tell_leave_the_device_alone(architecture: str, probe: str, asked: bool) -> None:
    with (
        mock.patch.object(platform, "machine", return_value=architecture),
        mock.patch.object(client, "inspect_device", return_value=KvmDevice(True, 12)) as inspect,
    ):
        assert client.collect(probe).device == KvmDevice(True, 12)
    inspect.assert_called_once_with("/dev/kvm", ask=asked)
