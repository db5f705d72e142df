# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection knows of the options of every release, on the control node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "_option_catalogues"

Name = tuple[str, str]


@cache
def shipped_catalogues(service: str) -> ShippedCatalogues:
    """The knowledge about a service."""
    return ShippedCatalogues(json.loads((_FOLDER / f"{service}.json").read_text(encoding="utf-8")))


class ShippedCatalogues:
    """All releases of one service."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.versions: Mapping[str, str] = data["versions"]
        self._order = list(self.versions)
        self._options = data["options"]
        self._auth = data["auth"]

    def catalogue(self, series: str) -> dict[str, Any] | None:
        """The plain option catalogue of a release; None for one that is not known."""
        if series not in self.versions:
            return None
        return {
            "version": self.versions[series],
            "groups": self._at(series, self._options),
            "auth": self._at(series, self._auth),
            "problems": [],
        }

    def history(self, series: str) -> dict[str, dict[str, list[str]]]:
        """What became of options that this release does not know.

        ``removed``: "section/option" to [last major version that read it, its present name or "", the reason].
        ``newer``: "section/option" to [first major version that reads it, its name in this release or ""].
        """
        if series not in self.versions:
            return {"removed": {}, "newer": {}}
        at = self._order.index(series)
        known, aliases = self._names(at)
        removed: dict[str, list[str]] = {}
        newer: dict[str, list[str]] = {}
        for index in range(at):
            options, renamed = self._names(index)
            for name, data in options.items():
                if name not in known and name not in aliases:
                    removed[_key(name)] = [self._major(index), "", (data.get("removal") or ["", ""])[1]]
            for name, present in renamed.items():
                if name not in known and name not in aliases:
                    removed[_key(name)] = [self._major(index), _key(present), ""]
        for entry in removed.values():
            entry[1] = self._followed(entry[1], removed, known, aliases)
        for index in range(at + 1, len(self._order)):
            options, _renamed = self._names(index)
            for name, data in options.items():
                if name not in known and name not in aliases:
                    former = [(old[0], old[1]) for old in data.get("old", ())]
                    read = [_key(old) for old in former if old in known]
                    # A name that came by several renames: its former one is in turn a newer one here.
                    read += [newer[_key(old)][1] for old in former if _key(old) in newer]
                    entry = newer.setdefault(_key(name), [self._major(index), ""])
                    entry[1] = entry[1] or next(filter(None, read), "")
        return {"removed": removed, "newer": newer}

    def _followed(
        self, name: str, removed: Mapping[str, list[str]], known: Any, aliases: Mapping[Name, Name]
    ) -> str:
        """The name that the release understands, through all renames since; "" where it ends nowhere."""
        seen = set()
        while name and name not in seen:
            seen.add(name)
            section, option = name.rsplit("/", 1)
            if (section, option) in known:
                return name
            if (section, option) in aliases:
                return _key(aliases[section, option])
            name = removed.get(name, ["", "", ""])[1]
        return ""

    def _names(self, index: int) -> tuple[dict[Name, Any], dict[Name, Name]]:
        options = {
            (section, option): data
            for section, option, first, last, data in self._options
            if self._order.index(first) <= index <= self._order.index(last)
        }
        renamed = {(old[0], old[1]): name for name, data in options.items() for old in data.get("old", ())}
        return options, renamed

    def _at(self, series: str, spans: list[Any]) -> dict[str, dict[str, Any]]:
        at = self._order.index(series)
        groups: dict[str, dict[str, Any]] = {}
        for group, option, first, last, data in spans:
            if self._order.index(first) <= at <= self._order.index(last):
                groups.setdefault(group, {})[option] = data
        return groups

    def _major(self, index: int) -> str:
        return self.versions[self._order[index]].split(".", 1)[0]


def _key(name: Name) -> str:
    return "/".join(name)
