# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neutron: the server and the agents that connect instances, by Linux bridges, Open vSwitch or OVN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._platforms import combined
from . import identity, messaging, network
from .service import Api, Balanced, Item, Service, service
from .variables import ROLES

if TYPE_CHECKING:
    from .cloud import Cloud

# OVN's controller dies of a segmentation fault where the southbound database has no row yet (25.03, and newer). northd
# writes the first one a moment after the database listens; this one does no harm to it.
_OVN_FIRST_ROW = "ExecStartPre=/bin/sh -c 'until ovn-sbctl --timeout=10 init; do sleep 0.2; done'"


def neutron(cloud: Cloud, components: Sequence[str]) -> Service:
    """What these components have on this host. Only the server has a database and an entry in the catalog."""
    there, variables = cloud.platform["neutron"], cloud.variables
    server = "server" in components
    ovn = network.mechanism(cloud) == "ovn"
    whole = _whole_files(cloud, components)
    units = [
        *([_provider_unit(cloud)] if has_ovs(components) else []),
        *(unit for each in components for unit in there["units"][each]),
    ]
    return service(
        cloud,
        "neutron",
        shares_directories=True,
        # The message queue is tried where the server is. Nova Compute tries it on compute hosts.
        logs_in=server,
        packages=[package for each in components for package in there["packages"][each]],
        database={
            "names": ["neutron"],
            "user": "neutron",
            "password": variables["cloud_neutron_database_password"],
        }
        if server
        else None,
        files=files(cloud, components),
        lines=[
            *(line for each in components for line in there["lines"].get(each, [])),
            *(_ovn_lines(cloud) if "ovn_central" in components else []),
        ],
        whole_files=whole,
        links=there["links"] if server else [],
        tls=there.get("tls") if server else None,
        uwsgi=there["uwsgi"] if server else [],
        # The start script has another name than its unit.
        apis=[Api("neutron-server", there["port"], each["path"]) for each in there["uwsgi"] if server],
        one_thread=there["one_thread"],
        schema={
            "config_file": "/etc/neutron/neutron.conf",
            "other_files": ["/etc/neutron/plugins/ml2/ml2_conf.ini"],
        }
        if server
        else None,
        registration=[identity.registration(cloud, "neutron")] if server else [],
        # OVN's agents ask the server nothing over the message queue, and none of them waits for it.
        units=[{**unit, "consumes": []} for unit in units] if ovn else units,
        balanced=[Balanced("neutron", there["port"], there["units"]["server"][0]["name"])] if server else [],
        answers=[f"{variables['cloud_host_url']}:{there['port']}/"] if server else [],
    )


def has_ovs(components: Sequence[str]) -> bool:
    """Whether Open vSwitch is there."""
    return "openvswitch" in components or "ovn" in components


