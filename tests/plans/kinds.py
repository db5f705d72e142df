# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does to its host, whatever its module and its parameters are called.

THE TABLE to touch when a module or a parameter gets another name: the kept plans know kinds, not modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

# Module, without its collection and without the underscore of an internal one, to the kind of what it does.
# A module that is not here is a separate kind, under its own name.
KINDS = {
    "nova_conf_ini": "files",
    "service_files": "files",
    "file_lines": "files",
    "copy": "files",
    "host_certificate": "certificate",
    "compute_identity": "certificate",
    "certificate_revocation": "certificate",
}
# They only look, or hand over what others do: no part of a plan.
LOOKS = {"setup", "host_survey", "cloud_check", "cloud_description", "secrets_file"}
# Actions that ask their host more than once, or run a command there: asked in one go.
STAND_IN = {
    "command",
    "shell",
    "nova_conf_ini",
    "service_files",
    "host_certificate",
    "compute_identity",
    "certificate_revocation",
    "virtual_environment",
    "wheelhouse",
}
# Parameter to the name that the kept plans have for it, by kind.
PARAMETERS: Mapping[str, Mapping[str, str]] = {}
# Lists that are sets, wherever they stand: packages, who reaches which ports through a firewall, and what check mode
# hands on of the files that a real run would have changed.
SETS = {"packages", "sources", "ports", "changed_files"}
# Alternatives of a regular expression, whose order means nothing.
_ALTERNATIVES = re.compile(r"\(([^()|]+(?:\|[^()|]+)+)\)")
# Files whose content tells the time of the run.
REPORTS = ("proof.json", "proof.html")
# Kinds that do nothing where these are empty.
_IDLE = {
    "packages": ("packages",),
    "service_units": ("units", "answers"),
    "files": ("files", "lines", "plain_files", "links"),
}

Effect = dict[str, Any]


def short(module: str) -> str:
    """stackwright.nova._packages is packages."""
    return module.rpartition(".")[2].lstrip("_")


def effect(record: Mapping[str, Any], places: Mapping[str, str]) -> Effect | None:
    """What a recorded task does, None where it does nothing; ``places`` are paths of this machine, to their names."""
    module = short(record["module"])
    if module in LOOKS:
        return None
    kind = KINDS.get(module, module)
    arguments = _filled(
        {name: item for name, item in record["arguments"].items() if not name.startswith("_")}
    )
    arguments = _RESHAPED.get(module, lambda same: same)(arguments or {})
    arguments = {PARAMETERS.get(kind, {}).get(name, name): item for name, item in arguments.items()}
    if kind in _IDLE and not any(arguments.get(name) for name in _IDLE[kind]):
        return None
    found = {"kind": kind, **arguments}
    if record.get("on"):
        found["on_host"] = record["on"]
    if record.get("throttle"):
        found["hosts_at_a_time"] = record["throttle"]
    placed: Effect = _placed(found, places)
    return placed


def _filled(value: Any) -> Any:
    """Without what is empty, which is the same as left out."""
    if isinstance(value, Mapping):
        kept = {str(name): _filled(item) for name, item in value.items()}
        for name in SETS & kept.keys():
            kept[name] = sorted(set(kept[name]), key=str)
        if isinstance(kept.get("regexp"), str):
            kept["regexp"] = _ALTERNATIVES.sub(_sorted_alternatives, kept["regexp"])
        return {name: item for name, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return value


def _sorted_alternatives(found: re.Match[str]) -> str:
    return f"({'|'.join(sorted(found[1].split('|')))})"


def _placed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {_placed(name, places): _placed(item, places) for name, item in value.items()}
    if isinstance(value, list):
        return [_placed(item, places) for item in value]
    if isinstance(value, str):
        for path, name in places.items():
            value = value.replace(path, name)
    return value


def _configuration(arguments: Effect) -> Effect:
    if "path" not in arguments:
        return arguments
    own = ("path", "options", "raw_options", "other_files")
    file = {name: arguments[name] for name in own if name in arguments}
    return {"files": [file], **{name: item for name, item in arguments.items() if name not in own}}


def _revoked(arguments: Effect) -> Effect:
    return {**arguments, "state": "revoked"}


def _copied(arguments: Effect) -> Effect:
    """A whole file as the other modules take it; a template is recorded as the copy that it becomes."""
    own = ("dest", "content", "owner", "group", "mode")
    # What a module does where it is not told.
    usual = {"owner": "root", "group": "root", "mode": "0644"}
    file = {name: item for name, item in arguments.items() if name in own and item != usual.get(name)}
    file["path"] = file.pop("dest")
    if file["path"].endswith(REPORTS):
        file["content"] = "(tells the time)"
    return {"plain_files": [file]}


_RESHAPED: Mapping[str, Callable[[Effect], Effect]] = {
    "nova_conf_ini": _configuration,
    "certificate_revocation": _revoked,
    "copy": _copied,
}
