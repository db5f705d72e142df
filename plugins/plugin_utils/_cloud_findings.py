# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work, found in the surveys of all hosts and the description of their cloud. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from typing import Any

from ansible.module_utils.compat.version import LooseVersion

from ..module_utils._engine.errors import CollectionError, plural

# Each finding belongs to one of these checks.
CHECKS = (
    "address",
    "cells",
    "certificates",
    "clock",
    "controller",
    "controllers",
    "datapath",
    "disk",
    "interface",
    "kernel",
    "machine",
    "mechanism",
    "memory",
    "name",
    "neighbours",
    "platform",
    "reach",
    "release",
    "resolution",
    "root",
    "secrets",
    "variables",
)
SERVICES = ("keystone", "glance", "placement", "neutron")
# Fernet takes a token from the future for forged beyond this many seconds.
CLOCK_TOLERANCE = 60
# MiB below which it cannot work. Measured were 1.5 and 0.9 GB of packages before their downloads, and 3.2 and 0.5 GB of
# memory with two workers for each API.
CONTROLLER_DISK, COMPUTE_DISK = 2000, 1200
CONTROLLER_MEMORY, COMPUTE_MEMORY = 2500, 400
# The cell of the cloud's own controllers, and what no further one can be called.
FIRST_CELL = "cell1"
_OWN_CELLS = ("cell0", FIRST_CELL)
# A secret of the cell is a variable that ends with the name.
_CELL_NAME = re.compile(r"[A-Za-z0-9_]+")
_HOSTS_NAMED = 6
_CERTIFICATE_FILES = ("ca", "certificate", "private_key")
# Whatever the platform does by itself.
_AUTO = "auto"
_OPEN_VSWITCH = ("openvswitch", "ovn")


@dataclass(frozen=True)
class Host:
    """A host of the play: what the inventory declares of it, and what its survey saw ({} where there is none).

    ``mechanisms`` are those of Neutron that its release has, the default first; ``services`` the other services
    that its platform describes; ``speaks_tls``, ``can_balance`` and ``has_cells``, whether it describes certificates of
    services, how they share an address with those of other controllers, and what the controller of an additional cell
    has. ``untried``: what must be known of a platform on
    which no cloud was deployed yet. ``kernel_limit``: the first kernel that its Neutron cannot work with, "" for none.
    ``refused_release``: why it cannot have the release that the inventory asks for, and what to do.
    """

    name: str
    declared: Mapping[str, Any] = field(default_factory=dict)
    survey: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    platform: str = ""
    clock: tuple[float, float] | None = None
    wrong_variables: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    services: tuple[str, ...] = SERVICES
    speaks_tls: bool = True
    can_balance: bool = True
    has_cells: bool = True
    untried: str = ""
    kernel_limit: str = ""
    refused_release: tuple[str, str] | None = None

    @property
    def is_controller(self) -> bool:
        """Whether it is in the group of the controllers."""
        return bool(self.declared.get("controller"))

    @property
    def is_compute(self) -> bool:
        """Whether it is in the group of the compute hosts."""
        return bool(self.declared.get("compute"))

    @property
    def is_cell_controller(self) -> bool:
        """Whether it is in the group of the controllers of additional cells."""
        return bool(self.declared.get("cell_controller"))

    @property
    def cell(self) -> str:
        """The cell that it belongs to."""
        return str(self.declared.get("cell") or FIRST_CELL)

    @property
    def management_address(self) -> str:
        """Its cloud_management_address, as it is written."""
        return str(self.declared.get("management_address") or "")

    @property
    def own_addresses(self) -> set[str]:
        """Every address on any of its interfaces."""
        return {address for each in self.survey.get("addresses", {}).values() for address in each}


