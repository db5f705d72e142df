# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``virtual_environment`` is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .._engine.files import mode_bits
from .._engine.interpreter import IN_USE, PREFIX
from .texts import api_settings, api_unit, daemon_unit, log_rotation, rootwrap, sudo_rules

ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "lock": {"type": "path", "required": True},
    "wheelhouse": {"type": "path", "required": True},
    "python": {"type": "path", "default": "/usr/bin/python3"},
    # These two come from the action plugin, which keeps lock and wheelhouse to itself.
    "digest": {"type": "str", "default": ""},
    "archive": {"type": "path"},
    "programs": {"type": "list", "elements": "str", "default": []},
    "services": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "groups": {"type": "list", "elements": "str", "default": []},
            "shell": {"type": "path", "default": "/usr/sbin/nologin"},
            "home_mode": {"type": "str", "default": "0750"},
            "rootwrap": {"type": "bool", "default": False},
        },
    },
    "apis": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "unit": {"type": "str", "required": True},
            "service": {"type": "str", "required": True},
            "script": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
        },
    },
    "daemons": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "unit": {"type": "str", "required": True},
            "service": {"type": "str", "required": True},
            "arguments": {"type": "list", "elements": "str", "default": []},
            "keeps_children": {"type": "bool", "default": False},
        },
    },
    "folders": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "owner": {"type": "str", "default": "root"},
            "group": {"type": "str", "default": "root"},
            "mode": {"type": "str", "default": "0755"},
        },
    },
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "mutually_exclusive": [["content", "source"]],
        "required_one_of": [["content", "source"]],
        "options": {
            "path": {"type": "path", "required": True},
            "content": {"type": "str"},
            "source": {"type": "str"},
            "mode": {"type": "str", "default": "0644"},
            "group": {"type": "str", "default": "root"},
            "keep": {"type": "bool", "default": False},
        },
    },
}


@dataclass(frozen=True)
class Account:
    """A system user with a group of its name and a home below /var/lib, also in these groups."""

    name: str
    groups: tuple[str, ...]
    shell: str

    @property
    def home(self) -> str:
        """Its home directory."""
        return f"/var/lib/{self.name}"


@dataclass(frozen=True)
class Folder:
    """A directory."""

    path: str
    owner: str
    group: str
    mode: int


@dataclass(frozen=True)
class PackagedFile:
    """A file with this content, or that of a file in the environment (``source``); root's.

    One that is to be ``kept`` is written once, and then belongs to whoever edits it.
    """

    path: str
    content: str | None
    source: str | None
    mode: int
    group: str
    kept: bool


@dataclass(frozen=True)
class Desired:
    """An environment with the packages of a lock, in use, and what comes with it on the host.

    ``digest`` is the lock's. ``archive`` has the wheels, None where they are not on the host. ``programs`` are those
    that everybody finds.
    """

    name: str
    digest: str
    python: str
    archive: str | None = None
    programs: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    folders: tuple[Folder, ...] = ()
    files: tuple[PackagedFile, ...] = ()

    @property
    def path(self) -> str:
        """Where the environment is."""
        return f"{PREFIX}/{self.name}"

    @property
    def links(self) -> dict[str, str]:
        """Symbolic links: to the environment in use, and to its programs."""
        programs = {f"/usr/local/bin/{name}": f"{IN_USE}/bin/{name}" for name in self.programs}
        return {IN_USE: self.name, **programs}


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters, checked."""
    name = params["name"]
    if not name or "/" in name or name.startswith(".") or name == IN_USE.rpartition("/")[2]:
        raise CollectionError(
            "use",
            "name",
            repr(name),
            f"no virtual environment in {PREFIX} can be called so",
            "Name it after its release",
            code="parameters",
        )
    services = _merged(params["services"])
    return Desired(
        name=name,
        digest=params["digest"],
        python=params["python"],
        archive=params["archive"],
        programs=_programs(params["programs"], services),
        accounts=tuple(Account(each["name"], tuple(each["groups"]), each["shell"]) for each in services),
        folders=tuple(folder for each in services for folder in _own_folders(each))
        + tuple(
            Folder(each["path"], each["owner"], each["group"], mode_bits(each["mode"]))
            for each in params["folders"]
        ),
        files=(
            *(file for each in services for file in _own_files(each)),
            *(file for each in params["apis"] for file in _api(each)),
            *(_daemon(each) for each in params["daemons"]),
            *(_file(each) for each in params["files"]),
        ),
    )


def _merged(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each service once: a host may have several of its parts, each with groups of its own."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        known = found.setdefault(entry["name"], {**entry, "groups": []})
        known["groups"] = list(dict.fromkeys([*known["groups"], *entry["groups"]]))
    return list(found.values())


def _programs(names: Sequence[str], services: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    wraps = [
        f"{each['name']}-rootwrap{end}" for each in services if each["rootwrap"] for end in ("", "-daemon")
    ]
    return tuple(dict.fromkeys([*names, *wraps]))


def _own_folders(service: Mapping[str, Any]) -> list[Folder]:
    name = service["name"]
    return [
        Folder(f"/etc/{name}", "root", name, 0o750),
        Folder(f"/var/lib/{name}", name, name, mode_bits(service["home_mode"])),
        Folder(f"/var/log/{name}", name, "adm", 0o750),
        *([Folder(f"/etc/{name}/rootwrap.d", "root", "root", 0o755)] if service["rootwrap"] else []),
    ]


def _own_files(service: Mapping[str, Any]) -> list[PackagedFile]:
    name = service["name"]
    files = [_text(f"/etc/logrotate.d/{name}", log_rotation(name))]
    if service["rootwrap"]:
        files += [
            _text(f"/etc/{name}/rootwrap.conf", rootwrap(name)),
            _text(f"/etc/sudoers.d/{name}", sudo_rules(name), mode=0o440),
        ]
    return files


def _api(entry: Mapping[str, Any]) -> list[PackagedFile]:
    unit, service = entry["unit"], entry["service"]
    path = f"/etc/{service}/{unit}-uwsgi.ini"
    settings = api_settings(unit, entry["script"], entry["port"])
    return [
        _text(path, settings, group=service, mode=0o640, kept=True),
        _text(_unit_path(unit), api_unit(unit, service, path)),
    ]


def _daemon(entry: Mapping[str, Any]) -> PackagedFile:
    unit = entry["unit"]
    command = [unit, *entry["arguments"]]
    return _text(_unit_path(unit), daemon_unit(unit, entry["service"], command, entry["keeps_children"]))


def _unit_path(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service"


def _text(
    path: str, text: str, *, group: str = "root", mode: int = 0o644, kept: bool = False
) -> PackagedFile:
    return PackagedFile(path, text, None, mode, group, kept)


def _file(entry: Mapping[str, Any]) -> PackagedFile:
    return PackagedFile(
        entry["path"],
        entry["content"],
        entry["source"],
        mode_bits(entry["mode"]),
        entry["group"],
        entry["keep"],
    )
