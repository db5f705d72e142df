# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova: its control side, the controllers of additional cells, and compute hosts."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._platforms import combined
from . import cells, identity, messaging, network
from .cloud import bracketed
from .inventory import FIRST_CELL, unique
from .service import Api, Balanced, Item, Service, line, service

if TYPE_CHECKING:
    from .cloud import Cloud

UNIT = "Nova Compute"
"""What certificates of the cloud's own authority say that compute hosts are."""

_CONF = "/etc/nova/nova.conf"
_ANY = ("0.0.0.0", "::")
_PROXY_PORT = 6080
_MIGRATION_PORT = 16514
_OVN_PORT = 6642
_INSTANCES = "/var/lib/nova/instances"
# What hw_accel_fact may find.
VIRT_TYPES = ("kvm", "qemu")


# --- nova.conf ------------------------------------------------------------------------------------------------


def shared_options(cloud: Cloud, *, caches: bool) -> dict[str, Any]:
    """The options of nova.conf that controllers and compute hosts share."""
    variables = cloud.variables
    adapter = identity.adapter(cloud)
    return {
        "DEFAULT": {
            "transport_url": cells.urls(cloud, cloud.cell)["transport_url"]
            if cloud.in_additional_cell
            else messaging.cloud_transport_url(cloud),
            "my_ip": variables["cloud_management_address"],
        },
        "oslo_messaging_rabbit": messaging.transport_options(cloud),
        "keystone_authtoken": identity.authtoken(cloud, "nova", caches=caches),
        "service_user": {**identity.login(cloud, "nova"), "send_service_user_token": True},
        "placement": {**identity.login(cloud, "placement"), **adapter},
        "neutron": {**identity.login(cloud, "neutron"), **adapter},
        "glance": adapter,
        "keystone": adapter,
        "cinder": {
            **identity.authorities(cloud),
            "os_region_name": variables["cloud_region"],
            "catalog_info": f"volumev3::{variables['cloud_interface']}URL",
        },
        "oslo_concurrency": {"lock_path": "/var/lib/nova/tmp"},
    }


def _released(cloud: Cloud) -> dict[str, Any]:
    """Options that differ in the platform's release; null is one that it does not know."""
    found: dict[str, Any] = cloud.platform.get("nova_options") or {}
    return found


def controller_options(cloud: Cloud) -> dict[str, Any]:
    """nova.conf of a controller."""
    own = {
        "api_database": {"connection": messaging.connection(cloud, "nova", "nova_api")},
        "database": {"connection": messaging.connection(cloud, "nova")},
        "keystone_authtoken": identity.token_cache(cloud),
        "conductor": {"workers": cloud.variables["cloud_workers"]},
        "scheduler": {"workers": cloud.variables["cloud_workers"]},
        "neutron": {
            "service_metadata_proxy": True,
            "metadata_proxy_shared_secret": cloud.variables["cloud_metadata_secret"],
        },
        "vnc": _proxy_options(cloud),
    }
    return _layered(
        shared_options(cloud, caches=False),
        own,
        _tls_options(cloud),
        _released(cloud),
        cloud.variables["controller_options"],
    )


def cell_options(cloud: Cloud) -> dict[str, Any]:
    """nova.conf of the controller of an additional cell: its conductor and console proxy cannot reach the API's."""
    own = {
        "api_database": {"connection": None},
        "database": {"connection": cells.urls(cloud, cloud.cell)["database_connection"]},
        "conductor": {"workers": cloud.variables["cloud_workers"]},
        "vnc": _proxy_options(cloud),
    }
    return _layered(
        shared_options(cloud, caches=False),
        own,
        _tls_options(cloud),
        _released(cloud),
        cloud.variables["controller_options"],
    )


