# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to write so that each has its lines: a pure decision over their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..engine.plan import Plan, Step


@dataclass(frozen=True)
class Line:
    """The only line of a file that matches ``regexp`` (searched in it); without a match it is the last one."""

    path: str
    regexp: re.Pattern[str]
    line: str


def plan_lines(lines: Sequence[Line], texts: Mapping[str, str]) -> Plan:
    """What leads from the present ``texts`` (by path, missing where there is no file) to the lines."""
    after = {
        path: _with(texts.get(path, ""), lines, path) for path in dict.fromkeys(each.path for each in lines)
    }
    changed = {path: text for path, text in after.items() if text != texts.get(path)}
    return Plan(
        steps=tuple(
            Step(f"write {path}", "write", {"path": path, "text": text}) for path, text in changed.items()
        ),
        before=_shown({path: texts[path] for path in changed if path in texts}),
        after=_shown(changed),
        result={"paths_changed": list(changed)},
    )


def _with(text: str, lines: Iterable[Line], path: str) -> str:
    found = text.removesuffix("\n").split("\n") if text else []
    for wanted in lines:
        if wanted.path == path:
            matching = [index for index, line in enumerate(found) if wanted.regexp.search(line)]
            # Where a setting stands twice, programs go by the last one.
            place = matching[-1] if matching else len(found)
            found[place : place + 1] = [wanted.line]
            for index in reversed(matching[:-1]):
                del found[index]
    return "".join(f"{line}\n" for line in found)


def _shown(texts: Mapping[str, str]) -> str:
    return "\n".join(f"# {path}\n{text}" for path, text in texts.items())
