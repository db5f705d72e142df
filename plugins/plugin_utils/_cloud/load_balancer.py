# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HAProxy and keepalived on several controllers: one address in front of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .inventory import unique
from .service import DEPARTURE, STATE_PORT, Item, Service, service
from .variables import ROLES

if TYPE_CHECKING:
    from .cloud import Cloud

INTERFACE = "@INTERFACE@"
"""What stands for the interface in the text of keepalived's file until the host was asked for it."""

_FILES = ROLES / "load_balancer/files"
_CONSOLE_PORT = 6080
_DEPARTURE_UNIT = "/etc/systemd/system/stackwright-departure.service"
_CHECK = "/usr/local/lib/stackwright-database-check"
_CHECK_UNIT = "/etc/systemd/system/stackwright-database-check.service"
_KEEPALIVE = "/etc/sysctl.d/60-stackwright-load-balancer.conf"


@dataclass(frozen=True)
class Passed:
    """What is passed on to the controllers.

    ``path``: at which HAProxy asks whether a controller answers ("" asks for a connection alone). ``first_alone``: the
    first controller has it all, and the others know only what there is.
    """

    name: str
    port: int
    path: str = "/"
    first_alone: bool = False
    interval: str = ""


def load_balancer(cloud: Cloud) -> Service:
    """HAProxy, keepalived, and what tells HAProxy of APIs that are about to stop and of the database."""
    there, variables = cloud.platform["load_balancer"], cloud.variables
    certificate = (
        [cloud.tls_files["ca"], there["tls"]["certificate"], there["tls"]["private_key"]] if cloud.tls else []
    )
    checks = cloud.database_cluster
    port = variables["cloud_database_port"] if checks else cloud.platform["controller"]["port"]
    return service(
        cloud,
        packages=there["packages"],
        whole_files=[
            {"path": there["config_file"], "content": haproxy(cloud)},
            {"path": there["address_file"], "content": keepalived(cloud)},
            *_unit_additions(cloud),
            {"path": _KEEPALIVE, "content": _keepalive()},
            *_departure_files(cloud),
            *(_check_files(cloud) if checks else []),
        ],
        # A reload lets connections live.
        units=[
            {"name": "systemd-sysctl", "watch": [_KEEPALIVE]},
            {"name": "stackwright-departure", "watch": [DEPARTURE, _DEPARTURE_UNIT]},
            *(
                [
                    {
                        "name": "stackwright-database-check",
                        "watch": [_CHECK, _CHECK_UNIT, *_check_certificate(cloud)],
                    }
                ]
                if checks
                else []
            ),
            {
                "name": there["unit"],
                "watch": [there["unit_file"]],
                "reload_watch": [there["config_file"], *certificate],
            },
            {"name": there["address_unit"], "watch": [], "reload_watch": [there["address_file"]]},
        ],
        answers=[f"tcp://{variables['cloud_internal_address']}:{port}"],
    )


def passed(cloud: Cloud) -> list[Passed]:
    """What is deployed here and stands behind the addresses."""
    platform, variables = cloud.platform, cloud.variables
    every: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
        "keystone": [("keystone", "port", {"path": "/v3"})],
        "glance": [("glance", "port", {"first_alone": not variables["glance_datadir_shared"]})],
        "placement": [("placement", "port", {})],
        "neutron": [("neutron", "port", {})],
    }
    found = [
        Passed(name, int(platform[service_name][port]), **more)
        for service_name, apis in every.items()
        if service_name in cloud.services
        for name, port, more in apis
    ]
    controller = platform["controller"]
    return [
        *found,
        Passed("nova", int(controller["port"])),
        Passed("metadata", int(controller["metadata_port"])),
        # The proxy makes a process for each connection.
        Passed("console", _CONSOLE_PORT, path="", interval="5s"),
    ]


def addresses(cloud: Cloud) -> list[str]:
    """The addresses that keepalived keeps."""
    variables = cloud.variables
    found = [variables["cloud_internal_address"], variables["cloud_public_address"]]
    return unique(each for each in found if each)


def _keepalive() -> str:
    """Kernel settings: who waits for an answer of a controller that lost its power asks again.

    Otherwise it would wait for two hours. The controller that has the address now knows nothing of the connection, and
    says so.
    """
    return (
        "net.ipv4.tcp_keepalive_time = 5\n"
        "net.ipv4.tcp_keepalive_intvl = 2\n"
        "net.ipv4.tcp_keepalive_probes = 3\n"
    )


def _unit_additions(cloud: Cloud) -> list[Item]:
    """HAProxy's limit: each connection takes two files.

    keepalived starts again whatever ended it: ended by anything but systemd it would leave the address here while
    another controller takes it. It cleans up when it starts.
    """
    there = cloud.platform["load_balancer"]
    return [
        {"path": there["unit_file"], "content": "[Service]\nLimitNOFILE=65536\n"},
        {
            "path": f"/etc/systemd/system/{there['address_unit']}.service.d/stackwright.conf",
            "content": "[Service]\nRestart=always\nRestartSec=1\n",
        },
    ]


