# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has of Neutron by the mechanism and the platform: files, units, bridges."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud import network
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.variables import ROLES
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import loaded
from fakes import described as fake

PLATFORMS = {path.stem: loaded(path)["__cloud_platform"] for path in (ROLES / "cloud/vars").glob("*-*.yml")}
GIVEN = {
    "cloud_controller_host": "controller",
    "cloud_management_address": "192.0.2.11",
    "ansible_facts": {"nodename": "node"},
    "neutron_ovn_central_address": "192.0.2.1",
    "neutron_provider_interface": "eth1",
}
USER_SPACE = {"neutron_ovs_datapath": "netdev", "neutron_ovs_bridge_address": "10.98.0.11/24"}
# Platform, what the operator sets, and whether the host is a controller.
HOSTS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "bookworm controller": ("Debian-12", {}, True),
    "bookworm compute": ("Debian-12", {}, False),
    "bookworm with a switch": ("Debian-12", {"neutron_mechanism": "openvswitch"}, False),
    "trixie controller": ("Debian-13", {}, True),
    "trixie compute": ("Debian-13", {"neutron_mechanism": "auto"}, False),
    "trixie in user space": ("Debian-13", USER_SPACE, True),
    "trixie with OVN": ("Debian-13", {"neutron_mechanism": "ovn"}, True),
    "trixie compute with OVN": ("Debian-13", {"neutron_mechanism": "ovn", **USER_SPACE}, False),
    "trixie with OVN and guests": (
        "Debian-13",
        {"neutron_mechanism": "ovn", "cloud_compute_group": "controller"},
        True,
    ),
    "trixie without provider": ("Debian-13", {"neutron_provider_interface": ""}, False),
}
SWITCH_FILE = "/etc/neutron/plugins/ml2/openvswitch_agent.ini"
LINUX_BRIDGE_FILE = "/etc/neutron/plugins/ml2/linuxbridge_agent.ini"


@cache
def outcome(name: str) -> dict[str, Any]:
    """What the host gets."""
    platform, variables, controller = HOSTS[name]
    host = "controller1" if controller else "compute1"
    cloud = fake.cloud(host, distribution=platform, **{**GIVEN, **variables})
    service = fake.services(cloud)["neutron" if controller else "neutron_agents"]
    return {
        "mechanism": network.mechanism(cloud),
        "components": network.controller_components(cloud)
        if controller
        else network.compute_components(cloud),
        **service,
        # Units of Neutron on any platform, with any mechanism, keep their directories.
        "plain_files": [each for each in service["plain_files"] if "directories" not in each["path"]],
        # Those of APIs are the same as with other services.
        "lines": [each for each in service["lines"] if "uwsgi" not in each["path"]],
    }


