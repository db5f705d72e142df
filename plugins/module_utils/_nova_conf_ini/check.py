# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds all that is wrong with a file's options, and says what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from .catalogue import Option, OptionCatalogue
from .history import History
from .ini import Assignment, IniFile, normalized
from .literal import decode, references
from .values import RefusedError, parse

_COMMENT_MARKS = (" #", "\t#", " ;", "\t;", " //", "\t//")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (``fatal``) or doubtful with an option, as a sentence without its full stop."""

    kind: str
    section: str
    option: str
    message: str
    fatal: bool = True

    def as_dict(self) -> dict[str, str]:
        """The finding as a machine reads it in the result of a failed task."""
        return {"kind": self.kind, "section": self.section, "option": self.option, "message": self.message}


class Configuration:
    """What a service will read: one file, and the others of its set."""

    def __init__(
        self, catalogue: OptionCatalogue, file: IniFile, others: Sequence[tuple[str, IniFile]] = ()
    ) -> None:
        self.catalogue = catalogue
        self._files = (file, *(other for _path, other in others))
        self._others = others

    def value(self, section: str, name: str) -> str:
        """The text of a single-valued option as the service reads it; "" when it is not set."""
        for file in self._files:
            found = file.find(section, name)
            if found:
                return found[-1].text
        return ""

    def option(self, section: str, name: str) -> Option | None:
        """The option that a line of this configuration sets; None for an unknown one."""
        place = normalized(section)
        known = self.catalogue.find(place, name)
        if known is not None:
            return known
        model = self._model(place)
        if model:
            return self.catalogue.option_like(model, place, name)
        lent = self._lends_auth_options(place)
        if lent and name == "auth_type":
            return Option(place, name)
        if lent or self.catalogue.takes_auth_options(place):
            return self.catalogue.auth_option(place, name, self.value(place, "auth_type"))
        return None

    def names(self, section: str) -> list[str]:
        """Every option that the service reads from a section."""
        place = normalized(section)
        names = self.catalogue.names(self._model(place) or place)
        if self._lends_auth_options(place) or self.catalogue.takes_auth_options(place):
            names += self.catalogue.auth_names(self.value(place, "auth_type"))
        return names

    def has_section(self, section: str) -> bool:
        """Whether the service reads anything from the section."""
        place = normalized(section)
        return (
            self.catalogue.has_section(place) or bool(self._model(place)) or self._lends_auth_options(place)
        )

    def check(
        self, lines: Iterable[Assignment], allowed: Sequence[str], history: Callable[[], History]
    ) -> list[Finding]:
        """The findings about these lines; ``history`` is asked only when an option is not known."""
        findings: list[Finding] = []
        unknown_sections: dict[str, list[Assignment]] = {}
        seen: set[tuple[str, str]] = set()
        for line in lines:
            section = line.section or ""
            if is_allowed(section, line.key, allowed):
                continue
            option = self.option(section, line.key)
            if option is not None:
                findings.extend(self._known_option(option, line))
                if (section, line.key) not in seen and not option.multi:
                    findings.extend(self._elsewhere(option, line))
            elif (section, line.key) in seen:
                continue
            elif self.has_section(section) or history().knows_section(section):
                findings.append(self._unknown_option(section, line.key, history))
            else:
                unknown_sections.setdefault(section, []).append(line)
            seen.add((section, line.key))
        return [*(self._unknown_section(*item) for item in unknown_sections.items()), *findings]

    def _model(self, section: str) -> str:
        """The section whose options this one has; "" for one with options of its own."""
        for place, name, always, model in self.catalogue.named:
            if fnmatchcase(section, always):
                return model
            pairs = self.value(place, name).split(",") if name else ()
            if section in [pair.partition(":")[0].strip().lower() for pair in pairs]:
                return model
        return ""

    def _lends_auth_options(self, section: str) -> bool:
        """Whether another section's auth_section sends keystoneauth to this one."""
        return any(
            key == "auth_section" and file.find(place, key)[-1].text == section
            for file in self._files
            for place, key in file.names()
        )

    def _unknown_section(self, section: str, lines: Sequence[Assignment]) -> Finding:
        """A section that the service never looks into, one finding for all of its options."""
        names = list(dict.fromkeys(line.key for line in lines))
        message = f"[{section}] is not a section of {self.catalogue} (in it: {', '.join(names)})"
        if section.strip().lower() == "default":
            return Finding("section", section, "", f"{message}; it must be spelled [DEFAULT]")
        # Of names that are equally close, the section that has the options comes first.
        places = sorted(self.catalogue.sections, key=lambda place: -len({*names} & {*self.names(place)}))
        close = get_close_matches(section.strip(), places, n=1, cutoff=0.75)
        if not close:
            close = [place for place in places if {*names} <= {*self.names(place)}][:2]
        return Finding("section", section, "", message + _guess([f"[{place}]" for place in close]))

    def _unknown_option(self, section: str, name: str, history: Callable[[], History]) -> Finding:
        where = f"[{section}] {name}"

        def finding(kind: str, message: str) -> Finding:
            return Finding(kind, section, name, f"{where} {message}")

        plugins = self.catalogue.plugins_with(name) if self.catalogue.takes_auth_options(section) else []
        if plugins and not self.value(section, "auth_type"):
            proposed = "password" if "password" in plugins else plugins[0]
            return finding("auth", f"has no effect without auth_type in its section (such as {proposed})")
        underscored = name.replace("-", "_")
        if underscored != name and self.option(section, underscored):
            return finding("option", f"is not read from a file; there it must be spelled {underscored}")
        message = f"is not an option of {self.catalogue}"
        removed = history().removed(section, name)
        if removed:
            since = f"{message} ({self.catalogue.service} {removed.last} was the last to read it)"
            if removed.present:
                return finding("gone", f"{since}; it is [{removed.present[0]}] {removed.present[1]} now")
            return finding("gone", since + (f": {removed.reason}" if removed.reason else ""))
        first = history().first(section, name)
        if first:
            return finding("newer", f"{message}; {self.catalogue.service} {first} is the first that reads it")
        close = get_close_matches(name, self.names(section), n=2, cutoff=0.75)
        if close and get_close_matches(name, close, n=1, cutoff=0.9):
            return finding("option", message + _guess(close))
        places = [place for place in self.catalogue.sections if name in self.catalogue.names(place)]
        if places:
            return finding("place", f"{message}; it belongs into {_either([f'[{p}]' for p in places[:3]])}")
        if plugins:
            chosen = self.value(section, "auth_type")
            return finding("auth", f"is not an option of auth_type {chosen}; {_either(plugins[:3])} has it")
        return finding("option", message + _guess(close))

    def _known_option(self, option: Option, line: Assignment) -> Iterator[Finding]:
        section, name = line.section or "", line.key
        where = f"[{section}] {name}"

        def doubt(kind: str, message: str) -> Finding:
            return Finding(kind, section, name, f"{where} {message}", fatal=False)

        if (option.section, option.name) != (section, name):
            yield doubt("renamed", f"is the former name of [{option.section}] {option.name}")
        if option.removal:
            since, reason = option.removal
            message = f"is deprecated{f' since {since}' if since else ''} and will be removed"
            yield doubt("removal", message + (f": {reason}" if reason else ""))
        for reference in references(line.text):
            if not self._refers(section, reference):
                yield Finding(
                    "reference", section, name, f"{where} refers to ${reference}, which is not an option"
                )
        value = decode(line.text)
        if value is None:
            return
        commented = any(mark in value for mark in _COMMENT_MARKS)
        remark = "; there are no comments behind values, so all of it is the value" if commented else ""
        try:
            parse(option.kind, value)
            self._accept(option, value)
        except RefusedError as error:
            found = "" if option.secret else f", not {value!r}"
            yield Finding("value", section, name, f"{where} {error}{found}{remark}")
            return
        if commented:
            yield doubt("comment", f"has what looks like a comment behind its value{remark}")

    def _accept(self, option: Option, value: str) -> None:
        known = self.catalogue.auth_plugins
        if option.name == "auth_type" and known and value not in known:
            raise RefusedError(f"must be one of {', '.join(known)}")

    def _elsewhere(self, option: Option, line: Assignment) -> Iterator[Finding]:
        """What else sets a single-valued option, so that this line may not count."""
        section, name = line.section or "", line.key
        (file,) = (one for one in self._files if any(found is line for found in one.find(section, name)))
        count = len(file.find(section, name))
        if count > 1:
            message = f"[{section}] {name} is set {count} times; the last of them counts"
            yield Finding("repeated", section, name, message, fatal=False)
        text = file.find(section, name)[-1].text
        for path, other in self._others:
            names = [(option.section, option.name), *option.old]
            if any(found.text != text for place in names for found in other.find(*place)[-1:]):
                message = f"[{section}] {name} has another value in {path}; the file that is read last counts"
                yield Finding("overridden", section, name, message, fatal=False)

    def _refers(self, section: str, reference: str) -> bool:
        group, dot, name = reference.partition(".")
        if dot:
            return self.option(group, name) is not None
        return any(self.option(place, reference) is not None for place in (section, "DEFAULT"))


def is_allowed(section: str, name: str, allowed: Sequence[str]) -> bool:
    """Whether ``allow_unknown`` (globs of ``section`` or ``section/option``) exempts an option."""
    return any(fnmatchcase(f"{section}/{name}" if "/" in glob else section, glob) for glob in allowed)


def _guess(names: Sequence[str]) -> str:
    return f"; did you mean {_either(names)}?" if names else ""


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
