# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys of Ed25519 (RFC 8032), which two plugins of MariaDB use for passwords.

The library that takes secrets of any length, PyNaCl, is not on a database host; the tests hold this against it.
"""

from __future__ import annotations

import hashlib

# X, Y, Z and T of a point, where x = X/Z, y = Y/Z and xy = T/Z.
_Point = tuple[int, int, int, int]

_PRIME = 2**255 - 19
_D = -121665 * pow(121666, _PRIME - 2, _PRIME) % _PRIME
_BASE_X = 0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A
_BASE_Y = 4 * pow(5, _PRIME - 2, _PRIME) % _PRIME
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _PRIME)


def public_key(secret: bytes) -> bytes:
    """The 32 bytes that belong to a secret: 32 bytes in the RFC, of any length in MariaDB."""
    digest = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    point, power = (0, 1, 1, 0), _BASE
    while scalar:
        if scalar & 1:
            point = _sum(point, power)
        power = _sum(power, power)
        scalar >>= 1
    inverse = pow(point[2], _PRIME - 2, _PRIME)
    x, y = point[0] * inverse % _PRIME, point[1] * inverse % _PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _sum(left: _Point, right: _Point) -> _Point:
    """The group's law, which holds for any two points of this curve, equal ones too."""
    a = (left[1] - left[0]) * (right[1] - right[0])
    b = (left[1] + left[0]) * (right[1] + right[0])
    c = 2 * _D * left[3] * right[3]
    d = 2 * left[2] * right[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME
