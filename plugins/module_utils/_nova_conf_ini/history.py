# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became, in other releases, of options that a release does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .ini import normalized


@dataclass(frozen=True)
class RemovedOption:
    """An option of earlier releases: the last major version that read it, its present name, the reason."""

    last: str
    present: tuple[str, str] | None
    reason: str


@dataclass(frozen=True)
class History:
    """``removed`` and ``newer`` as ``plugin_utils._shipped_catalogues`` has them, by "section/option"."""

    _removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _newer: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def removed(self, section: str, name: str) -> RemovedOption | None:
        """What became of an option that only earlier releases read."""
        found = self._removed.get(f"{normalized(section)}/{name}")
        if found is None:
            return None
        return RemovedOption(found[0], _split(found[1]), found[2])

    def first(self, section: str, name: str) -> str:
        """The first major version that reads an option; "" for one that none reads."""
        return self._newer.get(f"{normalized(section)}/{name}", ("", ""))[0]

    def former_name(self, section: str, name: str) -> tuple[str, str] | None:
        """This release's name of an option that a later one calls like this."""
        return _split(self._newer.get(f"{normalized(section)}/{name}", ("", ""))[1])

    def knows_section(self, section: str) -> bool:
        """Whether another release has the section."""
        prefix = f"{normalized(section)}/"
        return any(key.startswith(prefix) for known in (self._removed, self._newer) for key in known)


def _split(name: str) -> tuple[str, str] | None:
    section, _slash, option = name.rpartition("/")
    return (section, option) if section else None