def _layered(first: Mapping[str, Any], *more: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(first)
    for each in more:
        found = combined(found, each)
    return found


def _proxy_options(cloud: Cloud) -> dict[str, Any]:
    return {"enabled": True, "novncproxy_host": cloud.variables["controller_console_address"]}


def _tls_options(cloud: Cloud) -> dict[str, Any]:
    """The console proxy speaks TLS to browsers, and to VNC servers, which know it by its certificate."""
    if not cloud.tls:
        return {}
    tls = cloud.platform["controller"]["tls"]
    return {
        "DEFAULT": {"ssl_only": True, "cert": tls["certificate"], "key": tls["private_key"]},
        "vnc": {
            "auth_schemes": ["vencrypt"],
            "vencrypt_ca_certs": cloud.tls_files["ca"],
            "vencrypt_client_cert": tls["certificate"],
            "vencrypt_client_key": tls["private_key"],
        },
    }


# --- Controllers ----------------------------------------------------------------------------------------------


def controller(cloud: Cloud) -> Service:
    """Nova's control side."""
    there, variables = cloud.platform["controller"], cloud.variables
    port, metadata, uwsgi = there["port"], there["metadata_port"], there["uwsgi"]
    options = controller_options(cloud)
    url = variables["cloud_host_url"]
    return service(
        cloud,
        "nova",
        shares_directories=True,
        logs_in=True,
        packages=there["packages"],
        database={
            "names": ["nova_api", "nova", "nova_cell0"],
            "user": "nova",
            "password": variables["cloud_nova_database_password"],
        },
        files=[{"path": _CONF, "options": options}],
        watched_files=_cell_notes(cloud),
        lines=_console_lines(cloud),
        uwsgi=uwsgi,
        apis=[
            Api("nova-api", port, uwsgi[0]["path"]),
            Api("nova-api-metadata", metadata, uwsgi[-1]["path"]),
        ]
        if uwsgi
        else [],
        tls=there.get("tls"),
        one_thread=there["one_thread"],
        registration=[identity.registration(cloud, "nova")],
        units=there["units"],
        reporting_units=there["reporting_units"],
        balanced=[
            Balanced("nova", port, "nova-api"),
            Balanced("metadata", metadata, "nova-api-metadata"),
        ],
        answers=[f"{url}:{port}/", f"{url}:{metadata}/", _console_url(cloud, options)],
    )


def cell_controller(cloud: Cloud) -> Service:
    """The controller of an additional cell, whose database and message queue are there already."""
    there = cloud.platform["controller"]
    options = cell_options(cloud)
    units = cell_units(cloud)
    names = [each["name"] for each in units]
    return service(
        cloud,
        "nova",
        shares_directories=True,
        logs_in=True,
        message_queue=messaging.nova_account(cloud),
        packages=cloud.platform["cell"]["packages"],
        database={
            "names": ["nova"],
            "user": "nova",
            "password": cloud.cell_secrets[f"cloud_cell_database_password_{cloud.cell}"],
        },
        files=[{"path": _CONF, "options": options}],
        lines=_console_lines(cloud),
        tls=there.get("tls"),
        schema={"config_file": _CONF, "schemas": ["main"]},
        units=units,
        reporting_units=[each for each in there["reporting_units"] if each in names],
        answers=[_console_url(cloud, options)],
    )


def cell_units(cloud: Cloud) -> list[Item]:
    """What runs on the controller of an additional cell."""
    return [
        each
        for each in cloud.platform["controller"]["units"]
        if re.match(r".*(conductor|proxy)$", each["name"])
    ]


def _console_lines(cloud: Cloud) -> list[Item]:
    path = cloud.platform["controller"]["console_file"]
    line = {
        "path": path,
        "regexp": r"^\s*NOVA_CONSOLE_PROXY_TYPE=",
        "line": "NOVA_CONSOLE_PROXY_TYPE=novnc",
    }
    return [line] if path else []


def _console_url(cloud: Cloud, options: Mapping[str, Any]) -> str:
    """The console proxy as it is configured, which cloud_console_url may reach by other ways."""
    variables = cloud.variables
    secure = str(options["DEFAULT"].get("ssl_only", False)).lower() in ("true", "yes", "1", "on")
    address = variables["controller_console_address"]
    host = urlsplit(variables["cloud_host_url"]).netloc if address in _ANY else address
    port = (variables["controller_options"].get("vnc") or {}).get("novncproxy_port", _PROXY_PORT)
    return f"{'https' if secure else 'http'}://{host}:{port}/vnc_lite.html"


def leaving_cell(cloud: Cloud) -> str:
    """The cell that the playbook remove_cell removes."""
    return str(cloud.variables.get("remove_cell_name") or "")


def _staying_cells(cloud: Cloud) -> list[dict[str, str]]:
    return [each for each in cells.additional(cloud).values() if each["name"] != leaving_cell(cloud)]


def all_cells(cloud: Cloud) -> list[Any]:
    """The cells other than cell0, [] where there is only the default one: the controllers' own, and additional ones."""
    own, more = list(cloud.variables["controller_cells"]), _staying_cells(cloud)
    return [*(own or [{"name": FIRST_CELL}]), *more] if more else own


def cell_mapping(cloud: Cloud) -> dict[str, Any]:
    """What the role controller hands to stackwright.nova.cell_v2.

    ``host_cells``: where compute hosts belong, unless the site names its cells. ``urls``: those that Nova's cells
    follow, for check mode.
    """
    options = controller_options(cloud)
    return {
        "cells": all_cells(cloud),
        "host_cells": {} if cloud.variables["controller_cells"] else cloud.host_cells,
        "urls": {
            "DEFAULT": options["DEFAULT"]["transport_url"],
            "api_database": options["api_database"]["connection"],
            "database": options["database"]["connection"],
        },
    }


def _cell_notes(cloud: Cloud) -> list[Item]:
    """A file that changes when the cells or their URLs do.

    The API and the scheduler know cells as they were when they started. They do not read this file; they restart when
    it changes.
    """
    if not cloud.cell_hosts and not leaving_cell(cloud):
        return []
    lines = [
        "# Cells of other controllers and digests of their URLs: Nova is restarted where this changes.",
        *(
            f"{each['name']} {_digest(each['transport_url'] + each['database_connection'])}"
            for each in _staying_cells(cloud)
        ),
    ]
    return [{"path": "/etc/nova/stackwright-cells", "mode": "0600", "content": "\n".join(lines) + "\n"}]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- Firewall -------------------------------------------------------------------------------------------------


def openings(cloud: Cloud) -> list[Any]:
    """What stackwright.nova.firewall_access opens on a controller, for what compute hosts and other cells need."""
    variables = cloud.variables
    more = list(variables["controller_firewall_openings"])
    if cloud.is_cell_controller:
        compute = cloud.inventory.addresses(
            name for name, cell in cloud.compute_cells.items() if cell == cloud.cell
        )
        sources = [*compute, *cloud.controller_addresses]
        return [
            _opening("message queue", [variables["cloud_message_queue_port"]], sources),
            _opening("database", [variables["cloud_database_port"]], cloud.controller_addresses),
            *more,
        ]
    gone = leaving_given(cloud)
    staying = [each for each in cloud.group("compute") if each not in gone]
    compute = cloud.inventory.addresses(staying)
    queue = [variables["cloud_message_queue_port"]] if variables["message_queue_enabled"] else []
    others = cloud.inventory.addresses(cloud.cell_controllers.values())
    return [
        _opening("message queue", queue, compute),
        _opening("APIs", _api_ports(cloud), unique([*compute, *others])),
        *_network_openings(cloud, staying, compute),
        *more,
    ]


def _opening(name: str, ports: Sequence[Any], sources: Sequence[str], **more: Any) -> dict[str, Any]:
    return {"name": name, **more, "ports": list(ports), "sources": list(sources)}


def _network_openings(cloud: Cloud, hosts: Iterable[str], compute: list[str]) -> list[Any]:
    if "neutron" not in cloud.variables["cloud_neighbours"]:
        return []
    ovn = network.mechanism(cloud) == "ovn"
    overlay = cloud.inventory.addresses(hosts, "neutron_overlay_address")
    found = [
        _opening("tunnels", [6081 if ovn else 4789], unique([*overlay, *compute]), protocol="udp"),
    ]
    if ovn:
        found += [
            _opening("networks of OVN", [_OVN_PORT], compute),
            _opening("metadata", [cloud.platform["controller"]["metadata_port"]], compute),
        ]
    return found


def _api_ports(cloud: Cloud) -> list[int]:
    """The ports of the APIs that are deployed here, where compute hosts reach them."""
    variables = cloud.variables
    names = {"keystone": "identity", "glance": "image", "placement": "placement", "neutron": "network"}
    ports = []
    for service_name, name in names.items():
        if service_name not in variables["cloud_neighbours"]:
            continue
        urls = [variables[f"cloud_{name}_url"]]
        if variables["cloud_interface"] == "public":
            urls.append(variables[f"cloud_{name}_public_url"])
        for url in urls:
            parts = urlsplit(url)
            ports.append(parts.port or (443 if parts.scheme == "https" else 80))
    return unique(ports)


# --- Hosts that leave -----------------------------------------------------------------------------------------


def _named(value: Any) -> list[str]:
    """Hosts that a playbook was given: one, a list, or names with commas between them."""
    given = value if isinstance(value, (list, tuple)) else [value or ""]
    names = (name.strip() for each in given for name in str(each).split(","))
    return unique(name for name in names if name)


def leaving_given(cloud: Cloud) -> list[str]:
    """The hosts that remove_compute removes, as they are given."""
    return _named(cloud.variables.get("remove_compute_hosts"))


def removal(cloud: Cloud) -> dict[str, Any]:
    """The hosts that remove_compute removes: ``given``, ``asked`` (that answered), ``names`` (as Nova has them).

    ``network_agents``: what they have of Neutron, by their names; a controller stays a network node.
    """
    given = leaving_given(cloud)
    known = {name: cloud.inventory.of(name, "__compute_name") for name in given}
    asked = {name: own for name, own in known.items() if own}
    names = [asked.get(name, name) for name in given]
    neutron = "neutron" in cloud.variables["cloud_neighbours"]
    return {
        "given": given,
        "asked": asked,
        "names": names,
        "network_agents": {
            name: cloud.compute_agents
            for host, name in zip(given, names)
            if neutron and host not in cloud.controllers
        },
    }


def drained(cloud: Cloud) -> list[str]:
    """The hosts that the playbook drain empties or gives back, as Nova has them."""
    given = _named(cloud.variables.get("drain_compute_hosts"))
    return [cloud.host_names.get(name, name) for name in given]


# --- Compute hosts --------------------------------------------------------------------------------------------


def compute(cloud: Cloud, virt_type: str) -> Service:
    """Nova Compute with this kind of virtualization.

    On a controller nova.conf belongs to the control side, whose services would restart for every change of it: the
    options of Nova Compute are then in the file that it alone reads.
    """
    there, variables = cloud.platform["compute"], cloud.variables
    disk = variables["compute_instances_disk"]
    packages = (there.get("disk_packages") or {}).get(variables["compute_instances_filesystem"], [])
    return service(
        cloud,
        "nova",
        logs_in=True,
        message_queue=messaging.nova_account(cloud),
        packages=[*there["packages"], *(packages if disk else [])],
        files=compute_files(cloud, virt_type),
        lines=[
            *(_migration_lines(cloud) if variables["compute_migration_enabled"] else []),
            *(_vnc_lines(cloud) if cloud.tls else []),
        ],
        whole_files=_mount_files(cloud) if disk else [],
        units=compute_units(cloud),
        reporting_units=there["reporting_units"],
        watched=[_CONF, there["override_file"]],
    )


def compute_files(cloud: Cloud, virt_type: str) -> list[Item]:
    """The files that Nova Compute reads, as far as they are its own on this host."""
    there = cloud.platform["compute"]
    own = _layered(_compute_options(cloud, virt_type), _released(cloud), cloud.variables["compute_options"])
    override = {
        "path": there["override_file"],
        "options": combined(there["override_options"], own if cloud.is_controller else {}),
    }
    if cloud.is_controller:
        return [override]
    shared = {"path": _CONF, "options": combined(shared_options(cloud, caches=False), own)}
    return [shared, override]


def _compute_options(cloud: Cloud, virt_type: str) -> dict[str, Any]:
    variables = cloud.variables
    moves, elsewhere = variables["compute_migration_enabled"], cloud.in_additional_cell
    # Nova asks for the activation of a port's binding twice: at the end of a live migration, and for libvirt's event
    # that reports it. Where Neutron cannot take both, Nova does without such events, and looks itself, more often, for
    # instances that stopped. With post-copy the event is what reconnects an instance in time.
    races = (
        cloud.platform["compute"]["activation_race"]
        and moves
        and not variables["compute_live_migration_post_copy"]
    )
    return {
        "DEFAULT": {"sync_power_state_interval": 60 if races else None},
        "workarounds": {
            "handle_virt_lifecycle_events": False if races else None,
            # In an additional cell nobody hears what a compute host would ask the API's database, or tell the
            # scheduler.
            "disable_group_policy_check_upcall": True if elsewhere else None,
        },
        "filter_scheduler": {"track_instance_changes": False if elsewhere else None},
        "libvirt": {
            "virt_type": virt_type,
            # Where moving is switched off, null takes these out.
            "live_migration_scheme": "tls" if moves else None,
            "live_migration_inbound_addr": variables["compute_migration_address"] if moves else None,
            "live_migration_with_native_tls": True if moves else None,
            # The only one that compute_peers lets in.
            "remote_filesystem_transport": "rsync" if moves else None,
            "live_migration_completion_timeout": variables["compute_live_migration_timeout"],
            "live_migration_timeout_action": variables["compute_live_migration_timeout_action"],
            "live_migration_downtime": variables["compute_live_migration_downtime"],
            "live_migration_permit_auto_converge": variables["compute_live_migration_auto_converge"],
            "live_migration_permit_post_copy": variables["compute_live_migration_post_copy"],
            "cpu_mode": variables["compute_cpu_mode"] or None,
            "cpu_models": variables["compute_cpu_models"] or None,
        },
        "vnc": {
            "enabled": True,
            "server_listen": variables["compute_vnc_listen"],
            "server_proxyclient_address": variables["compute_vnc_address"],
            "novncproxy_base_url": variables["cloud_console_url"],
        },
        # The packages give each guest a second screen, which no proxy of this collection serves and every network
        # reaches.
        "spice": {"enabled": False, "server_listen": variables["compute_vnc_listen"]},
    }


def own_name(cloud: Cloud) -> str:
    """The name that Nova has for this host."""
    own = cloud.compute_option("host")
    return str(own or cloud.inventory.node_name(cloud.name))


def instances_path(cloud: Cloud) -> str:
    """Where Nova keeps the instances."""
    own = cloud.compute_option("instances_path")
    return str(own or _INSTANCES)


def compute_units(cloud: Cloud) -> list[Item]:
    """What runs on a compute host."""
    there = cloud.platform["compute"]
    if cloud.variables["compute_migration_enabled"]:
        return list(there["units"])
    socket = there["migration_socket"]
    return [
        *(each for each in there["units"] if each["name"] != socket),
        {"name": socket, "enabled": False, "state": "stopped"},
    ]


def _mount_files(cloud: Cloud) -> list[Item]:
    """Without the instances' disk nothing of Nova may start: instances would be written below its mount point."""
    units = [each["name"] for each in cloud.platform["compute"]["units"]]
    content = f"[Unit]\nRequiresMountsFor={instances_path(cloud)}\n"
    return [
        {"path": f"/etc/systemd/system/{unit}.service.d/stackwright-disk.conf", "content": content}
        for unit in units
        if re.match(r"(.*nova-compute|libvirtd|virtqemud)$", unit)
    ]


def _vnc_lines(cloud: Cloud) -> list[Item]:
    """Whoever has no certificate sees no screen."""
    directory = posixpath.dirname(cloud.platform["compute"]["tls"]["ca"])
    path = "/etc/libvirt/qemu.conf"
    return [
        line(path, r"^vnc_tls\s*=", "vnc_tls = 1"),
        line(path, r"^vnc_tls_x509_cert_dir\s*=", f'vnc_tls_x509_cert_dir = "{directory}"'),
        line(path, r"^vnc_tls_x509_verify\s*=", "vnc_tls_x509_verify = 1"),
    ]


def _migration_lines(cloud: Cloud) -> list[Item]:
    """What lets instances move.

    Serial numbers of mainboards are not unique, least of all those of virtual machines, and libvirt moves nothing
    between hosts that have the same. The packaged socket listens on all addresses; ours may come up before its address.
    """
    there, variables = cloud.platform["compute"], cloud.variables
    address = variables["compute_migration_address"]
    libvirt, emulator = "/etc/libvirt/libvirtd.conf", "/etc/libvirt/qemu.conf"
    socket, reload = there["migration_socket_file"], there["certificates_reload_file"]
    subjects = json.dumps(variables["compute_certificate_subjects"])
    return [
        line(libvirt, r"^host_uuid_source\s*=", 'host_uuid_source = "machine-id"'),
        line(libvirt, r"^tls_allowed_dn_list\s*=", f"tls_allowed_dn_list = {subjects}"),
        line(emulator, r"^migrate_tls_x509_verify\s*=", "migrate_tls_x509_verify = 1"),
        line(emulator, r"^migrate_tls_force\s*=", "migrate_tls_force = 1"),
        line(emulator, r"^migration_address\s*=", f'migration_address = "{address}"'),
        line(socket, r"^\[Socket\]$", "[Socket]"),
        line(socket, "^ListenStream=$", "ListenStream="),
        line(socket, "^ListenStream=.", f"ListenStream={bracketed(address)}:{_MIGRATION_PORT}"),
        line(socket, "^FreeBind=", "FreeBind=yes"),
        line(reload, r"^\[Service\]$", "[Service]"),
        line(reload, "^ExecReload=", f"ExecReload={there['certificates_reload']}"),
    ]


def peer(cloud: Cloud) -> dict[str, Any]:
    """What other compute hosts have to know of this one, in addition to its keys."""
    own = cloud.compute_option("my_ip")
    return {
        "name": cloud.name,
        "address": cloud.variables["compute_migration_address"],
        "nova_address": own or cloud.variables["cloud_management_address"],
    }
