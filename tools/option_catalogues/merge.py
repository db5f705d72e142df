# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All releases of a service in one file: every option once, with the releases in which it was like that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from releases import RELEASES


def write(service: str, work: Path, folder: Path) -> None:
    """Merge what was read of a service: a line is an option and the span in which it did not change."""
    read = {}
    for release in RELEASES:
        source = work / f"{release.name}-{service}.json"
        if source.exists():
            read[release.name] = json.loads(source.read_text(encoding="utf-8"))
    versions = {name: catalogue["version"] for name, catalogue in read.items()}
    options = _spans({name: catalogue["groups"] for name, catalogue in read.items()})
    auth = _spans({name: catalogue["auth"] for name, catalogue in read.items()})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{service}.json").write_text(
        f'{{"versions": {json.dumps(versions)},\n"options": [\n'
        + ",\n".join(_line(span) for span in options)
        + '\n],\n"auth": [\n'
        + ",\n".join(_line(span) for span in auth)
        + "\n]}\n",
        encoding="utf-8",
    )


def _spans(read: dict[str, dict[str, dict[str, Any]]]) -> Iterator[list[Any]]:
    """[section, option, first release, last release, description], sorted."""
    names = list(read)
    keys = sorted(
        {(group, option) for groups in read.values() for group in groups for option in groups[group]}
    )
    for group, option in keys:
        span: list[Any] | None = None
        for name in names:
            data = read[name].get(group, {}).get(option)
            if span and data != span[4]:
                yield span
                span = None
            if data is not None:
                span = [group, option, span[2] if span else name, name, data]
        if span:
            yield span


def _line(span: list[Any]) -> str:
    return json.dumps(span, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