@dataclass(frozen=True)
class Cloud:
    """The description of the cloud.

    ``unreachable_controllers`` were to take part and did not answer. ``controller_addresses`` are those of controllers
    that do not take part. ``connections`` are services of the site: URL to what it is. ``unfit_secrets`` cannot
    work as they are. ``secret_problem`` is why the file of secrets cannot be used. ``certificates_directory`` is where
    the cloud's own authority is, or will be. ``plain_urls`` are variables with URLs of http that cloud_tls forbids,
    ``plain_servers`` those that make services use servers without TLS.
    ``virtual_addresses`` are those that keepalived keeps, by their variables. ``shared_state`` is what is deployed on
    several controllers and must be the same on all of them. ``cell_controllers`` names the cell of each controller of a
    further one, "" where the inventory does not. ``tls``: whether cloud_tls is on.
    """

    controller_group: str = "controller"
    controllers: tuple[str, ...] = ()
    unreachable_controllers: tuple[str, ...] = ()
    controller_addresses: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = SERVICES
    platforms: tuple[str, ...] = ()
    connections: Mapping[str, str] = field(default_factory=dict)
    secrets_file: str = ""
    certificates_directory: str = ""
    missing_secrets: tuple[str, ...] = ()
    unfit_secrets: tuple[str, ...] = ()
    secret_problem: str = ""
    plain_urls: tuple[str, ...] = ()
    plain_servers: tuple[str, ...] = ()
    virtual_addresses: Mapping[str, str] = field(default_factory=dict)
    shared_state: tuple[str, ...] = ()
    cell_controllers: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False

    @property
    def is_balanced(self) -> bool:
        """Whether a load balancer of this collection stands before the controllers."""
        return bool(self.virtual_addresses)


@dataclass(frozen=True)
class Finding:
    """One thing that cannot work, on these hosts (on none in particular if it is the description's)."""

    check: str
    hosts: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class _Complaint:
    """A finding on one host; the same about several hosts becomes one finding."""

    check: str
    cause: str
    remedy: str


def findings(hosts: Iterable[Host], cloud: Cloud, ignored: Collection[str] = ()) -> list[Finding]:
    """All that cannot work, but for the checks that are ignored."""
    hosts = list(hosts)
    if not cloud.controllers and not any(host.declared.get("compute") for host in hosts):
        # The inventory has no host of a cloud, and the control node stands in for them to say so.
        hosts = []
    found = [
        *_of_the_description(cloud, ignored),
        *_of_several_controllers(hosts, cloud),
        *_of_further_cells(cloud),
        *_of_the_hosts(hosts, cloud),
    ]
    return [finding for finding in found if finding.check not in ignored]


def _of_the_hosts(hosts: list[Host], cloud: Cloud) -> list[Finding]:
    by_complaint: dict[_Complaint, list[str]] = {}
    for host in hosts:
        for complaint in _complaints(host, hosts, cloud):
            by_complaint.setdefault(complaint, []).append(host.name)
    return [
        _finding(
            each.check,
            names,
            CollectionError("use", plural("host", names), _some(names), each.cause, each.remedy),
        )
        for each, names in by_complaint.items()
    ]


def _complaints(host: Host, hosts: list[Host], cloud: Cloud) -> Iterator[_Complaint]:
    yield from _address(host, hosts)
    for wrong in host.wrong_variables:
        yield _Complaint("variables", wrong, "Correct it in the inventory")
    if host.declared.get("needs_authority") and not cloud.certificates_directory:
        yield _Complaint(
            "certificates",
            "instances are to move between compute hosts, and nothing says where their certificates come from",
            "Set cloud_certificates_directory (or cloud_secrets_file), or compute_certificate_files, or "
            "compute_migration_enabled to false",
        )
    yield from _tls(host, cloud)
    yield from _balanced(host, cloud)
    yield from _in_cell(host, hosts, cloud)
    if host.problem:
        yield _Complaint(
            "root",
            f"nothing can be run there: {host.problem}",
            "Correct ansible_user, ansible_become_password or the host, until `ansible HOST --become -m "
            "ansible.builtin.ping` works",
        )
    if not host.survey:
        return
    if not host.survey["is_root"]:
        yield _Complaint(
            "root",
            "tasks do not run as root there",
            "Set ansible_become_user to root, or take out ansible_become_method or become settings that lead elsewhere",
        )
    yield from _name(host, hosts)
    yield from _platform(host, cloud)
    yield from _release(host)
    yield from _neighbours(host, cloud)
    yield from _resolution(host, hosts, cloud)
    yield from _mechanism(host, hosts)
    yield from _interface(host)
    yield from _datapath(host)
    yield from _kernel(host)
    yield from _migration(host, hosts)
    yield from _clock(host, hosts)
    yield from _size(host)
    for url, cause in host.survey["refusals"].items():
        yield _Complaint(
            "reach",
            f"{cloud.connections.get(url, url)} does not answer from there at {url}: {cause}",
            _REACH.get(cloud.connections.get(url, ""), "Start it, or correct the variable that names it"),
        )


