# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the options that are asked for into one file, and checks what has become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .._engine.errors import CollectionError
from .._engine.files import Attributes
from .._shared.services import series
from .catalogue import Option, looks_secret
from .check import Configuration, Finding, is_allowed
from .history import History
from .ini import Assignment, IniError, IniFile, normalized
from .literal import decode
from .parameters import Desired, DesiredFile
from .rendering import masked, without_secrets
from .state import State
from .texts import comparable, texts
from .transfer import NotHandedOverError

_NO_HISTORY = History()


@dataclass(frozen=True)
class EditedFile:
    """What becomes of one file.

    ``before`` and ``after`` are its text as people may see it, "" where no option changes.
    """

    path: str
    text: str
    mode: int
    attributes: Attributes
    options_changed: tuple[str, ...]
    commands: tuple[str, ...]
    before: str = ""
    after: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The file as the result has it."""
        return {
            "path": self.path,
            "options_changed": list(self.options_changed),
            "changed": bool(self.commands),
        }


class RequestedOption(NamedTuple):
    """One option that is asked for; ``raw`` to be written verbatim."""

    section: str
    name: str
    value: Any
    raw: bool


class Editor:
    """Edits one file of a task.

    ``files`` are all files of the task and those that are read with them, by path; the editors of a task share them,
    so that each sees what the others have changed.
    """

    def __init__(
        self, desired: Desired, file: DesiredFile, current: State, files: Mapping[str, IniFile]
    ) -> None:
        self.path = file.path
        self.warnings: list[str] = []
        self._desired = desired
        self._desired_file = file
        self._stored = current.files.get(file.path)
        self._handover = current.handover
        self._catalogue = current.catalogue
        self._file = files[file.path]
        others = [(path, files[path]) for path in file.other_files]
        self._configuration = (
            Configuration(current.catalogue, self._file, others) if current.catalogue else None
        )
        self._unwritable: list[Finding] = []
        self._changes: dict[tuple[str, str], str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._verbatim: set[tuple[str, str]] = set()

    def secrets(self) -> Iterator[str]:
        """Every secret that the request or, before any edit, the file holds."""
        for request in self._requests:
            if self._is_secret(request.section, request.name):
                values = request.value if isinstance(request.value, list) else [request.value]
                yield from (str(value) for value in values if value not in (None, ""))
        yield from self._secrets_in_file()

    def set_deciding_options(self) -> None:
        """Set the options that decide which other sections and options there are."""
        for request in self._requests:
            if request.name in self._deciding:
                self._carry_out(request)

    def set_other_options(self) -> None:
        """Set the rest, and take out what must not stay beside it."""
        for request in self._requests:
            if request.name not in self._deciding:
                self._carry_out(request)
        self._remove_unnamed()

    def findings(self) -> list[Finding]:
        """What forbids to write the file as it has become; ``warnings`` then has the rest.

        To be called when all files of the task are edited.
        """
        checked: list[Finding] = []
        rest: list[Finding] = []
        if self._configuration and self._desired.validate != "off":
            asked: list[Assignment] = []
            others: list[Assignment] = []
            for line in self._file.assignments():
                (asked if (line.section, line.key) in self._asked else others).append(line)
            checked = self._checked(self._configuration, asked)
            rest = self._checked(self._configuration, others)
        if self._desired.validate == "strict":
            refused = [finding for finding in (*self._unwritable, *checked) if finding.fatal]
        else:
            refused = self._unwritable
        self.warnings += [f"{finding.message.rstrip('.')}." for finding in checked]
        self.warnings += [f"{finding.message.rstrip('.')} (not set by this task)." for finding in rest]
        return refused

    def edited(self) -> EditedFile:
        """What becomes of the file."""
        order = [(normalized(request.section), request.name) for request in self._requests]
        changes = sorted(
            self._changes, key=lambda place: order.index(place) if place in order else len(order)
        )
        attributes = self._desired_file.attributes
        mode = attributes.final_mode(self._stored, any(self._secrets_in_file()))
        before, after = self._without_secrets() if changes else ("", "")
        return EditedFile(
            path=self.path,
            text=self._file.render(),
            mode=mode,
            attributes=attributes,
            options_changed=tuple("/".join(place) for place in changes),
            commands=(
                *(f"{self._changes[place]} in {self.path}" for place in changes),
                *attributes.commands(self.path, self._stored, mode),
            ),
            before=before,
            after=after,
        )

    def _checked(self, configuration: Configuration, lines: Sequence[Assignment]) -> list[Finding]:
        found = configuration.check(lines, self._desired.allow_unknown, self._history)
        return [finding for finding in found if not self._is_part_of_password(finding)]

    def _is_part_of_password(self, finding: Finding) -> bool:
        """Whether what looks like a comment belongs to a password, which may have any characters."""
        place = finding.section, finding.option
        return finding.kind == "comment" and place not in self._verbatim and self._is_secret(*place)

    @cached_property
    def _requests(self) -> list[RequestedOption]:
        """Every option that is asked for, in the order of the task."""
        return [
            RequestedOption(section, name, value, raw)
            for raw, options in (
                (False, self._desired_file.options),
                (True, self._desired_file.raw_options),
            )
            for section, values in options.items()
            for name, value in values.items()
        ]

    @cached_property
    def _deciding(self) -> set[str]:
        named = self._catalogue.named if self._catalogue else ()
        return {"auth_type", "auth_section", *(name for _section, name, _always, _model in named)}

    def _secrets_in_file(self) -> Iterator[str]:
        for line in self._file.assignments():
            if self._is_secret(line.section or "", line.key):
                yield from {line.text, line.written, decode(line.text) or line.text} - {""}

    def _is_secret(self, section: str, name: str) -> bool:
        """Whether an option's value is secret."""
        option = self._option(section, name)
        return option.secret if option else looks_secret(name)

    def _option(self, section: str, name: str) -> Option | None:
        return self._configuration.option(section, name) if self._configuration else None

    def _history(self) -> History:
        if self._handover.history is not None:
            return self._handover.history
        name = series(self._desired.service, self._catalogue.version) if self._catalogue else ""
        if self._handover.may_ask and name:
            raise NotHandedOverError(self._desired.service, name)
        return _NO_HISTORY

    def _carry_out(self, request: RequestedOption) -> None:
        section, name = normalized(request.section), request.name
        option = self._option(section, name)
        # Nothing is written for an option that is taken out, so nobody need know what other releases call it: the
        # history is on the control node, and to ask for it is to run once more.
        asks_history = request.value is not None and self._configuration is not None
        if option is None and asks_history and self._is_checked(section, name):
            former = self._history().former_name(section, name)
            option = self._option(*former) if former else None
        if option and (option.section, option.name) != (section, name):
            self._warn_of_rename(option, section, name)
        place = (option.section, option.name) if option else (section, name)
        former_names = [old for old in (option.old if option else ()) if old != place]
        if request.value is None:
            self._remove(section, name)
            self._remove(*place)
        else:
            self._set(place, option, request)
        # A former name would be read where the present one is not set, and together with it in a list.
        for old in former_names:
            self._remove(*old)

    def _set(self, place: tuple[str, str], option: Option | None, request: RequestedOption) -> None:
        self._asked.add(place)
        if request.raw:
            self._verbatim.add(place)
        try:
            written = texts(place, option, request.value, request.raw)
        except ValueError as error:
            self._unwritable.append(Finding("unwritable", *place, f"[{place[0]}] {place[1]} {error}"))
            return
        if self._is_read_as(place, option, written, request.raw):
            return
        lines = self._file.find(*place)
        if option and not option.multi:
            self._file.assign_last(*place, written[0])
        else:
            # A line that already means the same stays as it is written.
            known = {repr(comparable(option, line.written)): line.written for line in lines}
            kept = written if request.raw else [known.get(repr(comparable(option, t)), t) for t in written]
            self._file.assign(*place, kept)
        secret = self._is_secret(*place)
        values = ", ".join(masked(text) if secret else text for text in written)
        self._changes[place] = f"set [{place[0]}] {place[1]} = {values}" if written else _removal(place)

    def _is_read_as(
        self, place: tuple[str, str], option: Option | None, written: Sequence[str], raw: bool
    ) -> bool:
        lines = [line.written for line in self._file.find(*place)]
        if option and not option.multi:
            lines = lines[-1:]
        if raw:
            return lines == list(written)
        return [comparable(option, line) for line in lines] == [comparable(option, text) for text in written]

    def _remove(self, section: str, name: str) -> None:
        if self._file.find(section, name):
            self._file.remove(section, name)
            self._changes.setdefault((section, name), _removal((section, name)))

    def _remove_unnamed(self) -> None:
        """Take out what exclusive sections hold beside what is asked for."""
        asked = {(normalized(request.section), request.name) for request in self._requests} | self._asked
        for section in map(normalized, self._desired_file.exclusive_sections):
            for place in self._file.names():
                if place[0] == section and place not in asked:
                    self._remove(*place)

    def _warn_of_rename(self, option: Option, section: str, name: str) -> None:
        present = f"[{option.section}] {option.name}"
        if (section, name) in option.old:
            self.warnings.append(
                f"[{section}] {name} is the former name of {present}; {present} was written."
            )
        else:
            self.warnings.append(
                f"{self._catalogue} reads [{section}] {name} as {present}; {present} was written."
            )

    def _is_checked(self, section: str, name: str) -> bool:
        return self._desired.validate != "off" and not is_allowed(section, name, self._desired.allow_unknown)

    def _without_secrets(self) -> tuple[str, str]:
        former = parsed(self.path, self._stored.text if self._stored else "")
        return (
            without_secrets(former, self._is_secret),
            without_secrets(self._file, self._is_secret, former),
        )


def parsed(path: str, text: str) -> IniFile:
    """A file's text, read as oslo.config reads it. Raises a CollectionError where that would refuse it."""
    try:
        return IniFile.parse(text)
    except IniError as error:
        raise CollectionError(
            "read",
            "configuration",
            path,
            str(error),
            "Correct that line first",
            code="unreadable",
            line=error.line,
        ) from error


def _removal(place: tuple[str, str]) -> str:
    return f"remove [{place[0]}] {place[1]}"
