# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ: alone it speaks to its own host only, with several controllers its nodes are a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cloud import bracketed
from .inventory import unique
from .service import Item, Service, line, service

if TYPE_CHECKING:
    from .cloud import Cloud

_PORT_MAPPER = 4369


def message_queue(cloud: Cloud) -> Service:
    """RabbitMQ as the services' message queue."""
    there, variables = cloud.platform["message_queue"], cloud.variables
    clustered = cloud.queue_cluster
    listeners = unique(variables["message_queue_listen_addresses"])
    port = variables["cloud_message_queue_port"]
    found = service(
        cloud,
        packages=there["packages"],
        lines=[
            *_listeners(cloud, listeners),
            *(_tls_lines(cloud) if cloud.tls else []),
            *(_cluster_lines(cloud) if clustered else []),
            *_node_lines(cloud),
            *_host_lines(cloud),
            *([] if clustered else _lone_port_mapper(cloud)),
        ],
        whole_files=[_shared_port_mapper(cloud)] if clustered else [],
        watched_files=[_cluster_tls(cloud)] if clustered and cloud.tls else [],
        tls=there.get("tls", {}),
        units=[{"name": there["unit"]}],
        answers=[f"tcp://{bracketed(each)}:{port}" for each in listeners],
    )
    mapper = {"name": there["port_mapper_unit"], "watch": [there["port_mapper_file"]]}
    node = dict(found.units[0])
    if clustered:
        node["watch"] = [*node["watch"], there["cookie_file"]]
    return Service(**{**vars(found), "units": [mapper, node]})


def login_host(cloud: Cloud) -> str:
    """The host at which this node is asked about its accounts: with TLS by a name that its certificate has."""
    if cloud.tls:
        from .messaging import nova_account

        return str(nova_account(cloud)["hosts"][0])
    return str(unique(cloud.variables["message_queue_listen_addresses"])[0])


def _listeners(cloud: Cloud, listeners: list[str]) -> list[Item]:
    """The first takes the place of all listeners that are not named here, also of one for every address."""
    kind = "ssl" if cloud.tls else "tcp"
    others = "|".join(str(number) for number in range(2, len(listeners) + 1))
    first = rf"^\s*listeners\.{kind}(?!\.({others})\s*=)"
    return [
        line(
            cloud.platform["message_queue"]["config_file"],
            first if number == 1 else rf"^\s*listeners\.{kind}\.{number}\s*=",
            f"listeners.{kind}.{number} = {address}:{cloud.variables['cloud_message_queue_port']}",
        )
        for number, address in enumerate(listeners, 1)
    ]


def _tls_lines(cloud: Cloud) -> list[Item]:
    """No password comes in the clear. Clients prove themselves by their passwords."""
    there = cloud.platform["message_queue"]
    path, tls = there["config_file"], there["tls"]
    return [
        line(path, r"^\s*listeners\.tcp\b", "listeners.tcp = none"),
        line(
            path,
            r"^\s*ssl_options\.cacertfile\s*=",
            f"ssl_options.cacertfile = {cloud.tls_files['ca']}",
        ),
        line(path, r"^\s*ssl_options\.certfile\s*=", f"ssl_options.certfile = {tls['certificate']}"),
        line(path, r"^\s*ssl_options\.keyfile\s*=", f"ssl_options.keyfile = {tls['private_key']}"),
        line(path, r"^\s*ssl_options\.verify\s*=", "ssl_options.verify = verify_none"),
    ]


def _cluster_lines(cloud: Cloud) -> list[Item]:
    """A part of the cluster without a majority waits for the others, so that no message is taken twice.

    A node that lost its power is given up after 15 seconds instead of 60. Until then nobody can declare a queue.
    """
    path = cloud.platform["message_queue"]["config_file"]
    return [
        line(path, r"^\s*cluster_partition_handling\s*=", "cluster_partition_handling = pause_minority"),
        line(path, r"^\s*net_ticktime\s*=", "net_ticktime = 15"),
    ]


def _node_address(cloud: Cloud) -> str:
    """Where the node meets its programs and the port mapper, alone on the loopback address.

    The node's name means that address to them, whatever the resolver says (127.0.1.1 on many hosts). The nodes of a
    cluster meet on the management addresses.
    """
    return cloud.variables["cloud_management_address"] if cloud.queue_cluster else "127.0.0.1"