_REACH = {
    "Keystone": (
        "cloud_neighbours does not name keystone, so one must be there already: set cloud_identity_url (and "
        "cloud_auth), or take keystone into cloud_neighbours"
    ),
    "the database server": "Start it, or correct cloud_database_host and cloud_database_port",
    "the message queue": "Start it, or correct cloud_message_queue_hosts and cloud_message_queue_port",
}


def _of_the_description(cloud: Cloud, ignored: Collection[str]) -> Iterator[Finding]:
    def finding(check: str, *error: str) -> Finding:
        return _finding(check, (), CollectionError(*error))

    if not cloud.controllers:
        yield finding(
            "controller",
            "find",
            "the controller",
            "",
            f"the inventory has no host in group {cloud.controller_group}",
            "Put the controller into it, or give the name of its group as an extra variable "
            "(-e cloud_controller_group=...)",
        )
    for name in cloud.unreachable_controllers:
        yield finding(
            "controller",
            "go on without",
            "controller",
            name,
            "it cannot be reached",
            "See above why not, and run again when it can; --limit names hosts that shall be deployed without it",
        )
    unknown = [name for name in cloud.neighbours if name not in SERVICES]
    if unknown:
        yield finding(
            "neighbours",
            "deploy",
            plural("service", unknown),
            ", ".join(unknown),
            "this collection has no such role",
            f"Name in cloud_neighbours some of {', '.join(SERVICES)}",
        )
    if cloud.plain_urls:
        several = len(cloud.plain_urls) > 1
        yield finding(
            "certificates",
            "use",
            plural("URL", cloud.plain_urls),
            ", ".join(cloud.plain_urls),
            f"cloud_tls is on, and {'they begin' if several else 'it begins'} with http",
            f"Write https, or leave {'them' if several else 'it'} out of the inventory",
        )
    for name in cloud.plain_servers:
        yield finding(
            "certificates",
            "use",
            "variable",
            name,
            "cloud_tls is on, and it has the services send their passwords in the clear",
            "Leave it out of the inventory",
        )
    if cloud.secret_problem:
        yield Finding("secrets", (), cloud.secret_problem)
    for name in cloud.unfit_secrets:
        yield finding(
            "secrets",
            "use",
            "secret",
            name,
            "it contains a slash, which oslo.messaging misreads in the message queue's URL",
            "Choose one without a slash",
        )
    if cloud.missing_secrets:
        several = len(cloud.missing_secrets) > 1
        them, they_belong = ("them", "they belong") if several else ("it", "it belongs")
        remedy = f"Set {them} in the inventory"
        where = f"neither the inventory nor {cloud.secrets_file} has {them}, and {they_belong} to services of the site"
        if not cloud.secrets_file:
            where = f"the inventory does not set {them}"
            remedy += ", or name a cloud_secrets_file; those of services that are deployed here are generated into it"
        yield finding(
            "secrets",
            "do without",
            plural("secret", cloud.missing_secrets),
            ", ".join(cloud.missing_secrets),
            where,
            remedy,
        )
    strangers = [name for name in ignored if name not in CHECKS]
    if strangers:
        yield finding(
            "checks",
            "ignore",
            plural("check", strangers),
            ", ".join(strangers),
            "no check has this name",
            f"Choose from {', '.join(CHECKS)}",
        )


