# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guest says on its console, compared with what the cloud gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .._engine.errors import CollectionError

PLACEHOLDERS = ("address", "host", "instance_id", "mtu", "name")
_LAST_LINES = 15


def expected(lines: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    """The lines with their placeholders (PLACEHOLDERS, in braces) filled in."""
    return {part: _filled(line, facts) for part, line in lines.items()}


def found(line: str, log: str) -> str | None:
    """The line of the log that holds ``line``, as a whole word: 10.0.0.1 is not in "address=10.0.0.12"."""
    pattern = re.compile(rf"(?<![\w.:-]){re.escape(line)}(?![\w:-]|\.\d)")
    return next((text.strip() for text in log.splitlines() if pattern.search(text)), None)


def complaint(marker: str, log: str) -> str | None:
    """The first line of the log in which the guest itself says that something failed."""
    return next((text.strip() for text in log.splitlines() if marker and marker in text), None)


def last_lines(log: str) -> tuple[str, ...]:
    """The end of a log, for a person."""
    printable = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e\n]", "", log)
    return tuple(line.rstrip() for line in printable.splitlines() if line.strip())[-_LAST_LINES:]


def _filled(line: str, facts: Mapping[str, str]) -> str:
    try:
        return line.format_map(facts)
    except (KeyError, ValueError, IndexError) as error:
        raise CollectionError(
            "expect",
            "console line",
            line,
            f"{error} is no placeholder",
            f"Use {', '.join('{' + name + '}' for name in facts)}, and write other braces twice",
        ) from error
