# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options that are asked for to the file from which oslo.config reads exactly them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ..engine.errors import CollectionError, UnreachableError
from ..engine.files import KEEP, Attributes, FileStore, StoredFile
from ..engine.plan import Plan, Step
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .check import Configuration, Finding, is_allowed
from .history import History
from .ini import Assignment, IniError, IniFile, normalized
from .literal import meant
from .schema import Option, Schema, looks_secret
from .services import SERVICES, find_series, series
from .shown import masked, shown
from .wanted import comparable, texts

Options = Mapping[str, Mapping[str, Any]]

_NO_HISTORY = History()


@dataclass(frozen=True)
class Desired:
    """What a task asks for. ``release`` is "" for the installed one."""

    path: str
    options: Options = field(default_factory=dict)
    raw_options: Options = field(default_factory=dict)
    service: str = "nova"
    release: str = ""
    validate: str = "strict"
    allow_unknown: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()
    exclusive_sections: tuple[str, ...] = ()
    attributes: Attributes = KEEP
    backup: bool = False


@dataclass(frozen=True)
class Current:
    """The file as it is, the (path, text) of the other files of its set, and what the service understands."""

    file: StoredFile | None = None
    others: tuple[tuple[str, str], ...] = ()
    schema: Schema | None = None


@dataclass(frozen=True)
class FilePlan(Plan):
    """A plan that also has the whole new text, and the file's mode."""

    text: str = ""
    mode: int = 0o640


class WantedError(CollectionError):
    """The module needs to know about a release what only the control node has."""

    def __init__(self, service: str, name: str) -> None:
        super().__init__(
            "check",
            "options of",
            f"{service} ({name})",
            "what the collection knows of this release was not handed over",
            "Run the module through its action plugin",
            code="wanted",
            wanted={"service": service, "series": name},
        )


@dataclass(frozen=True)
class Knowledge:
    """What the control node handed over; ``may_ask`` when it would hand over more on request."""

    schema: Mapping[str, Any] | None = None
    history: History | None = None
    may_ask: bool = False


NO_KNOWLEDGE = Knowledge()


class SchemaSource(Protocol):
    """Where the schemas of installed services come from."""

    def version(self, service: str) -> str:
        """The installed version; "" for none."""

    def schema(self, service: str) -> Mapping[str, Any]:
        """The plain schema. Raises UnreachableError for a service that is not installed."""


class Request(NamedTuple):
    """One option that is asked for; ``raw`` to be written verbatim."""

    section: str
    name: str
    value: Any
    raw: bool


def plan(desired: Desired, current: Current, knowledge: Knowledge = NO_KNOWLEDGE) -> FilePlan:
    """The lines to change. Raises a CollectionError that tells everything that is wrong with the request."""
    return Editor(desired, current, knowledge).plan()