def _of_several_controllers(hosts: list[Host], cloud: Cloud) -> Iterator[Finding]:
    """What keeps several controllers from being one cloud."""

    def finding(verb: str, cause: str, remedy: str, subject: str = "", name: str = "") -> Finding:
        subject, name = subject or "controllers", name or ", ".join(cloud.controllers)
        return _finding("controllers", (), CollectionError(verb, subject, name, cause, remedy))

    if cloud.shared_state and not cloud.is_balanced:
        yield finding(
            "deploy",
            f"they share {', '.join(cloud.shared_state)}, and have no virtual address",
            "Set cloud_internal_address to a free address of their network, or leave one host in the group",
        )
    if len(cloud.controllers) == 2 and cloud.shared_state:
        yield finding(
            "deploy",
            "a two-node cluster loses quorum when one node fails",
            "Add a third controller, or leave one host in the group",
        )
    if len(cloud.controllers) == 1 and cloud.is_balanced:
        yield finding(
            "deploy",
            "a shared address is set, but there is only one controller",
            "Leave cloud_internal_address and cloud_public_address out, or put three hosts into the group",
            "controller",
        )
    owners = {each.management_address: each.name for each in hosts}
    for variable, address in cloud.virtual_addresses.items():
        parsed = _parsed(address)
        if parsed is None or parsed.version != 4:
            cause = "it is not an IPv4 address"
        elif address in owners:
            cause = f"it is the cloud_management_address of {owners[address]}"
        else:
            continue
        yield finding(
            "use", cause, "Set it to one that no host has, of the controllers' network", variable, address
        )


def _balanced(host: Host, cloud: Cloud) -> Iterator[_Complaint]:
    """What a controller needs to share an address with others."""
    if not cloud.is_balanced or not host.is_controller:
        return
    if not host.can_balance or host.declared.get("source") == "virtualenv":
        yield _Complaint(
            "controllers",
            "cloud_internal_address is set, and services of its platform and source are not known to leave it free",
            "Use Debian 12 or later with its own packages, or leave one host in the group and the address out",
        )
    if _mechanism_of(host) == "ovn":
        yield _Complaint(
            "controllers",
            "neutron_mechanism is ovn there, whose databases would be on the first controller alone",
            "Set neutron_mechanism to openvswitch, or leave one host in the group",
        )


def _of_further_cells(cloud: Cloud) -> Iterator[Finding]:
    """What keeps hosts from being the controllers of additional cells."""

    def finding(name: str, cause: str, remedy: str) -> Finding:
        error = CollectionError("use", "cell controller", name, cause, remedy)
        return _finding("cells", (name,), error)

    owners: dict[str, str] = {}
    for name, cell in cloud.cell_controllers.items():
        if not cell:
            yield finding(name, "cloud_cell is not set", "Set cloud_cell there, to cell2 say")
        elif cell in _OWN_CELLS:
            yield finding(
                name,
                f"its cloud_cell is {cell}, which is on the cloud's own controllers",
                "Give its cell another name, cell2 say",
            )
        elif not _CELL_NAME.fullmatch(cell):
            yield finding(
                name,
                f"its cloud_cell, {cell}, is not a valid name",
                "Use letters, digits and underscores",
            )
        elif cell in owners:
            yield finding(name, f"{owners[cell]} is already the controller of {cell}", "Give it another cell")
        if name in cloud.controllers:
            yield finding(
                name,
                f"it is in group {cloud.controller_group}, too, and nova.conf can serve only one of them",
                "Give the cell its own host",
            )
        owners.setdefault(cell, name)
    if cloud.cell_controllers and len(cloud.controllers) > 1:
        error = CollectionError(
            "deploy",
            "cells",
            ", ".join(filter(None, owners)),
            "additional cells with several controllers are untested",
            f"Keep one host in group {cloud.controller_group}, or remove the additional cells",
        )
        yield _finding("cells", (), error)


