# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fact of a guide beside what the collection would do in its place, as `prediction.py` has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.catalogue import (
    OptionCatalogue,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES
from ansible_collections.stackwright.nova.plugins.plugin_utils._shipped_catalogues import shipped_catalogues
from seeds.guides import as_text, guide, load, options, resolved
from seeds.prediction import Task

# Each of these reads the other one, too.
NOVA_COMPUTE_FILES = ("/etc/nova/nova.conf", "/etc/nova/nova-compute.conf")
PROGRAMS = tuple(service.program for service in SERVICES.values())
# Whose options nova_conf_ini has in full, and renames others to.
PRESENT = "zed"
# A variable that a value of a file refers to.
INTERPOLATION = re.compile(r"\$(\w+)")


class Pair(NamedTuple):
    """One fact of a guide, and what the collection has there (None for nothing), as text."""

    pointer: str
    guide: str | None
    collection: str | None


@cache
def present_names() -> tuple[OptionCatalogue, History]:
    """By which Nova's options have their present names."""
    known = shipped_catalogues("nova")
    history = known.history(PRESENT)
    return (
        OptionCatalogue("nova", known.catalogue(PRESENT), SERVICES["nova"].dynamic_sections),
        History(history["removed"], history["newer"]),
    )


def present_name(section: str, name: str) -> tuple[str, str]:
    """What an option of Nova is called today."""
    catalogue, history = present_names()
    option = catalogue.find(section, name)
    if option:
        return option.section, option.name
    removed = history.removed(section, name)
    return (removed.present if removed else None) or (section, name)


class Prediction:
    """What the tasks of a playbook would do on the hosts of a guide, by what the guides tell apart."""

    def __init__(self, facts: Mapping[str, Any], tasks: Sequence[Task]) -> None:
        self.facts = facts
        # A module that asks its action plugin for more runs twice.
        self.tasks = [task for task in tasks if not task.result.get("failed")]

    def on(self, node: str, *modules: str) -> list[Task]:
        """The tasks with these modules on the host of a node."""
        return [task for task in self.tasks if task.host == f"the_{node}" and task.module in modules]

    def entries(self, node: str, modules: Sequence[str], *names: str) -> list[Mapping[str, Any]]:
        """All entries of parameters that are lists."""
        tasks = self.on(node, *modules)
        return [entry for task in tasks for name in names for entry in task.parameters.get(name, ())]

    def options(self, node: str, path: str) -> dict[str, dict[str, Any]]:
        """Section to option to value of a file on a node."""
        paths = NOVA_COMPUTE_FILES if node == "compute" and path in NOVA_COMPUTE_FILES else (path,)
        found: dict[str, dict[str, Any]] = {}
        for file in self.entries(node, ["service_files"], "files"):
            for section, values in file["options"].items() if file["path"] in paths else ():
                written = {name: value for name, value in values.items() if value is not None}
                found.setdefault(section, {}).update(written)
        return found

    def lines(self, node: str) -> dict[str, list[str]]:
        """The lines that files without sections get on a node."""
        found: dict[str, list[str]] = {}
        for entry in self.entries(node, ["service_files", "file_lines"], "lines"):
            found.setdefault(entry["path"], []).append(entry["line"])
        return found

    def units(self, node: str) -> dict[str, Mapping[str, Any]]:
        """The units that are to run on a node."""
        units = self.entries(node, ["service_units"], "units")
        return {unit["name"]: unit for unit in units if unit.get("state", "started") == "started"}

    def commands(self) -> list[tuple[str, str, str]]:
        """The commands that administer the services, in order: node, user, command."""
        found = []
        for task in self.tasks:
            user = str(task.given.get("run_as") or task.given.get("service") or "nova")
            if task.module == "keystone_bootstrap":
                user = "keystone"
            for command in task.result.get("commands", ()):
                words = [word for word in command.split() if not re.match(r"^\w+_CONNECTION=|^OS_\w+=", word)]
                if words and words[0] in PROGRAMS:
                    found.append((task.host.removeprefix("the_"), user, _plain(words)))
        return found

    @property
    def registrations(self) -> list[Mapping[str, Any]]:
        """What Keystone has to know of the services; passwords as they are."""
        found = []
        for task in self.on("controller", "keystone_service_endpoint"):
            for asked, given in zip(task.parameters["services"], task.given["services"]):
                found.append({**given, "password": asked.get("password")})
        return found

    @property
    def administrator(self) -> Mapping[str, Any] | None:
        """Keystone's first administrator, as he is made."""
        tasks = [
            task for task in self.on("controller", "keystone_bootstrap") if "password" in task.parameters
        ]
        return tasks[0].parameters if tasks else None

    def databases(self) -> dict[str, dict[str, Any]]:
        """Databases and their accounts in the shape of the guides."""
        found = {}
        for task in self.on("controller", "nova_db"):
            for database in task.result["databases"]:
                escaped = re.escape(database["name"].replace("_", r"\_"))
                grant = re.compile(
                    rf"GRANT ALL PRIVILEGES ON `{escaped}`\.\* TO '{task.given['user']}'@'([^']+)'"
                )
                hosts = [match[1] for match in map(grant.fullmatch, task.result["grants"]) if match]
                found[database["name"]] = {
                    "user": task.given["user"],
                    "hosts": hosts,
                    "privileges": "ALL" if hosts else None,
                    "password": task.parameters["password"],
                }
        return found

    def users(self) -> dict[str, dict[str, Any]]:
        """Keystone's users in the shape of the guides."""
        found = {}
        if self.administrator:
            first = self.administrator
            found[first["username"]] = {
                "domain": "default",
                "password": first["password"],
                "roles": {first["project"]: ["admin"]},
            }
        for entry in self.registrations:
            if entry.get("user"):
                found[entry["user"]] = {
                    "domain": entry["domain"].lower(),
                    "password": entry["password"],
                    "roles": {entry["project"]: entry["roles"]},
                }
        return found