def options(service: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = next(file["options"] for file in service["files"] if file["path"] == path)
    return found


@pytest.mark.parametrize(
    ("name", "mechanism"),
    [
        ("bookworm compute", "linuxbridge"),
        ("bookworm with a switch", "openvswitch"),
        ("trixie compute", "openvswitch"),
    ],
)
def test_a_compute_host_has_the_agent_of_the_mechanism_alone(name: str, mechanism: str) -> None:
    found = outcome(name)
    assert found["mechanism"] == mechanism
    assert found["components"] == [mechanism]
    assert f"neutron-{mechanism}-agent" in found["packages"]
    agents = [unit["name"] for unit in found["units"] if unit["name"].startswith("neutron-")]
    assert agents == [f"neutron-{mechanism}-agent"]


@pytest.mark.parametrize(
    ("name", "mechanism"), [("bookworm controller", "linuxbridge"), ("trixie controller", "openvswitch")]
)
def test_all_of_a_controller_follows_the_mechanism(name: str, mechanism: str) -> None:
    found = outcome(name)
    assert found["components"] == ["server", "l3", "dhcp", "metadata", mechanism]
    ml2 = options(found, "/etc/neutron/plugins/ml2/ml2_conf.ini")["ml2"]
    assert ml2["mechanism_drivers"] == [mechanism, "l2population"]
    common = options(found, "/etc/neutron/neutron.conf")["DEFAULT"]
    assert (common["service_plugins"], common["interface_driver"]) == (["router"], mechanism)
    for agent in ("l3", "dhcp"):
        default = options(found, f"/etc/neutron/{agent}_agent.ini")["DEFAULT"]
        assert (default["interface_driver"], default["ovs_use_veth"]) == (mechanism, None)
    own = {LINUX_BRIDGE_FILE, SWITCH_FILE} & {file["path"] for file in found["files"]}
    assert own == {f"/etc/neutron/plugins/ml2/{mechanism}_agent.ini"}


def test_linux_bridge_is_what_it_was() -> None:
    found = outcome("bookworm compute")
    assert options(found, "/etc/neutron/neutron.conf")["experimental"] == {"linuxbridge": True}
    assert options(found, LINUX_BRIDGE_FILE)["linux_bridge"] == {
        "physical_interface_mappings": ["provider:eth1"]
    }
    assert [file["path"] for file in found["plain_files"]] == ["/usr/local/sbin/ebtables"]
    assert [unit["name"] for unit in found["units"]] == [
        "systemd-modules-load",
        "neutron-linuxbridge-agent",
    ]
    assert [line["line"] for line in found["lines"]] == ["br_netfilter"]


def test_the_kernel_forwards_for_the_switch() -> None:
    found = outcome("trixie compute")
    agent = options(found, SWITCH_FILE)
    assert agent["ovs"] == {
        "datapath_type": "system",
        "bridge_mappings": ["provider:br-provider"],
        "local_ip": "192.0.2.11",
    }
    assert agent["securitygroup"]["firewall_driver"] == "openvswitch"
    assert found["open_vswitch"]["bridges"] == [
        {"name": "br-provider", "datapath": "system", "ports": ["eth1"]}
    ]
    assert found["open_vswitch"]["other_config"] == {"userspace-tso-enable": None}
    assert "experimental" not in options(found, "/etc/neutron/neutron.conf")
    assert found["lines"] == []


def test_what_forwards_in_user_space_needs_more() -> None:
    found = outcome("trixie in user space")
    agent = options(found, SWITCH_FILE)["ovs"]
    assert (agent["datapath_type"], agent["local_ip"]) == ("netdev", "10.98.0.11")
    assert found["open_vswitch"]["other_config"] == {"userspace-tso-enable": "true"}
    assert options(found, "/etc/neutron/l3_agent.ini")["DEFAULT"]["ovs_use_veth"] is True
    assert options(found, "/etc/neutron/dhcp_agent.ini")["DEFAULT"]["ovs_use_veth"] is True
    text = found["plain_files"][-1]["content"]
    assert "ExecStart=/usr/sbin/ip address replace 10.98.0.11/24 dev br-provider\n" in text


def test_the_agent_starts_after_what_it_needs_and_with_the_switch() -> None:
    found = outcome("trixie compute")
    assert [unit["name"] for unit in found["units"]] == [
        "stackwright-provider",
        "openvswitch-switch",
        "neutron-openvswitch-agent",
    ]
    agent, provider = found["plain_files"]
    assert agent["path"] in found["units"][-1]["watch"]
    assert provider["path"] in found["units"][0]["watch"]
    for file in (agent, provider):
        assert "\nPartOf=openvswitch-switch.service ovs-vswitchd.service\n" in file["content"]
    assert "\nAfter=openvswitch-switch.service stackwright-provider.service" in agent["content"]
    assert provider["content"] == (
        "[Unit]\nDescription=Provider network of Neutron\nRequires=ovs-vswitchd.service\n"
        "PartOf=openvswitch-switch.service ovs-vswitchd.service\n"
        "After=openvswitch-switch.service ovs-vswitchd.service\n\n"
        "[Service]\nType=oneshot\nRemainAfterExit=yes\n"
        "ExecStart=/usr/sbin/ip link set dev eth1 up\nExecStart=/usr/sbin/ip link set dev br-provider up\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )


def test_without_a_provider_interface_there_is_no_bridge() -> None:
    found = outcome("trixie without provider")
    assert found["open_vswitch"]["bridges"] == []
    assert options(found, SWITCH_FILE)["ovs"]["bridge_mappings"] is None
    assert len(found["plain_files"]) == 1
    assert (found["units"][0]["enabled"], found["units"][0]["state"]) == (False, "stopped")


@pytest.mark.parametrize("name", [name for name, data in PLATFORMS.items() if "neutron" in data])
def test_a_platform_has_all_that_its_mechanisms_need(name: str) -> None:
    neutron = PLATFORMS[name]["neutron"]
    for mechanism in neutron["mechanisms"]:
        components = {*network.COMPONENTS[mechanism]["controller"], *network.COMPONENTS[mechanism]["compute"]}
        assert components <= neutron["packages"].keys()
        assert components <= neutron["units"].keys()


SEVERAL = {"api_defaults", "load_balancer", "cell"}
OF_CLUSTERS = {
    "cluster_packages",
    "cluster_provider",
    "data_directory",
    "cookie_file",
    "quorum_options",
    "cluster_tls_file",
}


def test_platforms_describe_the_same_things() -> None:
    first = PLATFORMS["Debian-12"]
    for name, other in PLATFORMS.items():
        # Where nothing but Nova is described, a check at the start says so.
        lacking = first.keys() - other.keys()
        # Several controllers, and several cells, are for platforms where they were tried.
        assert lacking - SEVERAL in (set(), {"keystone", "glance", "placement", "neutron"}), name
        assert other.keys() - first.keys() <= {"untried", "kernel_limit", "nova_options"}, name
        for part in other.keys() & first.keys():
            if isinstance(first[part], dict):
                # Nor does every platform say how its services speak TLS.
                left_out = {"tls", "tls_program", "tls_unit_file"} | OF_CLUSTERS
                assert first[part].keys() - other[part].keys() <= left_out, (name, part)
                assert other[part].keys() <= first[part].keys(), (name, part)


def test_ovn_takes_the_place_of_agents() -> None:
    controller, compute = outcome("trixie with OVN"), outcome("trixie compute with OVN")
    assert controller["components"] == ["ovn_central", "server", "ovn"]
    assert compute["components"] == ["ovn", "ovn_metadata"]
    assert outcome("trixie with OVN and guests")["components"] == [
        "ovn_central",
        "server",
        "ovn",
        "ovn_metadata",
    ]
    assert not [name for name in controller["packages"] if "agent" in name]
    assert not any(unit["consumes"] for unit in controller["units"])
    common = options(controller, "/etc/neutron/neutron.conf")["DEFAULT"]
    assert (common["service_plugins"], common["interface_driver"]) == (["ovn-router"], None)
    ml2 = options(controller, "/etc/neutron/plugins/ml2/ml2_conf.ini")
    assert (ml2["ml2"]["mechanism_drivers"], ml2["ml2"]["tenant_network_types"]) == (["ovn"], ["geneve"])
    assert ml2["ovn"]["ovn_nb_connection"] == "tcp:192.0.2.1:6641"
    assert [line["line"] for line in controller["lines"]] == [
        'OVN_CTL_OPTS="--db-nb-addr=192.0.2.1 --db-nb-create-insecure-remote=yes '
        '--db-sb-addr=192.0.2.1 --db-sb-create-insecure-remote=yes"'
    ]
    # Its package does not bring what it starts for each network.
    assert "haproxy" in compute["packages"]
    metadata = options(compute, "/etc/neutron/neutron_ovn_metadata_agent.ini")
    assert metadata["ovn"] == {"ovn_sb_connection": "tcp:192.0.2.1:6642"}
    assert metadata["DEFAULT"]["nova_metadata_host"] == "controller"


def test_the_controller_of_ovn_finds_a_row_in_its_database() -> None:
    """Without one it is killed by a segmentation fault; hosts without the database start after the one that has it."""
    path = "/etc/systemd/system/ovn-controller.service.d/stackwright.conf"
    files = {
        name: [file for file in outcome(name)["plain_files"] if file["path"] == path]
        for name in ("trixie with OVN", "trixie compute with OVN")
    }
    (file,) = files["trixie with OVN"]
    assert "After=ovn-ovsdb-server-sb.service\n" in file["content"]
    assert "ExecStartPre=/bin/sh -c 'until ovn-sbctl --timeout=10 init; " in file["content"]
    assert not files["trixie compute with OVN"]
    (unit,) = [unit for unit in outcome("trixie with OVN")["units"] if unit["name"] == "ovn-controller"]
    assert unit["watch"] == [path]


def test_ovn_finds_on_each_host_what_it_goes_by() -> None:
    assert outcome("trixie with OVN")["open_vswitch"]["external_ids"] == {
        "hostname": "node",
        "ovn-remote": "tcp:192.0.2.1:6642",
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": "192.0.2.11",
        "ovn-bridge-datapath-type": "system",
        "ovn-bridge-mappings": "provider:br-provider",
        "ovn-cms-options": "enable-chassis-as-gw",
    }
    compute = outcome("trixie compute with OVN")["open_vswitch"]["external_ids"]
    assert (compute["ovn-encap-ip"], compute["ovn-cms-options"]) == ("10.98.0.11", None)
    assert outcome("trixie compute")["open_vswitch"]["external_ids"] == {}
