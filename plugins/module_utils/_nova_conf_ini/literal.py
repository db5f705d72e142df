# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values encoded for a file so that oslo.config reads back exactly them, and the way back."""

from __future__ import annotations

import re

_TEMPLATE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[_a-z][._a-z0-9]*)|\{(?P<braced>[_a-z][._a-z0-9]*)\}|(?P<invalid>))",
    re.IGNORECASE,
)


def encode(value: str) -> str:
    """The text for a file that oslo.config reads as ``value``. Raises ValueError where there is none."""
    if "\n" in value or "\r" in value:
        raise ValueError("a value with a line break in it cannot be written")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a value that is not valid Unicode cannot be written") from None
    text = value.replace("$", "\\$")
    if text != text.strip() or (text and text[0] == text[-1] and text[0] in "\"'"):
        return f'"{text}"'
    return text


def decode(text: str) -> str | None:
    """What oslo.config makes of a value's text; None when it depends on other options."""
    if references(text):
        return None
    return _TEMPLATE.sub(lambda m: "$" if m["escaped"] else m[0], text.replace("\\$", "$$"))


def references(text: str) -> list[str]:
    """The options (``name`` or ``group.name``) that oslo.config puts into a value."""
    found = (match["named"] or match["braced"] for match in _TEMPLATE.finditer(text.replace("\\$", "$$")))
    return [name for name in found if name]