def _plain(words: Sequence[str]) -> str:
    """A command without the files that it reads anyway, and without what only makes it say more."""
    files = {name for service in SERVICES.values() for name in (service.config_file, *service.other_files)}
    return " ".join(word for word in words if word not in {*files, "--config-file", "--verbose"})


def _begin(command: str) -> str:
    """The words of a command before its first option."""
    return command.partition(" -")[0]


def different(found: Iterable[Pair]) -> dict[str, str | None]:
    """Where the collection has something else, and what."""
    return {pair.pointer: pair.collection for pair in found if pair.guide != pair.collection}


def known_deviations(release: str) -> dict[str, str | None]:
    """Where the collection has something else than a guide on purpose, and what."""
    return {
        pointer: None
        if entry["collection"] is None
        else resolved(as_text(entry["collection"]), guide(release))
        for entry in load("deviations")
        if release in entry["guides"]
        for pointer in entry["at"]
    }


def pairs(prediction: Prediction) -> Iterator[Pair]:
    """All facts of a guide."""
    facts = prediction.facts
    assumed = {task.parameters["assumed_release"] for task in prediction.on("controller", "service_files")}
    yield Pair("release", facts["release"], as_text(sorted(assumed)))
    yield from of_databases(prediction)
    yield from of_keystone(prediction)
    for node, bill in facts["nodes"].items():
        for kind in bill:
            yield from OF_A_NODE[kind](prediction, node, f"nodes > {node} > {kind}", bill[kind])
    yield from _of_commands(prediction)
    yield from _of_verification(prediction)


def of_databases(prediction: Prediction) -> Iterator[Pair]:
    """Databases and accounts."""
    ours = prediction.databases()
    for name, database in prediction.facts.get("databases", {}).items():
        for part, value in database.items():
            mine = ours.get(name, {}).get(part)
            yield Pair(f"databases > {name} > {part}", _text(prediction, value), _text(prediction, mine))


