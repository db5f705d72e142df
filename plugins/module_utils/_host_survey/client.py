# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at this host: its name, addresses, routes, clock, memory and disk, and whom it finds on the network."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._clients.http import refusal
from .._clients.iproute import default_interfaces, ip
from .._engine.interpreter import IN_USE
from .facts import platform_facts
from .installed import installed_packages, seen_certificates
from .parameters import Desired
from .state import State

_NOVA = "/etc/nova/nova.conf"
_PACKAGED_NOVA = "usr/lib/python3/dist-packages/nova"
_SWITCH = "openvswitch"
_MACHINE_ID = "/etc/machine-id"
_KIB = 1024
_MIB = 1024 * 1024
# Names and servers are asked side by side: none of them holds up the others.
_AT_A_TIME = 8


def look(desired: Desired) -> State:
    """What this host is like."""
    system = os.uname()
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        resolved = threads.map(addresses_of, desired.names)
        answers = threads.map(refusal, desired.connections)
        return State(
            nodename=system.nodename,
            facts=platform_facts(),
            is_root=os.geteuid() == 0,
            time=time.time(),
            addresses=interface_addresses(ip("address", "show"), _interfaces()),
            default_interfaces=default_interfaces(ip("route", "show", "default")),
            resolved=dict(zip(desired.names, resolved)),
            refusals={url: cause for url, cause in zip(desired.connections, answers) if cause},
            memory=memory_of(_read("/proc/meminfo")),
            disk=_free_disk("/usr"),
            is_bare=not os.path.exists(_NOVA),
            source=source_of_packages(),
            kernel=system.release,
            has_kernel_switch=has_module(_SWITCH, system.release),
            machine_id=_read(_MACHINE_ID).strip() if os.path.exists(_MACHINE_ID) else "",
            certificate=judgement(desired.certificate, desired.certificate_names),
            packages=installed_packages(desired.packages),
            certificate_files=seen_certificates(desired.certificate_files),
        )


def judgement(files: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """The problem with a site's certificate ("" for none), and its end as far as it can be read here."""
    # Whoever judges the description says so where one of them is not named.
    if not all(files.get(name) for name in ("ca", "certificate", "private_key")):
        return {}
    missing = [path for path in files.values() if not os.path.exists(path)]
    if missing:
        return {"problem": f"there is no {', '.join(missing)}", "until": ""}
    # Loading the library takes longer than all the rest, and most hosts have nothing to be judged.
    from .._formats import x509

    # A bare host has no library to read it with; the task that brings it judges it all the same.
    if not x509.IS_USABLE:
        return {}
    problem, until = x509.judged({name: _read(path) for name, path in files.items()}, files, names)
    return {"problem": problem, "until": until}


def source_of_packages(root: str = "/") -> str:
    """Where the services' packages came from, as cloud_source calls it; "" where none are there."""
    if os.path.lexists(f"{root}{IN_USE.lstrip('/')}"):
        return "virtualenv"
    return "distribution" if os.path.exists(f"{root}{_PACKAGED_NOVA}") else ""


def addresses_of(name: str) -> tuple[str, ...]:
    """The addresses that a name has for programs of this host, in the order in which they would try them."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(address[0]).partition("%")[0] for *_kind, address in found))


def interface_addresses(
    printed: Iterable[Mapping[str, Any]], interfaces: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Interface to addresses, from what `ip -json address show` prints; interfaces without any are there too."""
    addresses = {
        link["ifname"]: tuple(each["local"] for each in link.get("addr_info", []) if "local" in each)
        for link in printed
        if "ifname" in link
    }
    return {**dict.fromkeys(interfaces, ()), **addresses}


def has_module(name: str, release: str, root: str = "/") -> bool:
    """Whether the kernel of this release has a module of this name in it, or beside it."""
    if os.path.exists(f"{root}sys/module/{name}"):
        return True
    lists = (f"{root}lib/modules/{release}/modules.{kind}" for kind in ("builtin", "dep"))
    texts = [_read(path) for path in lists if os.path.exists(path)]
    return any(f"/{name}.ko" in line.partition(":")[0] for text in texts for line in text.splitlines())


def memory_of(meminfo: str) -> int:
    """Memory and swap in MiB, from /proc/meminfo."""
    lines = (line.split() for line in meminfo.splitlines())
    sizes = {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}
    return (sizes.get("MemTotal:", 0) + sizes.get("SwapTotal:", 0)) // _KIB


def _interfaces() -> list[str]:
    return os.listdir("/sys/class/net")


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _free_disk(path: str) -> int:
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize // _MIB
