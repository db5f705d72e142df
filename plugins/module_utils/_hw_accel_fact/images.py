# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the throwaway guests run: machine code with its assembly language beside it.

Each counts down from 2**28, writes ``LINE`` to its serial port and switches itself off. A test disassembles the
bytes, and compares what they are with what stands beside them.
"""

from __future__ import annotations

LINE = "guest lives"

MESSAGE = LINE.encode() + b"\n\0"

X86_ORIGIN = 0x7C00
"""Where the firmware loads a boot sector."""

# From real mode straight into 64-bit mode, as a kernel does.
X86_REAL_MODE = """
    ea 05 7c 00 00           ljmpw $0x0:$0x7c05
    fa                       cli
    31 c0                    xorw %ax, %ax
    8e d8                    movw %ax, %ds
    8e c0                    movw %ax, %es
    8e d0                    movw %ax, %ss
    bf 00 10                 movw $0x1000, %di         ; three empty page tables
    b9 00 18                 movw $0x1800, %cx
    fc                       cld
    f3 ab                    rep stosw %ax, %es:(%di)
    c7 06 00 10 03 20        movw $0x2003, 0x1000      ; level 4 -> level 3
    c7 06 00 20 03 30        movw $0x3003, 0x2000      ; level 3 -> level 2
    c7 06 00 30 83 00        movw $0x83, 0x3000        ; level 2: one page of 2 MiB
    66 b8 20 00 00 00        movl $0x20, %eax          ; CR4.PAE
    0f 22 e0                 movl %eax, %cr4
    66 b8 00 10 00 00        movl $0x1000, %eax
    0f 22 d8                 movl %eax, %cr3
    66 b9 80 00 00 c0        movl $0xc0000080, %ecx    ; EFER.LME
    0f 32                    rdmsr
    0d 00 01                 orw $0x100, %ax
    0f 30                    wrmsr
    66 0f 01 16 9d 7c        lgdtl 0x7c9d              ; X86_DESCRIPTORS, from their third line on
    0f 20 c0                 movl %cr0, %eax           ; CR0.PG and CR0.PE
    66 0d 01 00 00 80        orl $0x80000001, %eax
    0f 22 c0                 movl %eax, %cr0
    ea 5f 7c 08 00           ljmpw $0x8:$0x7c5f
"""

X86_LONG_MODE = """
    48 8d 35 1a 00 00 00     leaq 0x1a(%rip), %rsi     ; the message
    b9 00 00 00 10           movl $0x10000000, %ecx
    ff c9                    decl %ecx
    75 fc                    jne 0x7c6b
    66 ba f8 03              movw $0x3f8, %dx          ; the first serial port
    ac                       lodsb (%rsi), %al
    84 c0                    testb %al, %al
    74 03                    je 0x7c7b
    ee                       outb %al, %dx
    eb f8                    jmp 0x7c73
    b0 00                    movb $0, %al
    e6 f4                    outb %al, $0xf4           ; the device that ends qemu
    f4                       hlt
"""

X86_DESCRIPTORS = """
    00 00 00 00 00 00 00 00                            ; none
    00 00 00 00 00 9a 20 00                            ; 64-bit code
    0f 00 8d 7c 00 00                                  ; the size and the place of the table
"""

# Qemu's board "virt" has its serial port at 0x9000000, and PSCI's SYSTEM_OFF is a hypervisor call.
ARM64_CODE = """
    01 20 a1 d2              mov x1, #0x9000000
    03 00 a2 52              mov w3, #0x10000000
    63 04 00 71              subs w3, w3, #1
    e1 ff ff 54              b.ne #8
    22 01 00 10              adr x2, #0x34             ; the message
    40 14 40 38              ldrb w0, [x2], #1
    60 00 00 34              cbz w0, #0x24
    20 00 00 39              strb w0, [x1]
    fd ff ff 17              b #0x14
    00 01 80 52              mov w0, #8
    00 80 b0 72              movk w0, #0x8400, lsl #16
    02 00 00 d4              hvc #0
    00 00 00 14              b #0x30
"""

_BYTES = slice(4, 29)


def machine_code(listing: str) -> bytes:
    """The bytes of a listing."""
    return b"".join(bytes.fromhex(line[_BYTES]) for line in listing.strip("\n").split("\n"))


def x86_image() -> bytes:
    """A boot sector for x86_64."""
    code = machine_code(X86_REAL_MODE) + machine_code(X86_LONG_MODE)
    return (code + MESSAGE + machine_code(X86_DESCRIPTORS)).ljust(510, b"\0") + b"\x55\xaa"


def arm64_image() -> bytes:
    """A raw kernel image for arm64."""
    return machine_code(ARM64_CODE) + MESSAGE
