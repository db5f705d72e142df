# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of nova_conf_ini, and what they ask for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError
from .._engine.files import KEEP, Attributes, mode_bits
from .._shared.services import SERVICES

Options = Mapping[str, Mapping[str, Any]]
"""Section to option to value."""

# Of one file. In ``files`` each may be left out, and then the task's own value counts.
_OF_A_FILE: dict[str, dict[str, Any]] = {
    "options": {"type": "dict", "no_log": True},
    "raw_options": {"type": "dict", "no_log": True},
    "other_files": {"type": "list", "elements": "path"},
    "exclusive_sections": {"type": "list", "elements": "str"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str"},
}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "path": {"type": "path"},
    # The options in it keep all of it out of the system's log.
    "files": {
        "type": "list",
        "elements": "dict",
        "no_log": True,
        "options": {"path": {"type": "path", "required": True}, **_OF_A_FILE},
    },
    "options": {"type": "dict", "default": {}, "no_log": True},
    "raw_options": {"type": "dict", "default": {}, "no_log": True},
    "service": {"type": "str", "default": "nova", "choices": list(SERVICES)},
    "release": {"type": "str", "default": "auto"},
    "validate": {"type": "str", "default": "strict", "choices": ["strict", "warn", "off"]},
    "allow_unknown": {"type": "list", "elements": "str", "default": []},
    "other_files": {"type": "list", "elements": "path", "default": []},
    "exclusive_sections": {"type": "list", "elements": "str", "default": []},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str"},
    "backup": {"type": "bool", "default": False},
    # From the action plugin: what the control node knows of a release, or that it may be asked.
    "_handover": {"type": "str", "default": ""},
}

CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [["path", "files"]],
    "required_one_of": [["path", "files"]],
}

HIDDEN = ("options", "raw_options", "files", "_handover")
"""Parameters that the result does not repeat."""


@dataclass(frozen=True)
class DesiredFile:
    """What one file has to say. ``options`` are read as they are given, ``raw_options`` are written as they are."""

    path: str
    options: Options = field(default_factory=dict)
    raw_options: Options = field(default_factory=dict)
    other_files: tuple[str, ...] = ()
    exclusive_sections: tuple[str, ...] = ()
    attributes: Attributes = KEEP


@dataclass(frozen=True)
class Desired:
    """What a task asks for, ``release`` "" for the installed one, ``assumed_release`` where none is installed.

    ``as_list`` when the task has its files in a list, as its result then has, too.
    """

    files: tuple[DesiredFile, ...]
    service: str = "nova"
    release: str = ""
    assumed_release: str = ""
    validate: str = "strict"
    allow_unknown: tuple[str, ...] = ()
    backup: bool = False
    as_list: bool = False


def desired(params: Mapping[str, Any]) -> Desired:
    """What the parameters ask for. Raises a CollectionError for those of the wrong shape."""
    as_list = params["files"] is not None
    if not as_list and not params["path"]:
        raise _refused("parameter", "path", "it is empty", "Name a file, or several in files")
    task = {name: params[name] for name in ("path", *_OF_A_FILE)}
    entries = [_completed(entry, task) for entry in params["files"]] if as_list else [task]
    paths = _real_paths(entries)
    return Desired(
        files=tuple(_file(entry, paths, f" of {entry['path']}" if as_list else "") for entry in entries),
        service=params["service"],
        release="" if params["release"] == "auto" else params["release"],
        assumed_release=params.get("assumed_release", ""),
        validate=params["validate"],
        allow_unknown=tuple(params["allow_unknown"]),
        backup=params["backup"],
        as_list=as_list,
    )


def _completed(entry: Mapping[str, Any], task: Mapping[str, Any]) -> dict[str, Any]:
    """One of ``files``, with the task's own value for what it leaves out."""
    return {name: task[name] if entry.get(name) is None else entry[name] for name in task}


def _real_paths(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Where each file really is, to its path in the task."""
    paths: dict[str, str] = {}
    for entry in entries:
        real = os.path.realpath(entry["path"])
        if real in paths:
            raise _refused(
                "parameter",
                "files",
                f"{paths[real]} and {entry['path']} are one file",
                "Name every file once",
            )
        paths[real] = entry["path"]
    return paths


def _file(entry: Mapping[str, Any], paths: Mapping[str, str], of_file: str) -> DesiredFile:
    options, raw = _sections("options", entry, of_file), _sections("raw_options", entry, of_file)
    twice = [f"[{s}] {name}" for s in options for name in options[s] if name in raw.get(s, {})]
    if twice:
        raise _refused(
            "parameters",
            f"options and raw_options{of_file}",
            f"{', '.join(twice)} is in both",
            "Leave it in one of them",
        )
    others = [paths.get(os.path.realpath(path), path) for path in entry["other_files"]]
    return DesiredFile(
        path=entry["path"],
        options=options,
        raw_options=raw,
        other_files=tuple(path for path in others if path != entry["path"]),
        exclusive_sections=tuple(entry["exclusive_sections"]),
        attributes=Attributes(
            entry["owner"], entry["group"], None if entry["mode"] is None else mode_bits(entry["mode"])
        ),
    )


def _sections(parameter: str, entry: Mapping[str, Any], of_file: str) -> dict[str, dict[str, Any]]:
    sections = {}
    for section, values in entry[parameter].items():
        if not isinstance(values, (Mapping, type(None))):
            raise _refused(
                "parameter",
                f"{parameter}{of_file}",
                f"[{section}] holds no dictionary of options",
                "Write it as section, option, value",
            )
        sections[str(section)] = {str(name): value for name, value in (values or {}).items()}
    return sections


def _refused(kind: str, name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("read", kind, name, cause, remedy, code="parameters")
