# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that one release of a service understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .ini import normalized

_PLAIN: Mapping[str, Any] = {"is": "string"}
_SECRET_NAME = re.compile(r"passw(or)?d|secret|^connection$|^slave_connection$|transport_url|admin_token")


def looks_secret(name: str) -> bool:
    """Whether an option of which nothing else is known holds a secret, by its name."""
    return bool(_SECRET_NAME.search(name))


@dataclass(frozen=True)
class Option:
    """One option under its present name; ``old`` are the (section, name) pairs it had before."""

    section: str
    name: str
    kind: Mapping[str, Any] = field(default_factory=lambda: _PLAIN)
    multi: bool = False
    secret: bool = False
    old: tuple[tuple[str, str], ...] = ()
    removal: tuple[str, str] | None = None
    """Deprecated for removal: since which version, and why."""

    @classmethod
    def load(cls, section: str, name: str, data: Mapping[str, Any]) -> Option:
        """The option from its plain description."""
        removal = data.get("removal")
        return cls(
            section,
            name,
            data.get("type", _PLAIN),
            data.get("multi", False),
            data.get("secret", False) or looks_secret(name),
            tuple((old[0], old[1]) for old in data.get("old", ())),
            (removal[0], removal[1]) if removal else None,
        )


class Schema:
    """All options of a release of a service."""

    def __init__(
        self, service: str, data: Mapping[str, Any], dynamic: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.service = service
        self.version: str = data["version"]
        self.problems: list[tuple[str, str]] = [(p[0], p[1]) for p in data.get("problems", ())]
        self._groups: Mapping[str, Mapping[str, Any]] = data["groups"]
        self._auth: Mapping[str, Mapping[str, Any]] = data.get("auth", {})
        self._dynamic = dynamic
        self._aliases: dict[tuple[str, str], tuple[str, str]] | None = None

    def __str__(self) -> str:
        return f"{self.service} {self.version.split('.', 1)[0]}"

    @property
    def sections(self) -> list[str]:
        """Every section that the release declares."""
        return list(self._groups)

    def has_section(self, section: str) -> bool:
        """Whether the section exists: declared, dynamic, or only as the former place of options."""
        name = normalized(section)
        return (
            name in self._groups
            or bool(self._dynamic_group(name))
            or any(s == name for s, _n in self.aliases)
        )

    def names(self, section: str, auth_type: str = "") -> Iterable[str]:
        """The options of a section."""
        own = {**self._groups.get(section, {}), **(self._dynamic_group(section) or {})}
        return [*own, *(self._auth.get(auth_type, ()) if self.takes_auth_options(section) else ())]

    def find(self, section: str, name: str, auth_type: str = "") -> Option | None:
        """The option that a file's line sets, under whichever of its names; None for an unknown one.

        ``auth_type`` is the keystoneauth plugin that the section chose ("" for none).
        """
        place = normalized(section)
        for declared in (self._groups.get(place, {}), self._dynamic_group(place) or {}):
            if name in declared:
                return Option.load(place, name, declared[name])
        alias = self.aliases.get((place, name))
        if alias:
            return Option.load(*alias, self._groups[alias[0]][alias[1]])
        return self.auth_option(place, name, auth_type) if self.takes_auth_options(place) else None

    def auth_option(self, section: str, name: str, auth_type: str) -> Option | None:
        """The option of a keystoneauth plugin."""
        place = normalized(section)
        for present, data in self._auth.get(auth_type, {}).items():
            if name == present or name in [old[1] for old in data.get("old", ())]:
                old = [[place, former[1]] for former in data.get("old", ())]
                return Option.load(place, present, {**data, "old": old})
        return None

    def takes_auth_options(self, section: str) -> bool:
        """Whether the section chooses a keystoneauth plugin with its ``auth_type``."""
        return "auth_type" in self._groups.get(normalized(section), {})

    def is_auth_option(self, name: str) -> list[str]:
        """The plugins (values of ``auth_type``) that have an option of this name."""
        return [plugin for plugin, options in self._auth.items() if name in options]

    @property
    def auth_plugins(self) -> list[str]:
        """The values that ``auth_type`` may have; empty where they are not known."""
        return list(self._auth)

    @property
    def aliases(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """Former (section, name) to present (section, name)."""
        if self._aliases is None:
            self._aliases = {
                (old[0], old[1]): (section, name)
                for section, name, data in self._all()
                for old in data.get("old", ())
            }
        return self._aliases

    def places(self, name: str) -> list[str]:
        """The sections that have an option of this name."""
        return [section for section, options in self._groups.items() if name in options]

    def _all(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for section, options in self._groups.items():
            for name, data in options.items():
                yield section, name, data

    def _dynamic_group(self, section: str) -> Mapping[str, Any] | None:
        for glob, options in self._dynamic.items():
            if fnmatchcase(section, glob):
                return options
        return None