def _in_cell(host: Host, hosts: list[Host], cloud: Cloud) -> Iterator[_Complaint]:
    """What a host lacks for the cell that it says it is in."""
    if host.is_compute and host.cell != FIRST_CELL and host.cell not in cloud.cell_controllers.values():
        yield _Complaint(
            "cells",
            f"cloud_cell is {host.cell} there, and no host is the controller of that cell",
            "Put its controller into group cell_controller (cloud_cell_controller_group), with the same cloud_cell, or "
            "correct the name",
        )
    consoles = {each.declared.get("console_url") for each in hosts if each.is_controller} - {None, ""}
    if host.is_compute and host.cell != FIRST_CELL and host.declared.get("console_url") in consoles:
        yield _Complaint(
            "cells",
            f"cloud_console_url is that of the cloud's controllers there, whose proxy sees no screen of {host.cell}",
            "Set it for the hosts of the cell to a page of the cell's own proxy, or leave it out",
        )
    if host.is_controller and host.cell != FIRST_CELL:
        yield _Complaint(
            "cells",
            f"cloud_cell is {host.cell} there, and the cloud's own controllers have {FIRST_CELL}",
            "Set it for the hosts of that cell alone",
        )
    if not host.is_cell_controller:
        return
    if host.is_compute:
        yield _Complaint(
            "cells",
            "it is the controller of a cell and a compute host, and nova.conf can serve only one of them",
            "Give the cell's controller its own host",
        )
    if not host.has_cells or host.declared.get("source") == "virtualenv":
        yield _Complaint(
            "cells",
            "it is the controller of a cell, and its platform and source are not known to be one",
            "Use Debian 11 or later with its own packages there",
        )
    if not host.declared.get("infrastructure", True):
        yield _Complaint(
            "cells",
            "the controller of a cell needs its own database and message queue",
            "Set database_enabled and message_queue_enabled to true there",
        )


def untried_platforms(hosts: Iterable[Host]) -> list[str]:
    """What to say of platforms on which no cloud was deployed yet."""
    names: dict[tuple[str, str], list[str]] = {}
    for host in hosts:
        if host.untried:
            names.setdefault((host.platform, host.untried), []).append(host.name)
    return [
        f"Platform {platform} of {_some(sorted(on))} is described from its packages and from installation guides: no "
        f"cloud was deployed on it yet. {untried}"
        for (platform, untried), on in names.items()
    ]


def _neighbours(host: Host, cloud: Cloud) -> Iterator[_Complaint]:
    lacking = [name for name in cloud.neighbours if name in SERVICES and name not in host.services]
    if lacking:
        yield _Complaint(
            "neighbours",
            f"platform {host.platform} describes no {' and no '.join(lacking)} to deploy",
            "Take them out of cloud_neighbours and name those of the site, or use another platform",
        )


def _tls(host: Host, cloud: Cloud) -> Iterator[_Complaint]:
    if not host.declared.get("tls"):
        return
    files = host.declared.get("certificate_files") or {}
    missing = [name for name in _CERTIFICATE_FILES if not files.get(name)]
    problem = (host.survey.get("certificate") or {}).get("problem", "") if not missing else ""
    if not host.speaks_tls:
        yield _Complaint(
            "certificates",
            f"cloud_tls is on, and platform {host.platform} does not describe how services speak TLS there",
            "Set cloud_tls to false, or use another platform",
        )
    if host.declared.get("source") == "virtualenv":
        yield _Complaint(
            "certificates",
            "cloud_tls is on, and the APIs of releases from PyPI do not speak TLS here",
            "Set cloud_tls to false, or cloud_source to distribution",
        )
    if not files and not cloud.certificates_directory:
        yield _Complaint(
            "certificates",
            "cloud_tls is on, and no source of certificates is set",
            "Set cloud_certificates_directory (or cloud_secrets_file), or cloud_certificate_files",
        )
    if files and missing:
        yield _Complaint(
            "certificates",
            f"cloud_certificate_files does not name {', '.join(missing)}",
            f"Name all of {', '.join(_CERTIFICATE_FILES)}, or none of them",
        )
    if problem:
        yield _Complaint(
            "certificates",
            f"its certificate cannot be used: {problem.rstrip('.')}",
            "Correct cloud_certificate_files or cloud_certificate_names, or have the site issue another one",
        )