class Editor:
    """Carries one request into one file."""

    def __init__(self, desired: Desired, current: Current, knowledge: Knowledge) -> None:
        self._desired = desired
        self._stored = current.file
        self._knowledge = knowledge
        self._schema = current.schema
        self._before = current.file.text if current.file else ""
        self._file = _parsed(desired.path, self._before)
        others = [(path, _parsed(path, text)) for path, text in current.others]
        self._configuration = Configuration(current.schema, self._file, others) if current.schema else None
        self._findings: list[Finding] = []
        self._warnings: list[str] = []
        self._changes: dict[tuple[str, str], str] = {}
        self._asked: set[tuple[str, str]] = set()

    def plan(self) -> FilePlan:
        """The plan."""
        requests = list(self.requests())
        # First what decides which other sections and options there are.
        deciding = {"auth_type", "auth_section", *(name for _s, name, _a, _m in self._named())}
        for request in sorted(requests, key=lambda request: request.name not in deciding):
            self._carry_out(request)
        self._take_out_unnamed(requests)
        self._check()
        order = [(normalized(request.section), request.name) for request in requests]
        changes = sorted(
            self._changes, key=lambda place: order.index(place) if place in order else len(order)
        )
        path = self._desired.path
        steps = [Step(f"{self._changes[place]} in {path}") for place in changes]
        before, after = self._shown() if self._changes else ("", "")
        mode = self._desired.attributes.final_mode(self._stored, any(self._secrets_in(self._file)))
        steps += [Step(command) for command in self._desired.attributes.commands(path, self._stored, mode)]
        return FilePlan(
            steps=tuple(steps),
            before=before,
            after=after,
            result={
                "path": path,
                "options_changed": ["/".join(place) for place in changes],
                "release": self._release(),
            },
            warnings=tuple(dict.fromkeys(self._warnings)),
            text=self._file.render(),
            mode=mode,
        )

    def requests(self) -> Iterator[Request]:
        """Every option that is asked for, in the order of the task."""
        for raw, options in ((False, self._desired.options), (True, self._desired.raw_options)):
            for section, values in options.items():
                for name, value in values.items():
                    yield Request(section, name, value, raw)

    def secrets(self) -> Iterator[str]:
        """Every secret that the request or, before any edit, the file holds."""
        for request in self.requests():
            if self.is_secret(request.section, request.name):
                values = request.value if isinstance(request.value, list) else [request.value]
                yield from (str(value) for value in values if value not in (None, ""))
        yield from self._secrets_in(self._file)

    def _secrets_in(self, file: IniFile) -> Iterator[str]:
        for line in file.assignments():
            if self.is_secret(line.section or "", line.key):
                yield from {line.text, line.written, meant(line.text) or line.text} - {""}

    def is_secret(self, section: str, name: str) -> bool:
        """Whether an option's value must not be shown."""
        option = self._option(section, name)
        return option.secret if option else looks_secret(name)

    def _option(self, section: str, name: str) -> Option | None:
        return self._configuration.option(section, name) if self._configuration else None

    def _named(self) -> Sequence[tuple[str, str, str, str]]:
        return self._schema.named if self._schema else ()

    def _past(self) -> History:
        if self._knowledge.history is not None:
            return self._knowledge.history
        name = series(self._desired.service, self._schema.version) if self._schema else ""
        if self._knowledge.may_ask and name:
            raise WantedError(self._desired.service, name)
        return _NO_HISTORY

    def _carry_out(self, request: Request) -> None:
        section, name = normalized(request.section), request.name
        option = self._option(section, name)
        if option is None and self._configuration and self._is_checked(section, name):
            former = self._past().former_name(section, name)
            option = self._option(*former) if former else None
        if option and (option.section, option.name) != (section, name):
            self._tell_renamed(option, section, name)
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

    def _set(self, place: tuple[str, str], option: Option | None, request: Request) -> None:
        self._asked.add(place)
        try:
            written = texts(place, option, request.value, request.raw)
        except ValueError as error:
            self._findings.append(Finding("unwritable", *place, f"[{place[0]}] {place[1]} {error}"))
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
        secret = self.is_secret(*place)
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

    def _take_out_unnamed(self, requests: Sequence[Request]) -> None:
        named = {(normalized(request.section), request.name) for request in requests} | self._asked
        for section in map(normalized, self._desired.exclusive_sections):
            for place in self._file.names():
                if place[0] == section and place not in named:
                    self._remove(*place)

    def _check(self) -> None:
        unwritable = list(self._findings)
        rest: list[Finding] = []
        if self._configuration and self._desired.validate != "off":
            asked: list[Assignment] = []
            others: list[Assignment] = []
            for line in self._file.assignments():
                (asked if (line.section, line.key) in self._asked else others).append(line)
            allowed = self._desired.allow_unknown
            self._findings += self._configuration.check(asked, allowed, self._past)
            rest = self._configuration.check(others, allowed, self._past)
        fatal = [finding for finding in self._findings if finding.fatal]
        if fatal and (self._desired.validate == "strict" or unwritable):
            raise self._refusal(fatal if self._desired.validate == "strict" else unwritable)
        self._warnings += [f"{finding.message.rstrip('.')}." for finding in self._findings]
        self._warnings += [f"{finding.message.rstrip('.')} (not set by this task)." for finding in rest]
        if self._schema and self._desired.validate != "off":
            for namespace, problem in self._schema.problems.items():
                self._warnings.append(f"The options of {namespace} could not be read: {problem}.")

    def _refusal(self, findings: Sequence[Finding]) -> CollectionError:
        return CollectionError(
            "write",
            "configuration",
            self._desired.path,
            "; ".join(finding.message for finding in findings),
            "Correct the task; the file was left as it is",
            code="invalid_options",
            findings=[finding.as_dict() for finding in findings],
        )

    def _tell_renamed(self, option: Option, section: str, name: str) -> None:
        present = f"[{option.section}] {option.name}"
        if (section, name) in option.old:
            self._warnings.append(
                f"[{section}] {name} is the former name of {present}; {present} was written."
            )
        else:
            self._warnings.append(
                f"{self._schema} reads [{section}] {name} as {present}; {present} was written."
            )

    def _is_checked(self, section: str, name: str) -> bool:
        return self._desired.validate != "off" and not is_allowed(section, name, self._desired.allow_unknown)

    def _shown(self) -> tuple[str, str]:
        former = _parsed(self._desired.path, self._before)
        return shown(former, self.is_secret), shown(self._file, self.is_secret, former)

    def _release(self) -> str:
        if self._schema is None:
            return ""
        return series(self._desired.service, self._schema.version) or self._schema.version