def of_keystone(prediction: Prediction) -> Iterator[Pair]:
    """Accounts and endpoints."""
    keystone = prediction.facts.get("keystone")
    if not keystone:
        return
    users, services = prediction.users(), {entry["name"]: entry for entry in prediction.registrations}
    regions = sorted({entry["region"] for entry in services.values()})
    yield Pair("keystone > region", keystone["region"], as_text(regions))
    projects = {project for user in users.values() for project in user["roles"]}
    roles = {role for user in users.values() for given in user["roles"].values() for role in given}
    for name in keystone.get("domains", {}):
        yield Pair(f"keystone > domains > {name}", name, None)
    for name, facts in keystone.get("projects", {}).items():
        yield Pair(f"keystone > projects > {name}", name, name if name in projects else None)
        # None is given a description.
        if name in projects and "description" in facts:
            yield Pair(f"keystone > projects > {name} > description", facts["description"], None)
    for name in keystone.get("roles", ()):
        yield Pair(f"keystone > roles > {name}", name, name if name in roles else None)
    for name, user in keystone["users"].items():
        mine = users.get(name)
        for part, value in user.items():
            place = f"keystone > users > {name} > {part}"
            if mine is None or part != "roles":
                yield Pair(place, _text(prediction, value), _text(prediction, mine and mine[part]))
                continue
            # Further roles contradict nothing.
            kept = {
                project: [role for role in given if role in mine["roles"].get(project, ())]
                for project, given in value.items()
            }
            yield Pair(place, _text(prediction, value), _text(prediction, kept))
    for name, service in keystone["services"].items():
        entry = services.get(name, {})
        for part in ("type", "description"):
            if part in service:
                yield Pair(f"keystone > services > {name} > {part}", service[part], entry.get(part))
        for interface, url in service["endpoints"].items():
            mine = entry.get("endpoints", {}).get(interface)
            yield Pair(
                f"keystone > services > {name} > endpoints > {interface}", _text(prediction, url), mine
            )


def _of_packages(prediction: Prediction, node: str, place: str, names: Sequence[str]) -> Iterator[Pair]:
    installed = set(chain(*(task.parameters["packages"] for task in prediction.on(node, "packages"))))
    for name in names:
        yield Pair(f"{place} > {name}", name, name if name in installed else None)


def _of_options(prediction: Prediction, node: str, place: str, files: Mapping[str, Any]) -> Iterator[Pair]:
    del place, files
    for option in options(prediction.facts):
        if option.node == node:
            mine = _written(prediction, option.node, option.path, option.section, option.name)
            theirs = _interpolated(prediction, option.node, option.path, _text(prediction, option.value))
            yield Pair(option.pointer, theirs, mine)


def _written(prediction: Prediction, node: str, path: str, section: str, name: str) -> str | None:
    """What an option is in a file, under its present name if it is not there under the guide's."""
    file = prediction.options(node, path)
    places = [(section, name)]
    if path in NOVA_COMPUTE_FILES:
        places.append(present_name(section, name))
    for place, option in places:
        if option in file.get(place, {}):
            return _interpolated(prediction, node, path, _text(prediction, file[place][option]))
    return None


def _interpolated(prediction: Prediction, node: str, path: str, text: str | None) -> str | None:
    if text is None:
        return None
    own = {name: as_text(value) for name, value in prediction.options(node, path).get("DEFAULT", {}).items()}
    return INTERPOLATION.sub(lambda match: own.get(match[1], match[0]), text)


def _of_exclusive_sections(
    prediction: Prediction, node: str, place: str, files: Mapping[str, Any]
) -> Iterator[Pair]:
    for path, sections in files.items():
        for section in sections:
            theirs = set(prediction.facts["nodes"][node]["options"][path][section])
            more = sorted(set(prediction.options(node, path).get(section, {})) - theirs)
            yield Pair(f"{place} > {path} > {section}", "", as_text(more))


def _of_lines(prediction: Prediction, node: str, place: str, files: Mapping[str, Any]) -> Iterator[Pair]:
    written = prediction.lines(node)
    for path, lines in files.items():
        mine = [line for line in lines if _text(prediction, line) in written.get(path, ())]
        yield Pair(f"{place} > {path}", "\n".join(lines), "\n".join(mine) or None)


def _of_links(prediction: Prediction, node: str, place: str, links: Mapping[str, str]) -> Iterator[Pair]:
    entries = prediction.entries(node, ["service_files", "file_lines"], "links")
    made = {entry["path"]: entry["target"] for entry in entries}
    for path, target in links.items():
        yield Pair(f"{place} > {path}", target, made.get(path))