def _address(host: Host, hosts: list[Host]) -> Iterator[_Complaint]:
    text = host.management_address
    if not text:
        yield _Complaint(
            "address",
            "cloud_management_address is not set",
            "Set it to the host's address on the network over which the services talk to each other",
        )
        return
    address = _parsed(text)
    if address is None or address.is_unspecified or address.is_multicast:
        yield _Complaint(
            "address",
            f"cloud_management_address, {text}, is not an address of a host",
            "Set it to the host's address on the network over which the services talk to each other",
        )
        return
    if address.version == 6:
        # https_socket and http_socket of the packaged start scripts are ":PORT", which uwsgi binds for IPv4 only.
        yield _Complaint(
            "address",
            f"cloud_management_address, {text}, is an IPv6 address, and the APIs as they are packaged listen on "
            "IPv4 only",
            "Give the management network IPv4 addresses, alone or in addition to IPv6",
        )
        return
    others = [each.name for each in hosts if each is not host and _parsed(each.management_address) == address]
    if others:
        yield _Complaint(
            "address",
            f"cloud_management_address is {text} for {_some(sorted([host.name, *others]))}",
            "Give each its own",
        )
    elif address.is_loopback and len(hosts) > 1:
        yield _Complaint(
            "address",
            f"cloud_management_address, {text}, is a loopback address",
            "Set it to the host's address on the network over which the services talk to each other",
        )
    elif host.survey:
        yield from _foreign_address(host, "cloud_management_address", text)


def _foreign_address(host: Host, variable: str, text: str) -> Iterator[_Complaint]:
    if _parsed(text) not in {_parsed(each) for each in host.own_addresses}:
        yield _Complaint(
            "address",
            f"{variable}, {text}, is not on any of its interfaces",
            f"Set it to an address of the host ({_routable(host) or 'none so far'})",
        )


def _name(host: Host, hosts: list[Host]) -> Iterator[_Complaint]:
    name = _nova_name(host)
    if name.partition(".")[0] == "localhost":
        yield _Complaint(
            "name",
            f"the host name is {name}, which does not distinguish hosts",
            "Give the host a name (hostnamectl hostname NAME)",
        )
        return
    others = [each.name for each in hosts if each is not host and each.survey and _nova_name(each) == name]
    if others:
        yield _Complaint(
            "name",
            f"{_some(sorted([host.name, *others]))} have the same name, {name}, and Nova needs distinct names",
            "Give each its own (hostnamectl hostname NAME)",
        )


def _platform(host: Host, cloud: Cloud) -> Iterator[_Complaint]:
    if host.platform not in cloud.platforms:
        yield _Complaint(
            "platform",
            f"this collection does not know {host.platform}, which the host runs",
            f"Use one of {', '.join(cloud.platforms)}, or write roles/cloud/vars/{host.platform}.yml",
        )


def _release(host: Host) -> Iterator[_Complaint]:
    if host.refused_release:
        yield _Complaint("release", *host.refused_release)
        return
    source, there = host.declared.get("source"), host.survey.get("source")
    if source and there and source != there:
        yield _Complaint(
            "release",
            f"cloud_source is {source}, and the services there were installed from {there}",
            f"Set cloud_source to {there}, or begin with a host without them",
        )