def _node_lines(cloud: Cloud) -> list[Item]:
    there = cloud.platform["message_queue"]
    environment, hosts = there["environment_file"], there["hosts_file"]
    address = _node_address(cloud)
    arguments = f"-kernel inet_dist_use_interface {{{_erlang(address)}}}"
    if cloud.queue_cluster and cloud.tls:
        arguments += f" -proto_dist inet_tls -ssl_dist_optfile {there['cluster_tls_file']}"
    return [
        line(environment, r"^\s*(export\s+)?ERL_INETRC=", f"export ERL_INETRC={hosts}"),
        line(environment, r"^\s*(export\s+)?ERL_EPMD_ADDRESS=", f"export ERL_EPMD_ADDRESS={address}"),
        line(
            environment,
            "^SERVER_ADDITIONAL_ERL_ARGS=.*inet_dist_use_interface",
            f'SERVER_ADDITIONAL_ERL_ARGS="$SERVER_ADDITIONAL_ERL_ARGS {arguments}"',
        ),
        line(
            environment,
            "^CTL_ERL_ARGS=.*inet_dist_use_interface",
            f'CTL_ERL_ARGS="$CTL_ERL_ARGS {arguments}"',
        ),
        line(hosts, r"^\{lookup,", "{lookup, [file, native]}."),
    ]


def _host_lines(cloud: Cloud) -> list[Item]:
    """What Erlang looks names up in. The first takes the place of all lines for addresses that are none of these."""
    path = cloud.platform["message_queue"]["hosts_file"]
    names = cloud.controllers if cloud.queue_cluster else [cloud.name]
    addresses = {
        name: _erlang(cloud.inventory.address(name) if cloud.queue_cluster else "127.0.0.1") for name in names
    }
    lines = []
    for name in names:
        others = "|".join(each for each in unique(addresses.values()) if each != addresses[name])
        first = rf"^\{{host,(?! *\{{({others})\}})" if others else r"^\{host,"
        node = cloud.inventory.node_name(name)
        called = '","'.join(unique([node, node.split(".")[0]]))
        lines.append(
            line(
                path,
                first if name == names[0] else rf"^\{{host, *\{{{addresses[name]}\}}",
                f'{{host, {{{addresses[name]}}}, ["{called}"]}}.',
            )
        )
    return lines


def _erlang(address: str) -> str:
    return address.replace(".", ",")


def _lone_port_mapper(cloud: Cloud) -> list[Item]:
    path = cloud.platform["message_queue"]["port_mapper_file"]
    return [
        line(path, r"^\[Unit\]$", "[Unit]"),
        line(
            path,
            "^Description=",
            "Description=Erlang Port Mapper Daemon Activation Socket, for this host alone",
        ),
        line(path, r"^\[Socket\]$", "[Socket]"),
        line(path, "^ListenStream=", f"ListenStream=127.0.0.1:{_PORT_MAPPER}"),
        line(path, r"^\[Install\]$", "[Install]"),
        line(path, "^WantedBy=", "WantedBy=sockets.target"),
    ]


def _shared_port_mapper(cloud: Cloud) -> Item:
    """In a cluster other nodes ask it too; brokers register themselves on the loopback address."""
    address = cloud.variables["cloud_management_address"]
    return {
        "path": cloud.platform["message_queue"]["port_mapper_file"],
        "content": (
            "[Unit]\n"
            "Description=Erlang Port Mapper Daemon Activation Socket, for the nodes of the cluster\n"
            "[Socket]\n"
            f"ListenStream=127.0.0.1:{_PORT_MAPPER}\n"
            f"ListenStream={address}:{_PORT_MAPPER}\n"
            "[Install]\n"
            "WantedBy=sockets.target\n"
        ),
    }


def _cluster_tls(cloud: Cloud) -> Item:
    """What the queues hold, tokens among it, goes from node to node, and so do the orders of rabbitmqctl."""
    there = cloud.platform["message_queue"]
    files = (
        f'{{cacertfile, "{cloud.tls_files["ca"]}"}},\n'
        f'           {{certfile, "{there["tls"]["certificate"]}"}},\n'
        f'           {{keyfile, "{there["tls"]["private_key"]}"}},\n'
    )
    return {
        "path": there["cluster_tls_file"],
        "content": (
            "%% Any certificate of the authority will do: nodes also know each other by their secret.\n"
            f"[{{server, [{files}"
            "           {verify, verify_peer}, {fail_if_no_peer_cert, true}]},\n"
            f" {{client, [{files}"
            "           {verify, verify_peer}, {server_name_indication, disable}]}].\n"
        ),
    }