class ConfFile(Operation):
    """One file of one service."""

    def __init__(
        self,
        desired: Desired,
        files: FileStore,
        schemas: SchemaSource,
        redactor: Redactor,
        knowledge: Knowledge,
    ) -> None:
        self._desired = desired
        self._files = files
        self._schemas = schemas
        self._redactor = redactor
        self._knowledge = knowledge

    def read(self) -> Current:
        """The files, and the options of the release."""
        return self._current(self._schema())

    def nothing(self) -> Current:
        """What is known without the service: its file may be there all the same."""
        return self._current(None)

    def plan(self, current: Current) -> FilePlan:
        """The changes; secrets are learnt first, so that no error tells them."""
        editor = Editor(self._desired, current, self._knowledge)
        for secret in editor.secrets():
            if "://" in secret:
                self._redactor.learn_urls(secret)
            else:
                self._redactor.learn(secret)
        return editor.plan()

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Replace the file at once."""
        assert isinstance(plan, FilePlan)
        attributes, backup = self._desired.attributes, self._desired.backup
        path = self._desired.path
        saved = self._files.write(path, plan.text, attributes, mode=plan.mode, backup=backup)
        return {"backup_file": saved} if saved else {}

    def _current(self, schema: Schema | None) -> Current:
        stored = ((path, self._files.read(path)) for path in self._desired.other_files)
        others = tuple((path, file.text) for path, file in stored if file)
        return Current(self._files.read(self._desired.path), others, schema)

    def _schema(self) -> Schema | None:
        desired = self._desired
        installed = self._schemas.version(desired.service)
        if desired.release:
            try:
                wanted = find_series(desired.service, desired.release)
            except ValueError as error:
                raise CollectionError(
                    "use",
                    "release",
                    desired.release,
                    str(error),
                    "Name a series, such as zed, or a major version",
                ) from error
            if not installed or series(desired.service, installed) != wanted:
                return self._shipped(wanted)
        elif desired.validate != "strict" and not installed:
            return None
        return self._load(self._schemas.schema(desired.service))

    def _shipped(self, name: str) -> Schema | None:
        if self._knowledge.schema is not None:
            return self._load(self._knowledge.schema)
        if self._knowledge.may_ask:
            raise WantedError(self._desired.service, name)
        if self._desired.validate != "strict":
            return None
        raise UnreachableError(
            "check",
            "options of",
            f"{self._desired.service} ({name})",
            "the collection does not know the options of this release",
            "Install the release and leave its name out, or do not validate",
        )

    def _load(self, data: Mapping[str, Any]) -> Schema:
        service = SERVICES[self._desired.service]
        return Schema(self._desired.service, data, service.dynamic, service.named)


def _parsed(path: str, text: str) -> IniFile:
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
