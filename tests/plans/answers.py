# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What healthy hosts would answer the modules."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

_Arguments = Mapping[str, Any]
_Variables = Mapping[str, Any]


def answer(
    module: str, arguments: _Arguments, host: str, variables: _Variables, *, check: bool
) -> dict[str, Any]:
    """The result of a module, by its short name. Check mode finds every file different."""
    told = _ANSWERS.get(module, _nothing)(arguments, host, variables)
    changed = check and bool(told.get("paths_changed"))
    return (
        {"changed": changed, "commands": [], **told}
        if changed or "paths_changed" not in told
        else _same(told)
    )


def _nothing(_arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    return {}


def _same(told: dict[str, Any]) -> dict[str, Any]:
    return {"changed": False, "commands": [], **told, "paths_changed": []}


def _facts(_arguments: _Arguments, host: str, variables: _Variables) -> dict[str, Any]:
    release = str(variables.get("plans_debian", "12"))
    return {
        "ansible_facts": {
            "ansible_distribution": "Debian",
            "ansible_distribution_major_version": release,
            "ansible_distribution_version": f"{release}.1",
            "ansible_nodename": host,
            "ansible_kernel": "6.1.0-40-amd64",
            "ansible_python_version": "3.11.2",
        }
    }


def _survey(arguments: _Arguments, host: str, variables: _Variables) -> dict[str, Any]:
    hosts = variables["hostvars"]
    inventory = variables["groups"]["all"]
    addresses = {
        name: [str(hosts[name]["cloud_management_address"])] if name in inventory else ["192.0.2.254"]
        for name in arguments.get("names") or ()
    }
    survey = {
        "nodename": host,
        "is_root": True,
        "addresses": {"lo": ["127.0.0.1"], "eth0": [str(variables["cloud_management_address"])], "eth1": []},
        "default_interfaces": ["eth0"],
        "resolved": addresses,
        "refusals": {},
        "memory": 65536,
        "disk": 102400,
        "is_bare": False,
        "source": str(variables.get("cloud_source") or "distribution"),
        "kernel": "6.1.0-40-amd64",
        "has_kernel_switch": True,
        "machine_id": f"machine-of-{host}",
        "time": time.time(),
    }
    return {"survey": survey, **_facts(arguments, host, variables)}


def _paths(arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    asked = [
        *(arguments.get("files") or ()),
        *(arguments.get("lines") or ()),
        *(arguments.get("plain_files") or ()),
        *(arguments.get("links") or ()),
    ]
    return {
        "release": "zed",
        "files": [],
        "paths_changed": list(dict.fromkeys(each["path"] for each in asked)),
    }


def _copied(arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    return {"paths_changed": [arguments["dest"]]}


def _identity(_arguments: _Arguments, host: str, _variables: _Variables) -> dict[str, Any]:
    return {
        "certificate": {"names": [host], "until": "2029-02-24T10:00:00Z"},
        "public_key": f"ssh-ed25519 KEY-OF-NOVA-ON-{host}",
        "host_keys": [f"ssh-ed25519 KEY-OF-{host}"],
    }


def _keys(arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    return {"keys": {each: {"0": "key-0", "1": "key-1"} for each in arguments.get("directories") or ()}}


def _node(_arguments: _Arguments, host: str, _variables: _Variables) -> dict[str, Any]:
    node = {"runs": True, "part": "Primary", "cluster_id": "one", "saved_id": "one", "saved_position": -1}
    return {"node": {**node, "is_last": False, "has_data": True, "speaks_tls": True}, "first": ""}


def _broker(_arguments: _Arguments, host: str, _variables: _Variables) -> dict[str, Any]:
    return {"broker": {"node": f"rabbit@{host}", "members": [f"rabbit@{host}"], "has_users": True}}


def _command(arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    found = (
        json.dumps([{"ifname": "eth0"}]) if (arguments.get("argv") or [""])[0] == "ip" else "nova-api.service"
    )
    return {"rc": 0, "stdout": found, "stdout_lines": found.splitlines(), "stderr": "", "stderr_lines": []}


_PROVEN = {"part": "all", "state": "proven", "detail": "seen", "subject": "", "seconds": 1.0, "evidence": []}


def _proof(_arguments: _Arguments, _host: str, _variables: _Variables) -> dict[str, Any]:
    return {
        "proven": True,
        "parts": [{**_PROVEN, "remedy": ""}],
        **{name: [] for name in ("endpoints", "agents", "instances", "services", "hypervisors", "computes")},
    }


_ANSWERS: Mapping[str, Callable[[_Arguments, str, _Variables], dict[str, Any]]] = {
    "setup": _facts,
    "host_survey": _survey,
    "packages": lambda arguments, host, variables: {
        "packages": arguments.get("packages") or [],
        "installed": [],
    },
    "hw_accel_fact": lambda arguments, host, variables: {
        "ansible_facts": {"hw_accel": {"virt_type": "kvm", "usable": True}}
    },
    "nova_conf_ini": _paths,
    "service_files": _paths,
    "file_lines": _paths,
    "copy": _copied,
    "compute_identity": _identity,
    "host_certificate": _identity,
    "keystone_keys": _keys,
    "keystone_service_endpoint": lambda arguments, host, variables: {
        "services": arguments.get("services") or []
    },
    "galera_cluster": _node,
    "message_queue_cluster": _broker,
    "cell_v2": lambda arguments, host, variables: {"cells": [], "hosts": []},
    "compute_host": lambda arguments, host, variables: {
        "hosts": [{"host": name} for name in arguments["hosts"]],
        "removed": arguments["hosts"] if arguments.get("state") == "absent" else [],
    },
    "guest_image": lambda arguments, host, variables: {"files": {"disk": "/guest/disk.qcow2"}},
    "nova_service_info": _proof,
    "cloud_proof": _proof,
    "instance_proof": _proof,
    "command": _command,
    "shell": _command,
}