def _resolution(host: Host, hosts: list[Host], cloud: Cloud) -> Iterator[_Complaint]:
    if not cloud.controllers:
        return
    controllers = [each for each in hosts if each.name in cloud.controllers]
    seen = [each for each in controllers if each.survey]
    expected = {each.management_address for each in controllers} | set(cloud.controller_addresses) - {""}
    own = expected.union(*(each.own_addresses for each in seen))
    # A cloud that is part of a larger one may have its controllers behind an address of something else.
    alone = len(cloud.controllers) == len(seen) == 1 and "keystone" in cloud.neighbours
    of_others = {each.management_address: each.name for each in hosts if each not in controllers}
    address = next(
        (each for each in sorted(expected) if ":" not in each),
        "the cloud_management_address of the controller",
    )
    alternative = f"or set cloud_controller_host to {address}"
    for name, found in host.survey["resolved"].items():
        parsed = [_parsed(each) for each in found]
        loopback = [each for each, one in zip(found, parsed) if one and one.is_loopback]
        stranger = next((each for each in found if each in of_others), found[0] if found else "")
        if not found:
            yield _Complaint(
                "resolution",
                f"the controller's name, {name} (cloud_controller_host), is not known there",
                f"Add the name to DNS or to /etc/hosts there, {alternative}",
            )
        elif loopback and not (expected and all(_is_loopback(each) for each in expected)):
            yield _Complaint(
                "resolution",
                f"the controller's name, {name}, is {loopback[0]} there, where not all services listen",
                f"Correct it in /etc/hosts there to {address} (Debian's installer and cloud-init write "
                f"127.0.1.1), {alternative}",
            )
        elif not any(one and one.version == 4 for one in parsed):
            yield _Complaint(
                "resolution",
                f"the controller's name, {name}, has no IPv4 address there, and the APIs as they are packaged "
                "listen on IPv4 only",
                f"Add one to DNS or to /etc/hosts there, {alternative}",
            )
        elif stranger in of_others or (alone and not own & set(found)):
            whose = (
                f", which is {of_others[stranger]}"
                if stranger in of_others
                else ", which the controller does not have"
            )
            yield _Complaint(
                "resolution",
                f"the controller's name, {name}, is {stranger} there{whose}",
                f"Correct it in DNS or in /etc/hosts there, {alternative}",
            )


def _mechanism_of(host: Host) -> str:
    """What connects instances there; "" where Neutron is the site's, or the platform is not known."""
    asked = str(host.declared.get("mechanism") or "")
    if asked == _AUTO:
        return host.mechanisms[0] if host.mechanisms else ""
    return asked


def _mechanism(host: Host, hosts: list[Host]) -> Iterator[_Complaint]:
    mechanism, known = _mechanism_of(host), host.mechanisms
    if not mechanism or not known:
        return
    if mechanism not in known:
        yield _Complaint(
            "mechanism",
            f"the OpenStack of {host.platform} has no {mechanism} (neutron_mechanism)",
            f"Set it to {' or '.join(known)}",
        )
        return
    first = next((each for each in hosts if each.is_controller and _mechanism_of(each)), host)
    theirs = _mechanism_of(first)
    if mechanism != theirs:
        yield _Complaint(
            "mechanism",
            f"neutron_mechanism is {mechanism} there, and {theirs} on controller {first.name}",
            "Set it to the same on all hosts",
        )


def _datapath(host: Host) -> Iterator[_Complaint]:
    if _mechanism_of(host) not in _OPEN_VSWITCH:
        return
    address = str(host.declared.get("bridge_address") or "")
    if address and not _has_prefix(address):
        yield _Complaint(
            "datapath",
            f"neutron_ovs_bridge_address, {address}, is no address with the length of its prefix",
            "Write it like 10.98.0.11/24",
        )
    elif host.declared.get("datapath") != "netdev":
        if not host.survey["has_kernel_switch"]:
            yield _Complaint(
                "datapath",
                "its kernel lacks the module openvswitch, which Open vSwitch needs",
                "Install the modules of its kernel, or set neutron_ovs_datapath to netdev",
            )
    elif not (address and host.declared.get("provider_interface")):
        yield _Complaint(
            "datapath",
            "Open vSwitch in user space (neutron_ovs_datapath) carries tunnels over addresses of its own bridges only",
            "Set neutron_ovs_bridge_address, and neutron_provider_interface to the interface that leads to the others",
        )


def _kernel(host: Host) -> Iterator[_Complaint]:
    running = host.survey["kernel"]
    if not _mechanism_of(host) or not host.kernel_limit:
        return
    if LooseVersion(running) < LooseVersion(host.kernel_limit):
        return
    yield _Complaint(
        "kernel",
        f"the agents of Neutron that {host.platform} has cannot remove network interfaces with kernel {running}, only "
        f"before {host.kernel_limit}",
        "Boot the kernel of the distribution itself",
    )