def _departure_files(cloud: Cloud) -> list[Item]:
    """APIs leave the load balancers before they stop."""
    variables = cloud.variables
    return [
        {"path": DEPARTURE, "content": (_FILES / "stackwright-departure").read_text(encoding="utf-8")},
        {
            "path": _DEPARTURE_UNIT,
            "content": (
                "[Unit]\n"
                "Description=Tells HAProxy which APIs of this host are about to stop\n"
                "After=network-online.target\n"
                "Wants=network-online.target\n"
                "\n"
                "[Service]\n"
                "DynamicUser=yes\n"
                f"ExecStart=/usr/bin/python3 {DEPARTURE} serve \\\n"
                f"  {variables['cloud_management_address']} {variables['load_balancer_departure_port']}\n"
                "Restart=always\n"
                "RestartSec=1\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
        },
    ]


def _check_certificate(cloud: Cloud) -> list[str]:
    """The check runs as the database server's user, and has the server's certificate."""
    tls = cloud.platform["database"].get("tls", {})
    return [tls["certificate"], tls["private_key"]] if cloud.tls else []


def _check_files(cloud: Cloud) -> list[Item]:
    variables = cloud.variables
    return [
        {"path": _CHECK, "content": (_FILES / "stackwright-database-check").read_text(encoding="utf-8")},
        {
            "path": _CHECK_UNIT,
            "content": (
                "[Unit]\n"
                "Description=Tells HAProxy whether this node of the database is one to write to\n"
                "After=network-online.target\n"
                "Wants=network-online.target\n"
                "\n"
                "[Service]\n"
                "User=mysql\n"
                f"ExecStart=/usr/bin/python3 {_CHECK} \\\n"
                f"  {variables['cloud_management_address']} {variables['load_balancer_database_check_port']} \\\n"
                f"  {' '.join(_check_certificate(cloud))}\n"
                "Restart=always\n"
                "RestartSec=1\n"
                "ProtectSystem=strict\n"
                "PrivateTmp=true\n"
                "NoNewPrivileges=true\n"
                "\n"
                "[Install]\n"
                "WantedBy=multi-user.target\n"
            ),
        },
    ]


def haproxy(cloud: Cloud) -> str:
    """The text of HAProxy's file."""
    variables = cloud.variables
    idle = variables["load_balancer_idle_timeout"]
    balanced = passed(cloud)
    checked = [each.name for each in balanced] + (["database"] if cloud.database_cluster else [])
    lines = [
        "# Ansible managed",
        "global",
        "    log /dev/log local0",
        "    chroot /var/lib/haproxy",
        "    # A reload takes the listening sockets over, and no connection is lost.",
        "    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners",
        "    user haproxy",
        "    group haproxy",
        "",
        "defaults",
        "    log global",
        "    # Bytes are passed on as they come: services speak TLS by themselves.",
        "    mode tcp",
        "    option dontlognull",
        "    # A request to a controller that just went is given to another.",
        "    option redispatch 1",
        "    retries 3",
        "    timeout connect 2s",
        "    # Whoever has lost the power is noticed, also on connections that the configuration before had let in.",
        "    option clitcpka",
        "    option srvtcpka",
        f"    timeout client {idle}s",
        f"    timeout server {idle}s",
        "    timeout check 10s",
        "    default-server inter 2s fastinter 1s downinter 2s fall 3 rise 2 on-marked-down shutdown-sessions",
        "# What this load balancer thinks of each controller. Playbooks go on to the next one when it takes requests "
        "to this one.",
        "frontend state",
        f"    bind 127.0.0.1:{STATE_PORT}",
        "    mode http",
        *(
            f"    http-request return status 200 if {{ path /{each}/{name} }} {{ srv_is_up({each}/{name}) }}"
            for each in checked
            for name in cloud.controllers
        ),
        "    http-request return status 503",
    ]
    for each in balanced:
        lines += _listen(cloud, each)
    if cloud.database_cluster:
        lines += _listen_database(cloud)
    if cloud.tls:
        lines += _listen_cache(cloud)
    return "\n".join(lines) + "\n"


def _check_tls(cloud: Cloud) -> str:
    """What asks for the state of controllers speaks TLS, too, with whoever has a certificate of the authority."""
    return f" check-ssl verify required ca-file {cloud.tls_files['ca']}" if cloud.tls else ""


def _listen(cloud: Cloud, each: Passed) -> list[str]:
    lines = ["", f"listen {each.name}"]
    lines += [f"    bind {address}:{each.port} transparent" for address in addresses(cloud)]
    lines.append("    balance leastconn")
    if each.path:
        if cloud.tls:
            lines += [
                "    # TLS is a part of the connection, for which a check has 2 seconds and not the 10 of an answer. "
                "An API whose workers",
                "    # are all busy is not dead; what goes to a dead one is given to another anyway.",
                "    default-server fall 10",
            ]
        lines += [f"    option httpchk GET {each.path}", "    http-check expect rstatus ^[23]"]
    port = cloud.variables["load_balancer_departure_port"]
    for number, name in enumerate(cloud.controllers):
        line = f"    server {name} {cloud.inventory.address(name)}:{each.port} check"
        if each.path:
            line += _check_tls(cloud)
        if each.interval:
            line += f" inter {each.interval}"
        if each.path:
            line += f' agent-check agent-port {port} agent-inter 1s agent-send "{each.name}\\n"'
        if each.first_alone and number:
            line += " backup"
        lines.append(line)
    return lines


def _listen_database(cloud: Cloud) -> list[str]:
    """Whoever connects to the database reaches one node, and all reach the same."""
    variables = cloud.variables
    port, check = variables["cloud_database_port"], variables["load_balancer_database_check_port"]
    return [
        "",
        "# One node is written to at a time, so that no two transactions meet in different nodes. Who has it keeps it "
        "when an",
        "# earlier one comes back.",
        "listen database",
        f"    bind {variables['cloud_internal_address']}:{port} transparent",
        "    stick-table type ip size 10 nopurge",
        "    stick on dst",
        "    # All requests of all APIs wait for it.",
        "    default-server inter 1s fastinter 500ms downinter 1s fall 2 rise 2",
        "    option httpchk GET /",
        "    http-check expect status 200",
        *(
            f"    server {name} {cloud.inventory.address(name)}:{port} check port {check}{_check_tls(cloud)}"
            f"{' backup' if number else ''}"
            for number, name in enumerate(cloud.controllers)
        ),
    ]


def _listen_cache(cloud: Cloud) -> list[str]:
    tls, port = cloud.platform["load_balancer"]["tls"], cloud.variables["load_balancer_cache_port"]
    # Between the controllers' memcached, both sides have a certificate.
    options = f"ssl crt {tls['certificate']} ca-file {cloud.tls_files['ca']} verify required"
    lines = [
        "",
        "# What the services remember for a while is the same for all controllers. memcached speaks no TLS that their "
        "libraries",
        "# know, so it listens on its own host alone, and what goes to another controller goes there over TLS, "
        "certificates on",
        "# both sides.",
        "frontend cache",
        "    # One connection or more for each request of an API.",
        "    no log",
        f"    bind {cloud.variables['cloud_management_address']}:{port} {options}",
        "    default_backend memcached",
        "",
        "backend memcached",
        f"    server {cloud.name} 127.0.0.1:11211",
    ]
    for number, name in enumerate(cloud.controllers):
        server = (
            f"    server {name} 127.0.0.1:11211"
            if name == cloud.name
            else f"    server {name} {cloud.inventory.address(name)}:{port} check {options}"
        )
        lines += [
            "",
            f"listen cache_{name}",
            "    no log",
            f"    bind 127.0.0.1:{cloud.cache_ports[number]}",
            server,
        ]
    return lines


def keepalived(cloud: Cloud) -> str:
    """The text of keepalived's file."""
    variables = cloud.variables
    address = variables["cloud_management_address"]
    priority = 200 - (cloud.controllers.index(cloud.name) if cloud.is_controller else 0)
    others = [f"        {each}" for each in cloud.controller_addresses if each != address]
    sources = " or ".join(f"src {each}" for each in addresses(cloud))
    peers = ["    unicast_peer {", *others, "    }"] if cloud.several else []
    lines: list[Any] = [
        "# Ansible managed",
        "global_defs {",
        "    enable_script_security",
        "    script_user root",
        "    # Switches that missed the news learn of it later.",
        "    vrrp_garp_master_refresh 10",
        "    # A host with much to do is still there.",
        "    vrrp_priority -20",
        "}",
        "",
        "vrrp_script load_balancer {",
        f'    script "/usr/bin/systemctl --quiet is-active {cloud.platform["load_balancer"]["unit"]}.service"',
        "    interval 2",
        "    timeout 10",
        "    fall 3",
        "    rise 2",
        "}",
        "",
        "vrrp_instance cloud {",
        f"    interface {variables['load_balancer_interface'] or INTERFACE}",
        "    # All begin alike, and who has the addresses keeps them when another comes back.",
        "    state BACKUP",
        "    nopreempt",
        f"    virtual_router_id {variables['load_balancer_router_id']}",
        f"    priority {priority}",
        "    advert_int 1",
        f"    unicast_src_ip {address}",
        *peers,
        "    virtual_ipaddress {",
        *(f"        {each}" for each in addresses(cloud)),
        "    }",
        "    track_script {",
        "        load_balancer",
        "    }",
        "    # Processes of this host that spoke to the address did so from it. What they send then reaches nobody who "
        "would",
        "    # refuse it, and they would wait for a quarter of an hour.",
        *(f'    notify_{moment} "/usr/bin/ss --kill {sources}"' for moment in ("backup", "fault", "stop")),
        "}",
    ]
    return "\n".join(lines) + "\n"
