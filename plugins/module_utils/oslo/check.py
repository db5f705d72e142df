# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what is wrong with a file's options, all of it at once, and says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from .ini import Assignment, IniFile, normalized
from .literal import meant, references
from .schema import Option, Schema
from .values import RefusedError, parse

COMMENT_MARKS = (" #", "\t#", " ;", "\t;", " //", "\t//")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (``fatal``) or doubtful with an option, told as a sentence without its dot."""

    kind: str
    section: str
    option: str
    message: str
    fatal: bool = True

    def as_dict(self) -> dict[str, str]:
        """The finding as a machine reads it in the result of a failed task."""
        return {"kind": self.kind, "section": self.section, "option": self.option, "message": self.message}


class Configuration:
    """What the service will read: the file, with the rest of its set of files behind it."""

    def __init__(self, schema: Schema, file: IniFile, others: Sequence[IniFile] = ()) -> None:
        self.schema = schema
        self.file = file
        self._files = (file, *others)
        self._auth_sections = {
            a.text for f in self._files for a in f.assignments() if a.key == "auth_section"
        }

    def value(self, section: str, name: str) -> str:
        """The text of a single-valued option as the service reads it; "" when it is not set."""
        for file in self._files:
            found = file.find(section, name)
            if found:
                return found[-1].text
        return ""

    def option(self, section: str, name: str) -> Option | None:
        """The option that a line of this configuration sets; None for an unknown one."""
        if normalized(section) in self._auth_sections:
            if name == "auth_type":
                return Option(normalized(section), name)
            found = self.schema.auth_option(section, name, self.value(section, "auth_type"))
            if found:
                return found
        return self.schema.find(section, name, self.value(section, "auth_type"))

    def has_section(self, section: str) -> bool:
        """Whether the service reads anything from the section."""
        return self.schema.has_section(section) or normalized(section) in self._auth_sections

    def check(self, assignments: Iterable[Assignment], allowed: Sequence[str]) -> list[Finding]:
        """The findings about these lines, in their order; a section that does not exist is told once."""
        findings: list[Finding] = []
        lost: dict[str, list[str]] = {}
        for line in assignments:
            section = line.section or ""
            if is_allowed(section, line.key, allowed):
                continue
            if not self.has_section(section):
                lost.setdefault(section, []).append(line.key)
                continue
            option = self.option(section, line.key)
            if option is None:
                findings.append(self._unknown(section, line))
            else:
                findings.extend(self._known(option, line))
        return [*(self._lost_section(*item) for item in lost.items()), *findings]

    def _lost_section(self, section: str, names: list[str]) -> Finding:
        names = list(dict.fromkeys(names))
        if section.strip() == section.lower() == "default":
            hint = "it must be spelled [DEFAULT]"
        else:
            wanted = sorted(
                self.schema.sections, key=lambda place: -len({*names} & {*self.schema.names(place)})
            )
            close = get_close_matches(section.strip(), wanted, n=1, cutoff=0.75)
            having = [place for place in wanted if names[0] in self.schema.names(place)]
            hint = _guess([f"[{place}]" for place in (close or having[:2])])
        lines = "all of its options are ignored: " + ", ".join(names)
        return Finding(
            "section",
            section,
            "",
            f"[{section}] is not a section of {self.schema}; {hint}{lines}"
            if not hint
            else f"[{section}] is not a section of {self.schema}; {hint} ({', '.join(names)})",
        )

    def _unknown(self, section: str, line: Assignment) -> Finding:
        name = line.key
        where = f"[{section}] {name}"
        auth_type = self.value(section, "auth_type")
        if self.schema.takes_auth_options(section) and self.schema.is_auth_option(name):
            plugins = self.schema.is_auth_option(name)
            if not auth_type:
                return Finding(
                    "auth",
                    section,
                    name,
                    f"{where} has no effect without auth_type; set auth_type = "
                    + ("password" if "password" in plugins else plugins[0]),
                )
            return Finding(
                "auth",
                section,
                name,
                f"{where} is not an option of auth_type {auth_type}; it belongs to " + ", ".join(plugins[:4]),
            )
        underscored = name.replace("-", "_")
        if underscored != name and self.option(section, underscored):
            return Finding(
                "option", section, name, f"{where} is not read; in a file it must be spelled {underscored}"
            )
        close = get_close_matches(name, list(self.schema.names(section, auth_type)), n=2, cutoff=0.75)
        places = self.schema.places(name)
        message = f"{where} is not an option of {self.schema}"
        if close and get_close_matches(name, close, n=1, cutoff=0.9):
            return Finding("option", section, name, f"{message}; {_guess(close)}")
        if places:
            return Finding(
                "place",
                section,
                name,
                f"{message}; it belongs into " + " or ".join(f"[{place}]" for place in places[:3]),
            )
        return Finding("option", section, name, f"{message}; {_guess(close)}" if close else message)

    def _known(self, option: Option, line: Assignment) -> Iterable[Finding]:
        section, name = line.section or "", line.key
        where = f"[{section}] {name}"
        if (option.section, option.name) != (section, name):
            yield Finding(
                "renamed",
                section,
                name,
                f"{where} is the former name of [{option.section}] {option.name}",
                fatal=False,
            )
        if option.removal:
            since, reason = option.removal
            yield Finding(
                "removal",
                section,
                name,
                f"{where} will be removed from {self.schema.service}"
                + (f" (deprecated since {since})" if since else "")
                + (f": {reason}" if reason else ""),
                fatal=False,
            )
        missing = [r for r in references(line.text) if not self._refers(section, r)]
        for reference in missing:
            yield Finding(
                "reference", section, name, f"{where} refers to ${reference}, which is not an option"
            )
        value = meant(line.text)
        if value is None:
            return
        try:
            parse(option.kind, value)
        except RefusedError as error:
            shown = "" if option.secret else f", not {value!r}"
            tail = ""
            if any(mark in value for mark in COMMENT_MARKS):
                tail = "; oslo.config has no comments behind values, so all of it is the value"
            yield Finding("value", section, name, f"{where} {error}{shown}{tail}")
            return
        if any(mark in value for mark in COMMENT_MARKS):
            yield Finding(
                "comment",
                section,
                name,
                f"{where} has what looks like a comment behind its value; "
                "to oslo.config it is part of the value",
                fatal=False,
            )

    def _refers(self, section: str, reference: str) -> bool:
        group, dot, name = reference.partition(".")
        if dot:
            return self.option(group, name) is not None
        return any(self.option(place, reference) is not None for place in (section, "DEFAULT"))


def is_allowed(section: str, name: str, allowed: Sequence[str]) -> bool:
    """Whether ``allow_unknown`` (globs of ``section`` or ``section/option``) exempts an option."""
    return any(fnmatchcase(f"{section}/{name}" if "/" in glob else section, glob) for glob in allowed)


def _guess(names: Sequence[str]) -> str:
    return f"did you mean {' or '.join(names)}?" if names else ""
