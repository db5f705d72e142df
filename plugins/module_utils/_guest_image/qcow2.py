# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's disk format, written here because a controller need not have qemu-img. Pure; QEMU's docs/interop/qcow2.rst."""

from __future__ import annotations

import struct

_BITS = 16
_CLUSTER = 1 << _BITS
# One cluster each, in this order: header, the table of reference counts, the counts, and the two tables of the data.
_HEADER, _COUNT_TABLE, _COUNTS, _FIRST_TABLE, _SECOND_TABLE, _DATA = range(6)
_ENTRY = 8
_COPIED = 1 << 63
# What one second table leads to.
LARGEST = _CLUSTER // _ENTRY * _CLUSTER


def qcow2(raw: bytes) -> bytes:
    """The disk (of at most LARGEST bytes) in version 3 of the format; what is all zeros takes no place."""
    if len(raw) > LARGEST or len(raw) % 512:
        raise ValueError(f"{len(raw)} bytes are no disk that one table leads to")
    data: list[bytes] = []
    places: list[int] = []
    for start in range(0, len(raw), _CLUSTER):
        cluster = raw[start : start + _CLUSTER]
        if any(cluster):
            places.append((_DATA + len(data)) * _CLUSTER | _COPIED)
            data.append(cluster)
        else:
            places.append(0)
    parts = (
        _header(len(raw)),
        _numbers("Q", [_COUNTS * _CLUSTER]),
        _numbers("H", [1] * (_DATA + len(data))),
        _numbers("Q", [_SECOND_TABLE * _CLUSTER | _COPIED]),
        _numbers("Q", places),
        *data,
    )
    return b"".join(part.ljust(_CLUSTER, b"\0") for part in parts)


def _header(size: int) -> bytes:
    no_backing_file, no_encryption, no_snapshots, no_features = (0, 0), 0, (0, 0), (0, 0, 0)
    length, sixteen_bits_a_count = 104, 4
    return struct.pack(
        ">4sIQIIQIIQQIIQQQQII",
        b"QFI\xfb",
        3,
        *no_backing_file,
        _BITS,
        size,
        no_encryption,
        1,
        _FIRST_TABLE * _CLUSTER,
        _COUNT_TABLE * _CLUSTER,
        1,
        *no_snapshots,
        *no_features,
        sixteen_bits_a_count,
        length,
    )


def _numbers(kind: str, numbers: list[int]) -> bytes:
    return struct.pack(f">{len(numbers)}{kind}", *numbers)
