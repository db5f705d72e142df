# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that one release of a service understands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from .ini import normalized

Name = tuple[str, str]

_PLAIN: Mapping[str, Any] = {"is": "string"}
# keystoneauth's adapters take these as well, though nova does not declare them.
_ADAPTER_OPTIONS: Mapping[str, Any] = {"version": {}, "min_version": {}, "max_version": {}}
_SECRET_NAME = re.compile(r"passw(or)?d|secret|transport_url|admin_token|^(slave_)?connection$")


def looks_secret(name: str) -> bool:
    """Whether an option of which nothing else is known holds a secret, by its name."""
    return bool(_SECRET_NAME.search(name))


@dataclass(frozen=True)
class Option:
    """One option under its present name; ``old`` are the (section, name) pairs it had before.

    ``removal`` is set for an option that is deprecated: since which version, and why.
    """

    section: str
    name: str
    kind: Mapping[str, Any] = field(default_factory=lambda: _PLAIN)
    multi: bool = False
    secret: bool = False
    old: tuple[Name, ...] = ()
    removal: Name | None = None

    @classmethod
    def load(cls, section: str, name: str, data: Mapping[str, Any]) -> Option:
        """The option from its plain description."""
        kind = data.get("type", _PLAIN)
        text = kind["is"] in ("string", "uri", "any")
        removal = data.get("removal")
        return cls(
            section,
            name,
            kind,
            data.get("multi", False),
            data.get("secret", False) or (text and looks_secret(name)),
            tuple((old[0], old[1]) for old in data.get("old", ())),
            (removal[0], removal[1]) if removal else None,
        )


class OptionCatalogue:
    """All options of a release of a service.

    ``data`` is what ``harvest`` reads; ``dynamic`` and ``named`` are sections that operators name, as
    ``services.Service`` describes them.
    """

    def __init__(
        self,
        service: str,
        data: Mapping[str, Any],
        dynamic: Mapping[str, Mapping[str, Any]],
        named: Sequence[tuple[str, str, str, str]] = (),
    ) -> None:
        self.service = service
        self.named = named
        self.version: str = data["version"]
        self.problems: Mapping[str, str] = {problem[0]: problem[1] for problem in data.get("problems", ())}
        self._groups: Mapping[str, Mapping[str, Any]] = data["groups"]
        self._auth: Mapping[str, Mapping[str, Any]] = data.get("auth", {})
        self._dynamic = dynamic
        self._aliases = {
            (old[0], old[1]): (section, name)
            for section, options in self._groups.items()
            for name, option in options.items()
            for old in option.get("old", ())
        }
        self._former_sections = {section for section, _name in self._aliases}

    def __str__(self) -> str:
        return f"{self.service} {self.version.split('.', 1)[0]}"

    @property
    def sections(self) -> list[str]:
        """Every section that the release declares."""
        return list(self._groups)

    @property
    def auth_plugins(self) -> list[str]:
        """The values that ``auth_type`` may have; empty where they are not known."""
        return list(self._auth)

    def has_section(self, section: str) -> bool:
        """Whether the section exists: declared, dynamic, or only as the former place of options."""
        place = normalized(section)
        return (
            place in self._groups or bool(self._undeclared_options(place)) or place in self._former_sections
        )

    def names(self, section: str) -> list[str]:
        """The options that a section declares."""
        place = normalized(section)
        return [*self._groups.get(place, ()), *self._undeclared_options(place)]

    def find(self, section: str, name: str) -> Option | None:
        """The declared option that a line sets, under whichever of its names; None for another one."""
        place = normalized(section)
        for declared in (self._groups.get(place, {}), self._undeclared_options(place)):
            if name in declared:
                return Option.load(place, name, declared[name])
        present = self._aliases.get((place, name))
        return Option.load(*present, self._groups[present[0]][present[1]]) if present else None

    def option_like(self, model: str, section: str, name: str) -> Option | None:
        """The option of a section that has the options of the section ``model``."""
        option = self.find(model, name)
        return replace(option, section=normalized(section), old=()) if option else None

    def takes_auth_options(self, section: str) -> bool:
        """Whether the section chooses a keystoneauth plugin with its ``auth_type``."""
        return "auth_type" in self._groups.get(normalized(section), {})

    def auth_names(self, plugin: str) -> list[str]:
        """The options of a keystoneauth plugin."""
        return list(self._auth.get(plugin, ()))

    def auth_option(self, section: str, name: str, plugin: str) -> Option | None:
        """The option of a keystoneauth plugin, as its section has it."""
        for present, data in self._auth.get(plugin, {}).items():
            former = [old[1] for old in data.get("old", ())]
            if name == present or name in former:
                return Option.load(section, present, {**data, "old": [[section, old] for old in former]})
        return None

    def plugins_with(self, name: str) -> list[str]:
        """The keystoneauth plugins that have an option of this name."""
        return [plugin for plugin, options in self._auth.items() if name in options]

    def _undeclared_options(self, section: str) -> Mapping[str, Any]:
        """The options of a section that are declared nowhere."""
        if "valid_interfaces" in self._groups.get(section, ()):
            return _ADAPTER_OPTIONS
        return next((o for glob, o in self._dynamic.items() if fnmatchcase(section, glob)), {})
