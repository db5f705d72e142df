# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throwaway guest of a few hundred bytes: the only full proof that KVM runs guests.

The guest counts down from 2**28 before it speaks. A processor does that in a tenth of a second; a KVM that
emulates every instruction, as some paravirtual hypervisors do behind an ordinary /dev/kvm, needs minutes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from .._engine.errors import CollectionError
from .._engine.process import run_command
from .images import LINE, arm64_image, x86_image
from .state import GuestTrial


@dataclass(frozen=True)
class Machine:
    """How an architecture's guest is started: the programs that can, the package, options and image."""

    programs: Sequence[str]
    package: str
    options: Sequence[str]
    image_option: str
    image: bytes


MACHINES = {
    "x86_64": Machine(
        ("qemu-system-x86_64", "/usr/libexec/qemu-kvm", "qemu-kvm"),
        "qemu-system-x86",
        ("-device", "isa-debug-exit,iobase=0xf4,iosize=1"),
        "-drive=if=ide,format=raw,file={}",
        x86_image(),
    ),
    "aarch64": Machine(
        ("qemu-system-aarch64", "/usr/libexec/qemu-kvm", "qemu-kvm"),
        "qemu-system-arm",
        ("-machine", "virt,gic-version=max"),
        "-kernel={}",
        arm64_image(),
    ),
}


def boot_guest(
    architecture: str, timeout: float, *, accelerator: str = "kvm", cpu: str = "host"
) -> GuestTrial:
    """Boot the guest, wait at most ``timeout`` seconds for its line, and end it."""
    machine = MACHINES.get(architecture)
    if machine is None:
        return GuestTrial(False, f"there is no throwaway guest for {architecture}", started=False)
    program = _program(machine)
    if program is None:
        missing = machine.programs[0]
        return GuestTrial(
            False,
            f"{missing} is not installed yet",
            started=False,
            missing_program=missing,
            missing_package=machine.package,
        )
    with tempfile.TemporaryDirectory(prefix="hw_accel-") as directory:
        image = os.path.join(directory, "guest.img")
        with open(image, "wb") as file:
            file.write(machine.image)
        option, value = machine.image_option.split("=", 1)
        return _run(
            [
                program,
                *("-accel", accelerator, "-cpu", cpu, "-m", "64", "-nodefaults", "-no-user-config"),
                *("-no-reboot", "-display", "none", "-serial", "stdio"),
                *machine.options,
                option,
                value.format(image),
            ],
            timeout,
        )


def _program(machine: Machine) -> str | None:
    return next((found for found in map(shutil.which, machine.programs) if found), None)


def _run(argv: Sequence[str], timeout: float) -> GuestTrial:
    try:
        output = run_command(argv, timeout=timeout)
    except CollectionError as error:
        if error.code != "timeout":
            raise
        return GuestTrial(False, f"it was still silent after {timeout:g} seconds")
    if LINE in output.stdout:
        return GuestTrial(True)
    complaints = [line for line in output.stderr.splitlines() if line.strip() and "warning:" not in line]
    said = complaints[0].strip() if complaints else f"it ended with status {output.code} and said nothing"
    return GuestTrial(False, said)
