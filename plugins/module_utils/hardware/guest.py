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

from ..engine.errors import CollectionError
from ..engine.process import run_command
from .facts import Guest

LINE = "guest lives"

_MESSAGE = LINE.encode() + b"\n\0"

# A boot sector, loaded at 0x7c00: from real mode straight into 64-bit mode, as a kernel does.
_X86_SETUP = """
    ea 05 7c 00 00           ljmp $0x0, $0x7c05
    fa                       cli
    31 c0                    xor %ax, %ax
    8e d8                    mov %ax, %ds
    8e c0                    mov %ax, %es
    8e d0                    mov %ax, %ss
    bf 00 10                 mov $0x1000, %di          three empty page tables
    b9 00 18                 mov $0x1800, %cx
    fc                       cld
    f3 ab                    rep stos %ax, %es:(%di)
    c7 06 00 10 03 20        movw $0x2003, 0x1000      level 4 -> level 3
    c7 06 00 20 03 30        movw $0x3003, 0x2000      level 3 -> level 2
    c7 06 00 30 83 00        movw $0x0083, 0x3000      level 2: one page of 2 MiB
    66 b8 20 00 00 00        mov $0x20, %eax           CR4.PAE
    0f 22 e0                 mov %eax, %cr4
    66 b8 00 10 00 00        mov $0x1000, %eax
    0f 22 d8                 mov %eax, %cr3
    66 b9 80 00 00 c0        mov $0xc0000080, %ecx     EFER.LME
    0f 32                    rdmsr
    0d 00 01                 or $0x100, %ax
    0f 30                    wrmsr
    66 0f 01 16 9d 7c        lgdtl 0x7c9d
    0f 20 c0                 mov %cr0, %eax            CR0.PG and CR0.PE
    66 0d 01 00 00 80        or $0x80000001, %eax
    0f 22 c0                 mov %eax, %cr0
    ea 5f 7c 08 00           ljmp $0x8, $0x7c5f
    48 8d 35 1a 00 00 00     lea 0x7c80, %rsi          the message
    b9 00 00 00 10           mov $0x10000000, %ecx
    ff c9                    dec %ecx
    75 fc                    jne 0x7c6b
    66 ba f8 03              mov $0x3f8, %dx           the first serial port
    ac                       lods %ds:(%rsi), %al
    84 c0                    test %al, %al
    74 03                    je 0x7c7b
    ee                       out %al, (%dx)
    eb f8                    jmp 0x7c73
    b0 00                    mov $0x0, %al
    e6 f4                    out %al, $0xf4            the device that ends qemu
    f4                       hlt
"""
_X86_TABLE = """
    00 00 00 00 00 00 00 00  the descriptor table: nothing,
    00 00 00 00 00 9a 20 00  64-bit code
    0f 00 8d 7c 00 00        its size and place
"""

# A raw image for qemu's board "virt": the serial port at 0x9000000, PSCI SYSTEM_OFF by hypervisor call.
_ARM64_CODE = """
    01 20 a1 d2              mov x1, #0x9000000
    03 00 a2 52              mov w3, #0x10000000
    63 04 00 71              subs w3, w3, #1
    e1 ff ff 54              b.ne -4
    22 01 00 10              adr x2, +36               the message
    40 14 40 38              ldrb w0, [x2], #1
    60 00 00 34              cbz w0, +12
    20 00 00 39              strb w0, [x1]
    fd ff ff 17              b -12
    00 01 80 52              mov w0, #0x8
    00 80 b0 72              movk w0, #0x8400, lsl #16
    02 00 00 d4              hvc #0
    00 00 00 14              b .
"""


def _assembled(listing: str) -> bytes:
    return b"".join(bytes.fromhex(line[:28]) for line in listing.strip("\n").split("\n"))


def x86_image() -> bytes:
    """The boot sector for x86_64."""
    return (_assembled(_X86_SETUP) + _MESSAGE + _assembled(_X86_TABLE)).ljust(510, b"\0") + b"\x55\xaa"


def arm64_image() -> bytes:
    """The raw kernel image for arm64."""
    return _assembled(_ARM64_CODE) + _MESSAGE


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
    architecture: str, timeout: float, *, accelerator: str = "kvm", cpu: str = "host", predicts: bool = False
) -> Guest:
    """Boot the guest and wait at most ``timeout`` seconds for its line.

    Raises CollectionError where qemu is not installed, except when the module only ``predicts`` (check mode).
    """
    machine = MACHINES.get(architecture)
    if machine is None:
        return Guest(False, f"there is no throwaway guest for {architecture}", boots=False)
    program = _program(machine)
    if program is None:
        if predicts:
            return Guest(False, f"{machine.programs[0]} is not installed yet", boots=False)
        raise CollectionError(
            "boot",
            "throwaway guest of",
            architecture,
            f"{machine.programs[0]} is not installed",
            f"Install {machine.package}, or set probe to device",
            code="missing_program",
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


def _run(argv: Sequence[str], timeout: float) -> Guest:
    try:
        output = run_command(argv, timeout=timeout)
    except CollectionError as error:
        if error.code != "timeout":
            raise
        return Guest(False, f"it was still silent after {timeout:g} seconds")
    if LINE in output.stdout:
        return Guest(True)
    complaints = [line for line in output.stderr.splitlines() if line.strip() and "warning:" not in line]
    said = complaints[0].strip() if complaints else f"it ended with status {output.code} and said nothing"
    return Guest(False, said)
