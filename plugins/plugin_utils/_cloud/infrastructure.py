# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""memcached and MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .service import Balanced, Service, certificate_files, service

if TYPE_CHECKING:
    from .cloud import Cloud


def cache(cloud: Cloud) -> Service:
    """memcached, whose settings stand in the form that the platform's package has."""
    there, variables = cloud.platform["cache"], cloud.variables
    address, memory = variables["cache_listen_address"], variables["cache_memory"]
    lines = {
        "arguments": [
            {"regexp": r"^-l\s", "line": f"-l {address}"},
            {"regexp": r"^-m\s", "line": f"-m {memory}"},
        ],
        "variables": [
            {"regexp": "^OPTIONS=", "line": f'OPTIONS="-l {address}"'},
            {"regexp": "^CACHESIZE=", "line": f'CACHESIZE="{memory}"'},
        ],
    }[there["format"]]
    return service(
        cloud,
        packages=there["packages"],
        lines=[{"path": there["config_file"], **line} for line in lines],
        units=[{"name": there["unit"]}],
        answers=[f"tcp://{address}:11211"],
    )


def database(cloud: Cloud) -> Service:
    """MariaDB, alone or a node of Galera."""
    there, variables = cloud.platform["database"], cloud.variables
    tls = there.get("tls", {})
    return service(
        cloud,
        packages=[*there["packages"], *(there["cluster_packages"] if cloud.database_cluster else [])],
        whole_files=[{"path": there["config_file"], "content": configuration(cloud)}],
        units=[
            # Its package enables it. From the next boot on it would listen on all addresses, whatever the server is
            # configured to do, and leave none to a load balancer.
            {"name": f"{there['unit']}.socket", "enabled": False, "state": "stopped", "watch": []},
            {"name": there["unit"], "watch": [there["config_file"], *certificate_files(cloud, tls)]},
        ],
        tls=tls,
        # A node that restarts is a member again before the next one does.
        balanced=[Balanced("database")] if cloud.database_cluster else [],
        answers=[f"tcp://{variables['database_bind_address']}:{variables['cloud_database_port']}"],
    )


def configuration(cloud: Cloud) -> str:
    """The text of MariaDB's file."""
    sections = {
        "mysqld": {**_server(cloud), **cloud.variables["database_settings"]},
        "sst": _transfer(cloud),
        "client": _client(cloud),
    }
    lines = ["# Ansible managed"]
    for section, settings in sections.items():
        if settings:
            ordered = sorted(settings.items(), key=lambda one: str(one[0]).lower())
            lines += [f"[{section}]", *(f"{name} = {value}" for name, value in ordered)]
    return "\n".join(lines) + "\n"


def _server(cloud: Cloud) -> dict[str, Any]:
    variables, tls = cloud.variables, cloud.platform["database"].get("tls", {})
    settings = {
        "bind-address": variables["database_bind_address"],
        "port": variables["cloud_database_port"],
        "max_connections": variables["database_max_connections"],
        "default-storage-engine": "innodb",
        "innodb_file_per_table": "on",
        "character-set-server": "utf8mb3",
        "collation-server": "utf8mb3_general_ci",
    }
    if cloud.tls:
        # Passwords come over TLS or the local socket, or not at all.
        settings.update(
            ssl_cert=tls["certificate"], ssl_key=tls["private_key"], require_secure_transport="on"
        )
    if cloud.database_cluster:
        settings.update(_cluster(cloud, tls))
    return settings


def _cluster(cloud: Cloud, tls: Mapping[str, str]) -> dict[str, Any]:
    """A node of Galera: it copies to others and from them over the management network, and goes on meanwhile."""
    address = cloud.variables["cloud_management_address"]
    options = [f"gmcast.listen_addr=tcp://{address}:4567", f"ist.recv_addr={address}:4568"]
    if cloud.tls:
        options += [
            "socket.ssl=yes",
            f"socket.ssl_ca={cloud.tls_files['ca']}",
            f"socket.ssl_cert={tls['certificate']}",
            f"socket.ssl_key={tls['private_key']}",
        ]
    return {
        "wsrep_on": "ON",
        "wsrep_provider": cloud.platform["database"]["cluster_provider"],
        "wsrep_cluster_name": "stackwright",
        "wsrep_cluster_address": f"gcomm://{','.join(cloud.controller_addresses)}",
        "wsrep_node_name": cloud.name,
        "wsrep_node_address": address,
        "wsrep_provider_options": f'"{"; ".join(options)}"',
        "wsrep_sst_method": "mariabackup",
        "wsrep_sst_receive_address": f"{address}:4444",
        # The server's own user, over the local socket.
        "wsrep_sst_auth": "mysql:",
        "binlog_format": "ROW",
        "innodb_autoinc_lock_mode": 2,
    }


def _transfer(cloud: Cloud) -> dict[str, str]:
    """Where a whole copy goes from one node to another."""
    if not (cloud.tls and cloud.database_cluster):
        return {}
    tls = cloud.platform["database"]["tls"]
    return {
        "ssl-ca": cloud.tls_files["ca"],
        "ssl-cert": tls["certificate"],
        "ssl-key": tls["private_key"],
        "ssl-mode": "VERIFY_CA",
    }


def _client(cloud: Cloud) -> dict[str, str]:
    """From 11.4 on MariaDB's own clients verify the server's certificate, also behind the local socket."""
    return {"ssl-ca": cloud.tls_files["ca"]} if cloud.tls else {}
