# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host of an account: a name, an address, a pattern of LIKE, or a network with its mask."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress


def matches(pattern: str, client: str) -> bool:
    """Whether an account for this host lets in a client of this name or address."""
    if "/" in pattern:
        with suppress(ValueError):
            return ipaddress.ip_address(client) in ipaddress.ip_network(pattern, strict=False)
        return False
    words = {"%": ".*", "_": "."}
    expression = "".join(words.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, client, re.IGNORECASE | re.DOTALL) is not None