def open_vswitch(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    """The parameters of stackwright.nova.open_vswitch; {} where there is none."""
    if not has_ovs(components):
        return {}
    variables, there = cloud.variables, cloud.platform["neutron"]["open_vswitch"]
    interface, datapath = variables["neutron_provider_interface"], variables["neutron_ovs_datapath"]
    bridge = {
        "name": variables["neutron_ovs_provider_bridge"],
        "datapath": datapath,
        "ports": [interface],
    }
    found = {
        "bridges": [bridge] if interface else [],
        # Guests leave checksums to their device. Without this the datapath in user space takes what they send for
        # damaged.
        "other_config": {"userspace-tso-enable": "true" if datapath == "netdev" else None},
        "external_ids": _chassis(cloud, components) if "ovn" in components else {},
        **{
            name: there[name]
            for name in ("unit", "switch_unit", "database_unit", "database_file", "database_socket")
        },
        "timeout": variables["cloud_start_timeout"],
    }
    if "ovn" in components:
        # Where the database of Open vSwitch listens for Nova and the metadata agent; Neutron's own agent does that
        # without help.
        found["managers"] = ["ptcp:6640:127.0.0.1"]
    return found


def _chassis(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    """What OVN's controller reads. Neutron knows the host by the name that Nova has for it."""
    variables = cloud.variables
    bridge = f"{variables['neutron_provider_network']}:{variables['neutron_ovs_provider_bridge']}"
    return {
        "hostname": cloud.compute_option("host") or cloud.inventory.node_name(cloud.name),
        "ovn-remote": f"tcp:{variables['neutron_ovn_central_address']}:6642",
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": _tunnel_address(cloud),
        "ovn-bridge-datapath-type": variables["neutron_ovs_datapath"],
        "ovn-bridge-mappings": bridge if variables["neutron_provider_interface"] else None,
        "ovn-cms-options": "enable-chassis-as-gw" if "ovn_central" in components else None,
    }


def _tunnel_address(cloud: Cloud) -> str:
    variables = cloud.variables
    bridge = variables["neutron_ovs_bridge_address"].partition("/")[0]
    return str(bridge or variables["neutron_overlay_address"])


# --- Files ----------------------------------------------------------------------------------------------------


def files(cloud: Cloud, components: Sequence[str]) -> list[Item]:
    """The oslo.config files that the components of this host read."""
    names = ["neutron"]
    if {"server", "linuxbridge"} & set(components):
        names.append("ml2")
    agents = ("linuxbridge", "openvswitch", "l3", "dhcp", "metadata", "ovn_metadata")
    names += [each for each in agents if each in components]
    more = cloud.variables["neutron_options"]
    return [
        {
            "path": _PATHS[name],
            "options": combined(_OPTIONS[name](cloud, components), more.get(name) or {}),
        }
        for name in names
    ]


def _neutron_conf(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    mechanism = network.mechanism(cloud)
    server = "server" in components
    ovn = mechanism == "ovn"
    found: dict[str, Any] = {
        "DEFAULT": {
            "core_plugin": "ml2",
            "service_plugins": ["ovn-router" if ovn else "router"],
            "auth_strategy": "keystone",
            "transport_url": messaging.cloud_transport_url(cloud),
            # What agents plug their ports with; OVN has none that do.
            "interface_driver": None if ovn else mechanism,
        },
        "oslo_messaging_rabbit": messaging.transport_options(cloud),
        "oslo_concurrency": {"lock_path": "/var/lib/neutron/tmp"},
        "keystone_authtoken": identity.authtoken(cloud, "neutron", caches=server),
    }
    if server:
        found = combined(found, _server_options(cloud))
    return combined(found, cloud.platform["neutron"]["options"].get(mechanism) or {})


def _server_options(cloud: Cloud) -> dict[str, Any]:
    variables = cloud.variables
    several = {
        # With several controllers each of them has all agents of a network node.
        "l3_ha": True,
        "max_l3_agents_per_router": len(cloud.controllers),
        "dhcp_agents_per_network": len(cloud.controllers),
    }
    return {
        "DEFAULT": {
            "notify_nova_on_port_status_changes": True,
            "notify_nova_on_port_data_changes": True,
            "rpc_workers": variables["cloud_workers"],
            **(several if cloud.several else {}),
        },
        "database": {"connection": messaging.connection(cloud, "neutron")},
        "nova": {
            **identity.regional_login(cloud, "nova"),
            "endpoint_type": variables["cloud_interface"],
        },
    }


def _ml2(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    variables, mechanism = cloud.variables, network.mechanism(cloud)
    provider, identifiers = variables["neutron_provider_network"], [variables["neutron_vni_ranges"]]
    found: dict[str, Any] = {
        "ml2": {
            "type_drivers": ["flat", "vlan", "vxlan"],
            "tenant_network_types": ["vxlan"],
            "mechanism_drivers": [mechanism, "l2population"],
            "extension_drivers": ["port_security"],
        },
        "ml2_type_flat": {"flat_networks": [provider]},
        # Administrators may name any VLAN of it; projects get none by themselves.
        "ml2_type_vlan": {"network_vlan_ranges": [provider]},
        "ml2_type_vxlan": {"vni_ranges": identifiers},
        "securitygroup": {"enable_ipset": True},
    }
    if mechanism != "ovn":
        return found
    central = variables["neutron_ovn_central_address"]
    return combined(
        found,
        {
            "ml2": {
                "type_drivers": ["local", "flat", "vlan", "geneve"],
                "tenant_network_types": ["geneve"],
                "mechanism_drivers": ["ovn"],
            },
            # What OVN adds to each packet, so that Neutron's MTU leaves room for it.
            "ml2_type_geneve": {"vni_ranges": identifiers, "max_header_size": 38},
            "ovn": {
                "ovn_nb_connection": f"tcp:{central}:6641",
                "ovn_sb_connection": f"tcp:{central}:6642",
                "ovn_metadata_enabled": True,
            },
        },
    )


def _linuxbridge(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    variables = cloud.variables
    interface = variables["neutron_provider_interface"]
    return {
        # The agent connects an instance that has moved here live only when it looks again: seconds of silence.
        "agent": {"polling_interval": 1},
        "linux_bridge": {
            "physical_interface_mappings": [f"{variables['neutron_provider_network']}:{interface}"]
            if interface
            else None
        },
        "vxlan": {
            "enable_vxlan": True,
            "local_ip": variables["neutron_overlay_address"],
            "l2_population": True,
        },
        "securitygroup": {"enable_security_group": True, "firewall_driver": "iptables"},
    }


def _openvswitch(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    variables = cloud.variables
    bridge = f"{variables['neutron_provider_network']}:{variables['neutron_ovs_provider_bridge']}"
    return {
        "ovs": {
            "datapath_type": variables["neutron_ovs_datapath"],
            "bridge_mappings": [bridge] if variables["neutron_provider_interface"] else None,
            "local_ip": _tunnel_address(cloud),
        },
        "agent": {"tunnel_types": ["vxlan"], "l2_population": True},
        "securitygroup": {"enable_security_group": True, "firewall_driver": "openvswitch"},
    }


def _interface_driver(cloud: Cloud) -> dict[str, Any]:
    """Ports of the datapath in user space that were moved into a namespace die there when the switch restarts."""
    mechanism = network.mechanism(cloud)
    veth = mechanism == "openvswitch" and cloud.variables["neutron_ovs_datapath"] == "netdev"
    return {"interface_driver": mechanism, "ovs_use_veth": True if veth else None}


def _l3(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    return {"DEFAULT": _interface_driver(cloud)}


def _dhcp(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    return {
        "DEFAULT": {
            **_interface_driver(cloud),
            "dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq",
            "enable_isolated_metadata": True,
        }
    }


def _metadata(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    variables = cloud.variables
    return {
        "DEFAULT": {
            "nova_metadata_host": variables["cloud_controller_host"],
            "metadata_proxy_shared_secret": variables["cloud_metadata_secret"],
            "metadata_workers": variables["cloud_workers"],
            # Nova's metadata API may be reached over TLS.
            "auth_ca_cert": variables["cloud_ca_cert"] or None,
            **({"nova_metadata_protocol": "https"} if cloud.tls else {}),
        }
    }


def _ovn_metadata(cloud: Cloud, components: Sequence[str]) -> dict[str, Any]:
    return {
        **_metadata(cloud, components),
        "ovs": {"ovsdb_connection": "tcp:127.0.0.1:6640"},
        "ovn": {"ovn_sb_connection": f"tcp:{cloud.variables['neutron_ovn_central_address']}:6642"},
    }


# Every file by the name that neutron_options has for it.
_PATHS = {
    "neutron": "/etc/neutron/neutron.conf",
    "ml2": "/etc/neutron/plugins/ml2/ml2_conf.ini",
    "linuxbridge": "/etc/neutron/plugins/ml2/linuxbridge_agent.ini",
    "openvswitch": "/etc/neutron/plugins/ml2/openvswitch_agent.ini",
    "l3": "/etc/neutron/l3_agent.ini",
    "dhcp": "/etc/neutron/dhcp_agent.ini",
    "metadata": "/etc/neutron/metadata_agent.ini",
    "ovn_metadata": "/etc/neutron/neutron_ovn_metadata_agent.ini",
}
_OPTIONS = {
    "neutron": _neutron_conf,
    "ml2": _ml2,
    "linuxbridge": _linuxbridge,
    "openvswitch": _openvswitch,
    "l3": _l3,
    "dhcp": _dhcp,
    "metadata": _metadata,
    "ovn_metadata": _ovn_metadata,
}


# --- Lines and small files ------------------------------------------------------------------------------------


def _ovn_lines(cloud: Cloud) -> list[Item]:
    """Where OVN's databases listen."""
    central = cloud.variables["neutron_ovn_central_address"]
    return [
        {
            "path": cloud.platform["neutron"]["ovn"].get("central_file", ""),
            "regexp": "^OVN_CTL_OPTS=",
            "line": (
                f'OVN_CTL_OPTS="--db-nb-addr={central} --db-nb-create-insecure-remote=yes '
                f'--db-sb-addr={central} --db-sb-create-insecure-remote=yes"'
            ),
        }
    ]


def _whole_files(cloud: Cloud, components: Sequence[str]) -> list[Item]:
    found: list[Item] = []
    if "linuxbridge" in components:
        found.append(_ebtables())
    if "openvswitch" in components:
        found.append(_agent_unit(cloud))
    if "ovn_central" in components:
        found.append(_ovn_unit(cloud))
    if has_ovs(components) and cloud.variables["neutron_provider_interface"]:
        found.append(_provider_unit_file(cloud))
    return found


def _ebtables() -> Item:
    """Without this program before the packaged one the agent hangs at the first port that comes back to a host.

    Ports come back after a migration, or when the agent restarts.
    """
    content = (ROLES / "neutron/files/ebtables").read_text(encoding="utf-8")
    return {"path": "/usr/local/sbin/ebtables", "mode": "0755", "content": content}


def _agent_unit(cloud: Cloud) -> Item:
    there = cloud.platform["neutron"]["open_vswitch"]
    return {
        "path": there["agent_unit_file"],
        "content": (
            "[Unit]\n"
            f"Wants={there['unit']}.service\n"
            f"PartOf={there['unit']}.service {there['switch_unit']}.service\n"
            f"After={there['unit']}.service {there['provider_unit']}.service\n"
        ),
    }


def _ovn_unit(cloud: Cloud) -> Item:
    there = cloud.platform["neutron"]["ovn"]
    return {
        "path": there["controller_unit_file"],
        "content": (f"[Unit]\nAfter={there['database_unit']}.service\n\n[Service]\n{_OVN_FIRST_ROW}\n"),
    }


def _provider_unit(cloud: Cloud) -> Item:
    """Nothing else sets the provider interface up at boot; a bridge's address does not outlive the switch."""
    there, used = cloud.platform["neutron"]["open_vswitch"], cloud.variables["neutron_provider_interface"]
    return {
        "name": there["provider_unit"],
        "enabled": bool(used),
        "state": "started" if used else "stopped",
        "watch": [there["provider_unit_file"]],
    }


def _provider_unit_file(cloud: Cloud) -> Item:
    variables, there = cloud.variables, cloud.platform["neutron"]["open_vswitch"]
    bridge, address = variables["neutron_ovs_provider_bridge"], variables["neutron_ovs_bridge_address"]
    both = f"{there['unit']}.service {there['switch_unit']}.service"
    own = (
        f"ExecStart=/usr/sbin/ip address replace {address} dev {bridge}\n"
        f"ExecStop=-/usr/sbin/ip address delete {address} dev {bridge}\n"
        if address
        else ""
    )
    return {
        "path": there["provider_unit_file"],
        "content": (
            "[Unit]\n"
            "Description=Provider network of Neutron\n"
            f"Requires={there['switch_unit']}.service\n"
            f"PartOf={both}\n"
            f"After={both}\n"
            "\n"
            "[Service]\n"
            "Type=oneshot\n"
            "RemainAfterExit=yes\n"
            f"ExecStart=/usr/sbin/ip link set dev {variables['neutron_provider_interface']} up\n"
            f"ExecStart=/usr/sbin/ip link set dev {bridge} up\n"
            f"{own}"
            "\n"
            "[Install]\n"
            "WantedBy=multi-user.target\n"
        ),
    }
