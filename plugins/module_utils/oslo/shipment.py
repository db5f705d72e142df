# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a release on their way from the control node to a host."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def packed(data: Any) -> str:
    """Plain data as a short text."""
    return base64.b64encode(zlib.compress(json.dumps(data).encode(), 9)).decode("ascii")


def unpacked(text: str) -> Any:
    """The data again."""
    return json.loads(zlib.decompress(base64.b64decode(text)))
