# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at this host: /proc, /sys and the KVM device."""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import platform
import pwd
import stat
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from .._engine.errors import CollectionError
from .guest import boot_guest
from .state import GuestTrial, KvmDevice, State

_KVM = "/dev/kvm"
_KVM_NUMBER = (10, 232)
_KVM_GET_API_VERSION = 0xAE00
_KVM_CREATE_VM = 0xAE01
_NESTED = ("kvm_intel", "kvm_amd", "kvm_hv", "kvm")


class Processor(Protocol):
    """A processor that may run guests, and what this host has of it."""

    def collect(self, probe: str) -> State:
        """What it shows."""

    def boot(self, architecture: str, timeout: float) -> GuestTrial:
        """What becomes of a throwaway guest within ``timeout`` seconds."""


class LocalProcessor:
    """This host."""

    def collect(self, probe: str) -> State:
        """See ``Processor``."""
        return collect(probe)

    def boot(self, architecture: str, timeout: float) -> GuestTrial:
        """See ``Processor``."""
        return boot_guest(architecture, timeout)


def collect(probe: str) -> State:
    """What this host shows; the device is not opened where ``probe`` is "flags" and the processor has such."""
    host = State(architecture=platform.machine(), cpuinfo=_cpuinfo(), nested=read_nested(Path("/sys/module")))
    return replace(host, device=inspect_device(_KVM, ask=probe != "flags" or not host.is_x86))


def inspect_device(path: str, *, ask: bool, number: tuple[int, int] = _KVM_NUMBER) -> KvmDevice:
    """Look at the KVM device, and with ``ask`` open it, ask its version and create an empty machine."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return KvmDevice()
    except OSError as error:
        return KvmDevice(problem=f"{path} cannot be looked at: {error.strerror}")
    shared = bool(status.st_mode & (stat.S_IRGRP | stat.S_IROTH))
    if not stat.S_ISCHR(status.st_mode) or (os.major(status.st_rdev), os.minor(status.st_rdev)) != number:
        return KvmDevice(
            True, problem=f"{path} is not the character device {number[0]}:{number[1]}", shared=shared
        )
    if not ask:
        return KvmDevice(True, shared=shared)
    try:
        kvm = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        refused = error.errno in (errno.EACCES, errno.EPERM)
        cause = _refusal(path, status) if refused else f"{path} does not open: {error.strerror}"
        return KvmDevice(True, problem=cause, permission=refused, shared=shared)
    try:
        version = fcntl.ioctl(kvm, _KVM_GET_API_VERSION, 0)
    except OSError as error:
        os.close(kvm)
        return KvmDevice(
            True, problem=f"{path} does not return its API version: {error.strerror}", shared=shared
        )
    try:
        os.close(fcntl.ioctl(kvm, _KVM_CREATE_VM, 0))
    except OSError as error:
        return KvmDevice(True, version, _no_machine(path, error), shared=shared)
    finally:
        os.close(kvm)
    return KvmDevice(True, version, shared=shared)


def read_nested(modules: Path) -> bool | None:
    """Whether guests may themselves run guests: the loaded KVM module's parameter, None where it has none."""
    for module in _NESTED:
        try:
            return (modules / module / "parameters" / "nested").read_text().strip() in ("1", "Y", "y")
        except OSError:
            continue
    return None


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CollectionError(
            "read", "file", "/proc/cpuinfo", str(error.strerror), "Mount /proc and run again"
        ) from error


def _refusal(path: str, status: os.stat_result) -> str:
    user = pwd.getpwuid(os.geteuid()).pw_name
    mode = stat.filemode(status.st_mode)
    return (
        f"{path} may not be opened by user {user} ({mode} {_owner(status)}): "
        "run the task as root (become), or add the user to the device's group"
    )


def _owner(status: os.stat_result) -> str:
    try:
        return f"{pwd.getpwuid(status.st_uid).pw_name}:{grp.getgrgid(status.st_gid).gr_name}"
    except KeyError:
        return f"{status.st_uid}:{status.st_gid}"


def _no_machine(path: str, error: OSError) -> str:
    if error.errno == errno.EBUSY:
        return f"{path} creates no virtual machine: another hypervisor holds the processor"
    return f"{path} creates no virtual machine: {error.strerror}"