def _of_kernel_modules(
    prediction: Prediction, node: str, place: str, modules: Mapping[str, Any]
) -> Iterator[Pair]:
    written = prediction.lines(node)
    for module, states in modules.items():
        at_boot = any(module in lines for path, lines in written.items() if "/modules-load.d/" in path)
        loaded = at_boot and "systemd-modules-load" in prediction.units(node)
        mine = [state for state in states if {"at_boot": at_boot, "loaded": loaded}[state]]
        yield Pair(f"{place} > {module}", as_text(states), as_text(mine) or None)


def _of_units(prediction: Prediction, node: str, place: str, units: Mapping[str, Any]) -> Iterator[Pair]:
    running = prediction.units(node)
    for name, states in units.items():
        unit = running.get(name)
        # Restarted and reloaded is whatever runs with older files.
        mine = [state for state in states if unit and (state != "enabled" or unit.get("enabled", True))]
        yield Pair(f"{place} > {name}", as_text(states), as_text(mine) or None)


def _not_there(prediction: Prediction, node: str, place: str, fact: Any) -> Iterator[Pair]:
    """What no role does."""
    del prediction, node
    yield Pair(place, as_text(fact), None)


def _none_there(prediction: Prediction, node: str, place: str, facts: Any) -> Iterator[Pair]:
    """What no role does, one by one."""
    del prediction, node
    for name in facts:
        yield Pair(f"{place} > {name}", as_text(name), None)


OF_A_NODE: Mapping[str, Callable[[Prediction, str, str, Any], Iterator[Pair]]] = {
    "selinux": _not_there,
    "disks": _none_there,
    "packages": _of_packages,
    "copies": _none_there,
    "options": _of_options,
    "exclusive_sections": _of_exclusive_sections,
    "lines": _of_lines,
    "links": _of_links,
    "removed": _none_there,
    "mounts": _none_there,
    "kernel_modules": _of_kernel_modules,
    "sysctl": _none_there,
    "firewall": _not_there,
    "units": _of_units,
}


def _of_commands(prediction: Prediction) -> Iterator[Pair]:
    """Each command beside the first with the same words before its options, or its program's only one; their order."""
    ours = prediction.commands()
    order = []
    for entry in prediction.facts["commands"]:
        theirs = _plain(str(_text(prediction, entry["run"])).split())
        near = {
            index: command
            for index, (node, _user, command) in enumerate(ours)
            if node == entry["node"] and command.split()[0] == theirs.split()[0]
        }
        alike = [index for index, command in near.items() if _begin(command) == _begin(theirs)]
        if len(near) == 1:
            alike = list(near)
        place = f"commands > {entry['name']}"
        yield Pair(f"{place} > run", theirs, ours[alike[0]][2] if alike else None)
        if alike:
            yield Pair(f"{place} > user", entry["user"], ours[alike[0]][1])
            order.append((alike[0], entry["name"]))
    names = [name for _index, name in order]
    yield Pair("commands", "; ".join(names), "; ".join(name for _index, name in sorted(order)))


def _of_verification(prediction: Prediction) -> Iterator[Pair]:
    """What is shown in the end, as far as the configuration decides it."""
    cells = {cell["name"] for task in prediction.on("controller", "cell_v2") for cell in task.result["cells"]}
    services = {entry["name"] for entry in prediction.registrations}
    nodes = {place["host"]: node for node, place in prediction.facts["topology"].items()}
    for entry in prediction.facts["verification"]:
        for row in entry.get("shows", ()):
            name = row.get("binary") or row.get("name")
            if "binary" in row:
                units = prediction.units(nodes[row["host"]])
                known = {unit.removeprefix("openstack-") for unit in units}
            elif "cell_v2" in entry["run"]:
                known = cells
            elif "catalog" in entry["run"]:
                known = services
            else:
                continue
            yield Pair(f"verification > {entry['name']}", name, name if name in known else None)


def _text(prediction: Prediction, value: Any) -> str | None:
    """A value as it stands in a file, placeholders resolved."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{as_text(item)}" for name, item in value.items())
    return resolved(as_text(value), prediction.facts)
