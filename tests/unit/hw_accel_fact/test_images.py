# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine code of the throwaway guests is what stands beside it, and finds its data."""

from __future__ import annotations

from collections.abc import Iterator

import capstone
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact import images

X86 = capstone.CS_ARCH_X86
LONG_MODE_ORIGIN = images.X86_ORIGIN + len(images.machine_code(images.X86_REAL_MODE))


def lines(listing: str) -> Iterator[tuple[str, str]]:
    """Bytes and assembly language of each line of a listing."""
    for line in listing.strip("\n").split("\n"):
        yield line[4:28].strip(), line[29:].partition(";")[0].strip()


@pytest.mark.parametrize(
    ("listing", "architecture", "mode", "origin"),
    [
        (images.X86_REAL_MODE, X86, capstone.CS_MODE_16, images.X86_ORIGIN),
        (images.X86_LONG_MODE, X86, capstone.CS_MODE_64, LONG_MODE_ORIGIN),
        (images.ARM64_CODE, capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM, 0),
    ],
    ids=["x86 real mode", "x86 long mode", "arm64"],
)
def test_a_disassembler_reads_what_is_written(
    listing: str, architecture: int, mode: int, origin: int
) -> None:
    disassembler = capstone.Cs(architecture, mode)
    if architecture == X86:
        disassembler.syntax = capstone.CS_OPT_SYNTAX_ATT
    instructions = disassembler.disasm(images.machine_code(listing), origin)
    read = [(each.bytes.hex(" "), f"{each.mnemonic} {each.op_str}".strip()) for each in instructions]
    assert read == list(lines(listing))


def test_the_boot_sector_is_one() -> None:
    image = images.x86_image()
    assert (len(image), image[-2:]) == (512, b"\x55\xaa")


def test_the_code_finds_its_data() -> None:
    # The addresses are written into the code: 0x7c5f, 0x7c80 and 0x7c9d of a sector at 0x7c00; 0x34 on arm64.
    assert LONG_MODE_ORIGIN == 0x7C5F
    assert images.x86_image()[0x80:].startswith(b"guest lives\n\0")
    assert images.x86_image()[0x9D:].startswith(b"\x0f\x00\x8d\x7c\x00\x00")
    assert images.arm64_image()[0x34:] == b"guest lives\n\0"
