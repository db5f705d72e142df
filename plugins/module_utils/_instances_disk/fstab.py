# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of /etc/fstab with one line of ours, for the place that it is about."""

from __future__ import annotations

_PLACE = 1


def with_line(text: str, path: str, line: str) -> str:
    """The text with this line instead of those for the path, where the first of them stands, or at the end."""
    lines = text.splitlines()
    places = [number for number, present in enumerate(lines) if _is_for(present, path)]
    position = places[0] if places else len(lines)
    kept = [present for number, present in enumerate(lines) if number not in places]
    return "".join(f"{one}\n" for one in [*kept[:position], line, *kept[position:]])


def _is_for(line: str, path: str) -> bool:
    words = line.split()
    return not line.lstrip().startswith("#") and len(words) > _PLACE and words[_PLACE].rstrip("/") == path