def _has_prefix(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return "/" in text


def _interface(host: Host) -> Iterator[_Complaint]:
    interface = str(host.declared.get("provider_interface") or "")
    addresses = host.survey["addresses"]
    if not interface:
        return
    if interface not in addresses:
        known = ", ".join(sorted(name for name in addresses if name != "lo"))
        yield _Complaint(
            "interface",
            f"there is no interface {interface} (neutron_provider_interface)",
            f"Name one of those there ({known}), or set it to an empty string for hosts without provider network",
        )
        return
    carried = []
    if host.management_address in addresses[interface]:
        carried.append("the management address")
    if interface in host.survey["default_interfaces"]:
        carried.append("the default route")
    if _mechanism_of(host) in _OPEN_VSWITCH and not carried:
        carried = [f"the address {each}" for each in addresses[interface] if ":" not in each]
    if carried:
        yield _Complaint(
            "interface",
            f"{interface} (neutron_provider_interface) carries {' and '.join(carried)}, which is lost when "
            "Neutron puts it into a bridge",
            "Name an interface that carries nothing, or an empty string for none",
        )


def _migration(host: Host, hosts: list[Host]) -> Iterator[_Complaint]:
    text = str(host.declared.get("migration_address") or "")
    if not text:
        return
    yield from _foreign_address(host, "compute_migration_address", text)
    machine = host.survey.get("machine_id")
    others = [
        each.name
        for each in hosts
        if each is not host and each.is_compute and machine and each.survey.get("machine_id") == machine
    ]
    if others:
        yield _Complaint(
            "machine",
            f"{_some(sorted([host.name, *others]))} have the same /etc/machine-id, as clones of one disk have, and "
            "libvirt moves nothing between such hosts",
            "Give each its own: rm /etc/machine-id, systemd-machine-id-setup, and reboot",
        )


def _clock(host: Host, hosts: list[Host]) -> Iterator[_Complaint]:
    reference = next((each for each in hosts if each.is_controller and each.clock), None)
    if reference is None or reference.clock is None or host.clock is None or host is reference:
        return
    ahead, behind = host.clock[0] - reference.clock[1], reference.clock[0] - host.clock[1]
    seconds = max(ahead, behind)
    if seconds > CLOCK_TOLERANCE:
        direction = "ahead of" if ahead > behind else "behind"
        # Rounded, so that hosts which are wrong by the same are one finding.
        yield _Complaint(
            "clock",
            f"the clock is {round(seconds)} s {direction} that of controller {reference.name}; beyond "
            f"{CLOCK_TOLERANCE} s tokens are refused and services count as down",
            "Synchronize the clocks (chrony, systemd-timesyncd)",
        )


def _size(host: Host) -> Iterator[_Complaint]:
    memory = max(CONTROLLER_MEMORY * host.is_controller, COMPUTE_MEMORY * host.is_compute)
    disk = CONTROLLER_DISK * host.is_controller + COMPUTE_DISK * host.is_compute
    if host.survey["memory"] < memory:
        yield _Complaint(
            "memory",
            f"{host.survey['memory']} MiB of memory and swap are there; what is to run needs {memory}",
            "Give the host more",
        )
    if host.survey["is_bare"] and host.survey["disk"] < disk:
        yield _Complaint(
            "disk",
            f"{host.survey['disk']} MiB are free below /usr; the packages alone need {disk}",
            "Give the host more",
        )


def _nova_name(host: Host) -> str:
    return str(host.declared.get("host") or host.survey["nodename"])


def _routable(host: Host) -> str:
    addresses = sorted(each for each in host.own_addresses if not _is_loopback(each) and ":" not in each)
    return ", ".join(addresses)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_loopback(text: str) -> bool:
    address = _parsed(text)
    return address is not None and address.is_loopback


def _finding(check: str, hosts: Iterable[str], error: CollectionError) -> Finding:
    return Finding(check, tuple(hosts), str(error))


def _some(names: Collection[str]) -> str:
    shown = list(names)[:_HOSTS_NAMED]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")
