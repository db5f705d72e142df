# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options that are asked for to the file that makes oslo.config read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.redact import MASK, Redactor
from ..engine.runner import Operation
from .check import Configuration, Finding
from .files import KEEP, Attributes, FileStore, StoredFile
from .ini import IniError, IniFile, normalized
from .literal import meant, written
from .schema import Option, Schema, looks_secret
from .services import SERVICES, find_series, series
from .values import RefusedError, parse

Options = Mapping[str, Mapping[str, Any]]


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
    """The file as it is, the other files of the set, and the options that the service knows."""

    file: StoredFile | None = None
    others: tuple[tuple[str, str], ...] = ()
    schema: Schema | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilePlan(Plan):
    """A plan that also has the whole new text."""

    text: str = ""


class SchemaSource(Protocol):
    """Where schemas come from; raises UnreachableError for a service that is not installed."""

    def version(self, service: str) -> str:
        """The installed version; "" for none."""

    def schema(self, service: str) -> Mapping[str, Any]:
        """The plain schema of the installed service."""


def plan(desired: Desired, current: Current) -> FilePlan:
    """The lines to change, or a CollectionError that holds everything that is wrong with the request."""
    return _Editor(desired, current).plan()


class _Editor:
    def __init__(self, desired: Desired, current: Current) -> None:
        self.desired = desired
        self.current = current
        self.schema = current.schema
        self.before = current.file.text if current.file else ""
        self.file = _parsed(desired.path, self.before)
        others = [_parsed(path, text) for path, text in current.others]
        self.others = others
        self.findings: list[Finding] = []
        self.warnings: list[str] = []
        self.steps: list[Step] = []
        self.changed: list[str] = []
        self.asked: set[tuple[str, str]] = set()

    def plan(self) -> FilePlan:
        # auth_type first: it decides which other options its section has.
        requests = sorted(self._requests(), key=lambda request: request[1] != "auth_type")
        order = {(normalized(s), k): i for i, (s, k, _v, _r) in enumerate(self._requests())}
        for section, key, value, raw in requests:
            self._one(section, key, value, raw)
        self.changed.sort(key=lambda name: order.get(tuple(name.split("/", 1)), len(order)))
        self._exclude()
        self._check()
        after = self.file.render()
        attributes = self._attributes()
        new = self.current.file is None
        if new and not self.steps:
            self.steps.append(Step(f"create {self.desired.path}"))
        return FilePlan(
            steps=(*self.steps, *attributes),
            before=_shown(_parsed(self.desired.path, self.before), self._is_secret),
            after=_shown(self.file, self._is_secret, _parsed(self.desired.path, self.before)),
            result={
                "path": self.desired.path,
                "options_changed": self.changed,
                "release": self._release(),
            },
            warnings=(*self.current.warnings, *self.warnings),
            text=after,
        )

    def secrets(self) -> Iterator[str]:
        """Every secret that the request or the file holds."""
        for section, key, value, _raw in self._requests():
            if self._is_secret(section, key):
                yield from (str(item) for item in (value if isinstance(value, list) else [value]) if item)
        for line in self.file.assignments():
            if self._is_secret(line.section or "", line.key):
                yield line.text
                yield meant(line.text) or line.text

    def _requests(self) -> Iterator[tuple[str, str, Any, bool]]:
        for raw, options in ((False, self.desired.options), (True, self.desired.raw_options)):
            for section, pairs in options.items():
                for key, value in (pairs or {}).items():
                    yield section, key, value, raw

    def _configuration(self) -> Configuration | None:
        return Configuration(self.schema, self.file, self.others) if self.schema else None

    def _option(self, section: str, key: str) -> Option | None:
        configuration = self._configuration()
        return configuration.option(section, key) if configuration else None

    def _is_secret(self, section: str, key: str) -> bool:
        option = self._option(section, key)
        return option.secret if option else looks_secret(key)

    def _one(self, section: str, key: str, value: Any, raw: bool) -> None:
        option = self._option(section, key)
        place, name = (option.section, option.name) if option else (section, key)
        if value is None:
            self._remove(section, key)
            for old in [(place, name), *(option.old if option else ())]:
                self._remove(*old)
            return
        self.asked.add((normalized(place), name))
        try:
            texts = _texts(option, value, raw)
            _writable(place, name)
        except ValueError as error:
            self.findings.append(Finding("value", place, name, f"[{place}] {name} {error}"))
            return
        if option and (place, name) != (normalized(section), key):
            self.warnings.append(
                f"[{section}] {key} is the former name of [{place}] {name}; written under the present name."
            )
        if not self._reads(option, place, name, texts, raw):
            existing = self.file.find(place, name)
            if len(texts) == 1 and option and not option.multi:
                self.file.assign_last(place, name, texts[0])
            elif texts:
                keep = {_comparable(option, block.written): block.written for block in existing}
                self.file.assign(place, name, [keep.get(_comparable(option, text), text) for text in texts])
            else:
                self.file.remove(place, name)
            shown = ", ".join(_masked(text) if self._is_secret(place, name) else text for text in texts)
            self._changed(
                place, name, f"set [{place}] {name} = {shown}" if texts else f"remove [{place}] {name}"
            )
        for old in option.old if option else ():
            self._remove(*old)

    def _reads(self, option: Option | None, section: str, name: str, texts: Sequence[str], raw: bool) -> bool:
        existing = [block.written for block in self.file.find(section, name)]
        if option and not option.multi:
            existing = existing[-1:]
        if raw:
            return existing == list(texts)
        return [_comparable(option, text) for text in existing] == [_comparable(option, t) for t in texts]

    def _remove(self, section: str, key: str) -> None:
        if self.file.find(section, key):
            self.file.remove(section, key)
            self._changed(normalized(section), key, f"remove [{normalized(section)}] {key}")

    def _changed(self, section: str, name: str, command: str) -> None:
        entry = f"{section}/{name}"
        if entry not in self.changed:
            self.changed.append(entry)
            self.steps.append(Step(f"{command} in {self.desired.path}"))

    def _exclude(self) -> None:
        named = {(normalized(s), k) for s, k, _v, _r in self._requests()} | self.asked
        for section in map(normalized, self.desired.exclusive_sections):
            for line in list(self.file.assignments()):
                if line.section == section and (section, line.key) not in named:
                    self._remove(section, line.key)

    def _check(self) -> None:
        configuration = self._configuration()
        if configuration is None or self.desired.validate == "off":
            self._fail([finding for finding in self.findings if finding.fatal])
            return
        lines = list(self.file.assignments())
        asked = [line for line in lines if (line.section or "", line.key) in self.asked]
        rest = [line for line in lines if (line.section or "", line.key) not in self.asked]
        self.findings += configuration.check(asked, self.desired.allow_unknown)
        strict = self.desired.validate == "strict"
        self._fail([f for f in self.findings if f.fatal and (strict or f.kind == "unwritable")])
        self.warnings += [f"{f.message}." for f in self.findings]
        self.warnings += [
            f"{f.message} (was in {self.desired.path} already)."
            for f in configuration.check(rest, self.desired.allow_unknown)
        ]
        for namespace, problem in configuration.schema.problems:
            self.warnings.append(f"The options of {namespace} are not known: {problem}.")

    def _fail(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        raise CollectionError(
            "write",
            "configuration",
            self.desired.path,
            "; ".join(finding.message for finding in findings),
            "Nothing was written",
            code="invalid_options",
            findings=[finding.as_dict() for finding in findings],
        )

    def _attributes(self) -> list[Step]:
        return [
            Step(command)
            for command in self.desired.attributes.commands(self.desired.path, self.current.file)
        ]

    def _release(self) -> str:
        if self.schema is None:
            return ""
        return series(self.desired.service, self.schema.version) or self.schema.version


class ConfFile(Operation):
    """One file of one service."""

    def __init__(
        self,
        desired: Desired,
        files: FileStore,
        schemas: SchemaSource,
        redactor: Redactor,
        shipped: Mapping[str, Any] | None = None,
    ) -> None:
        self._desired = desired
        self._files = files
        self._schemas = schemas
        self._redactor = redactor
        self._shipped = shipped

    def read(self) -> Current:
        """The files and the schema."""
        return self._current(self._schema())

    def nothing(self) -> Current:
        """A host without the service: the file may be there all the same."""
        return self._current(None)

    def plan(self, current: Current) -> FilePlan:
        """The changes; the secrets are learnt first, so that no error tells them."""
        editor = _Editor(self._desired, current)
        for secret in editor.secrets():
            if "://" in secret:
                self._redactor.learn_urls(secret)
            else:
                self._redactor.learn(secret)
        return editor.plan()

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Replace the file at once."""
        assert isinstance(plan, FilePlan)
        backup = self._files.write(
            self._desired.path, plan.text, self._desired.attributes, backup=self._desired.backup
        )
        return {"backup_file": backup} if backup else {}

    def _current(self, schema: Schema | None) -> Current:
        others = []
        for path in self._desired.other_files:
            stored = self._files.read(path)
            if stored:
                others.append((path, stored.text))
        return Current(self._files.read(self._desired.path), tuple(others), schema)

    def _schema(self) -> Schema | None:
        desired = self._desired
        version = self._schemas.version(desired.service)
        wanted = find_series(desired.service, desired.release) if desired.release else ""
        dynamic = SERVICES[desired.service].dynamic
        if wanted and (not version or series(desired.service, version) != wanted):
            return Schema(desired.service, self._shipped, dynamic) if self._shipped else None
        if desired.validate == "off" and not version:
            return None
        return Schema(desired.service, self._schemas.schema(desired.service), dynamic)


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


def _texts(option: Option | None, value: Any, raw: bool) -> list[str]:
    items = value if isinstance(value, list) else [value]
    if isinstance(value, dict):
        items = [_joined_dict(option, value)]
    elif isinstance(value, list) and option and not option.multi:
        items = [_joined_list(option, value)]
    texts = [_scalar(option, item) for item in items]
    if not raw:
        return [written(text) for text in texts]
    if any("\n" in text or "\r" in text for text in texts):
        raise ValueError("has a line break in its value, which cannot be written")
    return texts


def _scalar(option: Option | None, value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise ValueError("takes plain values, not lists or dictionaries within them")
    if not isinstance(value, bool):
        return str(value)
    text = str(value).lower()
    choices = option.kind.get("choices") if option else None
    return next((str(choice) for choice in choices or () if str(choice).lower() == text), text)


def _joined_list(option: Option, value: list[Any]) -> str:
    if option.kind["is"] != "list":
        if option.kind["is"] == "any":
            return ",".join(_scalar(None, item) for item in value)
        raise ValueError("takes one value, not a list")
    items = [_scalar(None, item) for item in value]
    text = ",".join(items)
    text = f"[{text}]" if option.kind.get("bounds") else text
    if len(parse(option.kind, text)) != len(items):
        raise ValueError(
            "has an item with a comma in it, or an empty one at the end, which cannot be written"
        )
    return text


def _joined_dict(option: Option | None, value: dict[str, Any]) -> str:
    if option is None or option.kind["is"] != "dict":
        raise ValueError("takes no dictionary")
    separator = option.kind.get("separator", ":")
    text = ",".join(f"{key}{separator}{_scalar(None, item)}" for key, item in value.items())
    text = f"{{{text}}}" if option.kind.get("bounds") else text
    if len(parse(option.kind, text)) != len(value):
        raise ValueError("has a key or a value with a comma in it, which cannot be written")
    return text


def _writable(section: str, name: str) -> None:
    if not name or name != name.strip() or name[0] in "[#;" or any(c in name for c in "=:\n\r"):
        raise ValueError("has a name that cannot be written")
    if not section or any(c in section for c in "\n\r"):
        raise ValueError("has a section's name that cannot be written")


def _comparable(option: Option | None, text: str) -> Any:
    """Equal for two texts that the service reads alike."""
    line = IniFile.parse(f"[s]\nk = {text}\n").find("s", "k")[0].text
    value = meant(line)
    if value is None:
        return ("raw", line)
    if option:
        try:
            return ("read", repr(parse(option.kind, value)))
        except RefusedError:
            pass
    return ("text", value)


def _masked(text: str) -> str:
    return Redactor().text(text) if "://" in text else MASK


def _shown(file: IniFile, is_secret: Any, former: IniFile | None = None) -> str:
    def mask(section: str, key: str, text: str) -> str:
        if not is_secret(section, key):
            return Redactor().text(text)
        old = [block.written for block in former.find(section, key)] if former else []
        return _masked(text) + (" (changed)" if old and text not in old else "")

    return file.render(mask)
