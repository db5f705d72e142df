# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cloud_resources from its parameters to its result, against a cloud in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.cloud_resources import OTHER, OWN, FakeCloudOfResources

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo"
PUBLIC = {
    "name": "public",
    "external": True,
    "provider_network_type": "flat",
    "provider_physical_network": "provider",
}
DAY_ONE: dict[str, Any] = {
    "flavors": [
        {"name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1},
        {"name": "m1.pinned", "ram": 4096, "public": False, "extra_specs": {"hw:cpu_policy": "dedicated"}},
    ],
    "keypairs": [{"name": "operator", "public_key": f"{KEY} somebody@host"}],
    "networks": [PUBLIC, {"name": "private"}],
    "subnets": [
        {
            "name": "public",
            "network": "public",
            "cidr": "203.0.113.0/24",
            "gateway": "203.0.113.1",
            "allocation_pools": [{"start": "203.0.113.100", "end": "203.0.113.200"}],
            "dhcp": False,
        },
        {"name": "private", "network": "private", "cidr": "192.168.9.0/24", "dns_nameservers": ["9.9.9.9"]},
    ],
    "routers": [{"name": "router", "external_network": "public", "subnets": ["private"]}],
    "security_groups": [
        {"rules": [{"protocol": "icmp"}, {"protocol": "tcp", "ports": "22", "remote_ip": "0.0.0.0/0"}]}
    ],
    "quotas": [{"compute": {"cores": 40}, "network": {"floatingip": "-1"}}],
}
COMMANDS = [
    "openstack quota set --cores=40 project-admin",
    "openstack quota set --floating-ips=-1 project-admin",
    "openstack flavor create --vcpus=1 --ram=512 --disk=1 m1.tiny",
    "openstack flavor create --ram=4096 --private --property=hw:cpu_policy=dedicated m1.pinned",
    "openstack keypair create --public-key=/dev/stdin operator",
    "openstack network create --external --provider-network-type=flat --provider-physical-network=provider public",
    "openstack network create private",
    "openstack subnet create --network=public --subnet-range=203.0.113.0/24 --gateway=203.0.113.1"
    " --allocation-pool=start=203.0.113.100,end=203.0.113.200 --no-dhcp public",
    "openstack subnet create --network=private --subnet-range=192.168.9.0/24 --dns-nameserver=9.9.9.9 private",
    "openstack router create router",
    "openstack router set --external-gateway=public router",
    "openstack router add subnet router private",
    "openstack security group rule create --ingress --ethertype=IPv4 --protocol=icmp default",
    "openstack security group rule create --ingress --ethertype=IPv4 --protocol=tcp --dst-port=22 default",
]


@pytest.fixture(name="cloud")
def _cloud() -> FakeCloudOfResources:
    return FakeCloudOfResources()


def predicted_and_done(cloud: FakeCloudOfResources, **params: Any) -> dict[str, Any]:
    """The result of a run that check mode has predicted in all but IDs, and that a second run leaves as it is."""
    predicted = cloud.run(check=True, diff=True, **params)
    assert cloud.writes == [] and predicted["changed"], predicted
    result = cloud.run(diff=True, **params)
    assert not result.get("failed"), result
    for part in ("changed", "commands", "diff"):
        assert predicted[part] == result[part]
    cloud.writes.clear()
    again = cloud.run(diff=True, **params)
    assert (again["changed"], again["commands"], cloud.writes) == (False, [], []), again
    assert again["diff"] == {"before": result["diff"]["after"], "after": result["diff"]["after"]}
    parts = [name for name in result if isinstance(result[name], list) and name != "commands"]
    assert {name: again[name] for name in parts} == {name: result[name] for name in parts}
    return result


def test_day_one(cloud: FakeCloudOfResources) -> None:
    result = predicted_and_done(cloud, **DAY_ONE)
    assert result["commands"] == COMMANDS
    assert result["routers"] == [
        {
            "name": "router",
            "id": next(iter(cloud.store["routers"])),
            "external_network": "public",
            "subnets": ["private"],
        }
    ]
    assert (
        cloud.named("flavors")["m1.pinned"] | {"vcpus": 1, "disk": 0} == cloud.named("flavors")["m1.pinned"]
    )
    assert cloud.named("flavors")["m1.pinned"]["extra_specs"] == {"hw:cpu_policy": "dedicated"}
    assert cloud.store["keypairs"]["operator"] == {"name": "operator", "public_key": KEY, "type": "ssh"}
    networks, subnets = cloud.named("networks"), cloud.named("subnets")
    assert networks["public"]["provider:physical_network"] == "provider"
    assert subnets["public"]["network_id"] == networks["public"]["id"]
    assert (subnets["public"]["ip_version"], subnets["public"]["enable_dhcp"]) == (4, False)
    gateway = cloud.named("routers")["router"]["external_gateway_info"]
    assert gateway == {"network_id": networks["public"]["id"]}
    assert cloud.quotas["/os-quota-sets/" + OWN]["cores"] == 40


def test_it_reads_each_kind_once(cloud: FakeCloudOfResources) -> None:
    cloud.run(**DAY_ONE)
    cloud.reads.clear()
    cloud.run(**DAY_ONE)
    kinds = [path.partition("?")[0] for path in cloud.reads]
    assert kinds == [
        "/flavors/detail",
        "/os-keypairs",
        "/networks",
        "/subnets",
        "/routers",
        "/ports",
        "/security-groups",
        "/os-quota-sets/project-admin",
        "/quotas/project-admin",
    ]


def test_a_cloud_that_is_not_there_yet_is_predicted(cloud: FakeCloudOfResources) -> None:
    cloud.is_away = True
    result = cloud.run(check=True, diff=True, **DAY_ONE)
    assert (result["commands"][2:], result["diff"]["before"].strip()) == (
        COMMANDS[2:],
        '{\n  "security group default": {\n    "rules": []\n  }\n}',
    )
    assert "Check mode goes on as if nothing existed" in result["warnings"][0]
    assert [one["id"] for one in result["flavors"]] == [None, None]
    assert "connection refused" in cloud.run(**DAY_ONE)["msg"]


def test_only_what_differs_is_written(cloud: FakeCloudOfResources) -> None:
    cloud.run(**DAY_ONE)
    cloud.writes.clear()
    changed = {
        "flavors": [
            {"name": "m1.pinned", "extra_specs": {"hw:cpu_policy": None, "hw:mem_page_size": "large"}}
        ],
        "networks": [{"name": "private", "mtu": 1400, "shared": True}],
        "subnets": [{"name": "private", "gateway": "", "dns_nameservers": []}],
        "routers": [{"name": "router", "external_network": ""}],
        "security_groups": [{"rules": [{"protocol": "tcp", "ports": "22", "state": "absent"}]}],
        "quotas": [{"compute": {"cores": 40, "instances": 5}}],
    }
    result = predicted_and_done(cloud, **changed)
    rule = result["commands"][-1]
    assert result["commands"][:-1] == [
        "openstack quota set --instances=5 project-admin",
        "openstack flavor set --property=hw:mem_page_size=large m1.pinned",
        "openstack flavor unset --property=hw:cpu_policy m1.pinned",
        "openstack network set --mtu=1400 --share private",
        "openstack subnet set --no-dns-nameservers --gateway=none private",
        "openstack router unset --external-gateway router",
    ]
    assert rule.startswith("openstack security group rule delete rule-")
    assert cloud.named("flavors")["m1.pinned"]["extra_specs"] == {"hw:mem_page_size": "large"}
    assert cloud.named("subnets")["private"]["gateway_ip"] is None
    assert cloud.named("subnets")["private"]["dns_nameservers"] == []
    assert json.loads(result["diff"]["before"])["network private"] == {"mtu": 1450, "shared": False}


def test_what_is_absent_goes_in_the_reverse_order_with_its_parts(cloud: FakeCloudOfResources) -> None:
    cloud.run(**DAY_ONE)
    cloud.writes.clear()
    subnet = cloud.named("subnets")["private"]["id"]
    gone = {
        "flavors": [{"name": "m1.tiny", "state": "absent"}, {"name": "m1.never", "state": "absent"}],
        "keypairs": [{"name": "operator", "state": "absent"}],
        "networks": [{"name": "private", "state": "absent"}],
        "routers": [{"name": "router", "state": "absent"}],
    }
    result = predicted_and_done(cloud, **gone)
    assert result["commands"] == [
        f"openstack router remove subnet router {subnet}",
        "openstack router delete router",
        "openstack network delete private",
        "openstack keypair delete operator",
        "openstack flavor delete m1.tiny",
    ]
    assert list(cloud.named("subnets")) == ["public"]
    assert json.loads(result["diff"]["before"])["flavor m1.tiny"]["ram"] == 512
    assert [one["id"] for one in result["flavors"]] == [None, None]


def test_an_item_that_is_made_in_the_place_of_one_that_goes(cloud: FakeCloudOfResources) -> None:
    cloud.run(networks=[{"name": "old"}], subnets=[{"name": "net", "network": "old", "cidr": "10.0.0.0/24"}])
    cloud.writes.clear()
    result = predicted_and_done(
        cloud,
        networks=[{"name": "old", "state": "absent"}, {"name": "new"}],
        subnets=[{"name": "net", "network": "new", "cidr": "10.0.0.0/24"}],
    )
    assert result["commands"] == [
        "openstack network delete old",
        "openstack network create new",
        "openstack subnet create --network=new --subnet-range=10.0.0.0/24 net",
    ]


@pytest.mark.parametrize(
    ("there", "params", "message"),
    [
        pytest.param(
            {"flavors": [{"name": "m1", "ram": 512}]},
            {"flavors": [{"name": "m1", "ram": 1024}]},
            "Cannot change flavor m1: its ram is 512, and Nova changes no flavor. Give the new one another name, or "
            "set recreate: instances keep what they have.",
            id="flavor",
        ),
        pytest.param(
            {"keypairs": [{"name": "me", "public_key": KEY}]},
            {"keypairs": [{"name": "me", "public_key": "ssh-rsa AAAA"}]},
            f"Cannot change keypair me: its public_key is {KEY}, and Nova changes no keypair. Give the new one another "
            "name, or set recreate: instances keep the key that they have.",
            id="keypair",
        ),
        pytest.param(
            {"networks": [PUBLIC]},
            {"networks": [{**PUBLIC, "provider_physical_network": "other", "external": False}]},
            "Cannot change network public: its provider_physical_network is provider, and Neutron changes no "
            "provider_physical_network of a network. Give the new one another name, or remove the old one first "
            "(state: absent).",
            id="network",
        ),
        pytest.param(
            {
                "networks": [{"name": "a"}, {"name": "b"}],
                "subnets": [{"name": "s", "network": "a", "cidr": "10.0.0.0/24"}],
            },
            {"networks": [{"name": "b"}], "subnets": [{"name": "s", "network": "b", "cidr": "10.0.1.0/24"}]},
            "Cannot change subnet s: its network is networks-1 and its cidr is 10.0.0.0/24, and Neutron changes no "
            "network or cidr of a subnet. Give the new one another name, or remove the old one first (state: absent).",
            id="subnet",
        ),
    ],
)
def test_what_no_api_changes_is_refused(
    cloud: FakeCloudOfResources, there: Any, params: Any, message: str
) -> None:
    cloud.run(**there)
    cloud.writes.clear()
    for check in (True, False):
        result = cloud.run(check=check, **params)
        assert result.get("msg", "nothing was refused") == message
    assert cloud.writes == []


def test_a_flavor_is_made_anew_if_asked(cloud: FakeCloudOfResources) -> None:
    cloud.run(flavors=[{"name": "m1", "ram": 512}])
    cloud.writes.clear()
    result = predicted_and_done(cloud, flavors=[{"name": "m1", "ram": 1024, "recreate": True}])
    assert result["commands"] == ["openstack flavor delete m1", "openstack flavor create --ram=1024 m1"]
    assert result["flavors"][0]["id"] == cloud.named("flavors")["m1"]["id"]


def test_two_of_one_name_are_an_error(cloud: FakeCloudOfResources) -> None:
    cloud.add("networks", name="private")
    cloud.add("networks", name="private")
    result = cloud.run(networks=[{"name": "private"}], check=True)
    assert result["msg"] == (
        "Cannot choose network private: there are 2 of that name (networks-1, networks-2). Rename or delete all but "
        "the one that is meant."
    )
    assert result["ids"] == ["networks-1", "networks-2"]


def test_a_network_of_another_project_is_another_network(cloud: FakeCloudOfResources) -> None:
    cloud.add("networks", name="private", project_id=OTHER)
    assert cloud.run(networks=[{"name": "private"}])["changed"]
    assert [one["project_id"] for one in cloud.store["networks"].values()] == [OTHER, OWN]


def test_things_of_another_project(cloud: FakeCloudOfResources) -> None:
    cloud.run(networks=[PUBLIC])
    cloud.writes.clear()
    result = predicted_and_done(
        cloud,
        networks=[{"name": "lab", "project": "research"}],
        subnets=[{"name": "lab", "network": "lab", "cidr": "10.0.0.0/24", "project": "research"}],
        routers=[{"name": "lab", "external_network": "public", "subnets": ["lab"], "project": "research"}],
        security_groups=[{"project": "research", "rules": [{"protocol": "tcp", "ports": 80}]}],
        quotas=[{"project": OTHER, "compute": {"cores": 1}}],
    )
    assert result["commands"][:2] == [
        "openstack quota set --cores=1 project-research",
        "openstack network create --project=research lab",
    ]
    for kind in ("networks", "subnets", "routers"):
        assert cloud.named(kind)["lab"]["project_id"] == OTHER
    (group,) = cloud.store["security-groups"].values()
    assert group["project_id"] == OTHER
    assert "network lab of project research" in result["diff"]["after"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"subnets": [{"name": "s", "network": "nowhere", "cidr": "10.0.0.0/24"}]},
            "Cannot find network nowhere: subnet s needs it, and the cloud has none of that name.",
        ),
        (
            {"networks": [{"name": "n", "project": "none"}]},
            "Cannot find project none: Keystone has none of that name or ID.",
        ),
        (
            {"flavors": [{"name": "m1", "vcpus": 2}]},
            "Cannot create flavor m1: it is not there, and what it needs",
        ),
        (
            {"keypairs": [{"name": "me", "public_key_file": "/nowhere.pub"}]},
            "Cannot read file /nowhere.pub: keypair me needs it, and this host has none.",
        ),
        (
            {"images": [{"name": "i", "file": "/nowhere.qcow2", "disk_format": "qcow2"}]},
            "Cannot read file /nowhere.qcow2: image i needs it, and this host has none.",
        ),
    ],
)
def test_what_may_still_come_stops_a_real_run_only(
    cloud: FakeCloudOfResources, params: Any, message: str
) -> None:
    assert cloud.run(check=True, **params)["changed"]
    assert cloud.run(**params)["msg"].startswith(message)
    assert cloud.writes == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"flavors": [{"name": "m1", "ram": 1}] * 2},
            "Cannot make flavor m1: it is listed twice. List it once.",
        ),
        ({"networks": [{"name": " "}]}, "Cannot make network: it has no name. Give it one."),
        (
            {"subnets": [{"name": "s", "network": "n", "cidr": "10.0.0.1/24"}]},
            "Cannot make subnet s: cidr: 10.0.0.1/24 has host bits set. Correct it.",
        ),
        (
            {"subnets": [{"name": "s", "dns_nameservers": ["ns.example.org"]}]},
            "Cannot make subnet s: dns_nameservers: 'ns.example.org' does not appear to be an IPv4 or IPv6 address.",
        ),
        (
            {"security_groups": [{"rules": [{"remote_ip": "2001:db8::/32", "ethertype": "IPv4"}]}]},
            "Cannot make security group default: 2001:db8::/32 is no address of IPv4.",
        ),
        (
            {"security_groups": [{"rules": [{"ports": "22"}]}]},
            "Cannot make security group default: ports 22 are given without a protocol that has ports.",
        ),
        (
            {"security_groups": [{"rules": [{"protocol": "tcp", "ports": "99-22"}]}]},
            "Cannot make security group default: ports 99-22 are not between 1 and 65535, the lower one first.",
        ),
        (
            {"security_groups": [{"rules": [{"protocol": "TCP"}, {"protocol": "6"}]}]},
            "Cannot make security group default: it lists a rule twice.",
        ),
        (
            {"quotas": [{"compute": {"cores": "many"}}]},
            "Cannot make quota of this project: a limit is no number. Give a number; -1 is no limit.",
        ),
        (
            {"quotas": [{"compute": {"corez": 1}}]},
            "Cannot set quota of this project: Nova has no limit corez. Give any of cores, instances.",
        ),
        (
            {"images": [{"name": "i", "url": "ftp://x/y"}]},
            "Cannot make image i: its url is not one of HTTP.",
        ),
        (
            {"images": [{"name": "i", "checksum": "md5:1"}]},
            "Cannot make image i: a checksum is for what is downl",
        ),
        (
            {"images": [{"name": "i", "url": "http://x/y", "checksum": "0123"}]},
            "Cannot make image i: its checksum is not algorithm:digest.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(cloud: FakeCloudOfResources, params: Any, message: str) -> None:
    assert cloud.run(check=True, **params)["msg"].startswith(message)


def test_a_key_from_a_file(cloud: FakeCloudOfResources, tmp_path: Path) -> None:
    path = tmp_path / "id.pub"
    path.write_text(f"{KEY} me@home\n")
    result = predicted_and_done(cloud, keypairs=[{"name": "me", "public_key_file": str(path)}])
    assert result["keypairs"] == [{"name": "me", "id": "me", "public_key": KEY}]
    path.write_text("ssh-rsa BBBB me@work\n")
    assert "its public_key is" in cloud.run(keypairs=[{"name": "me", "public_key_file": str(path)}])["msg"]


def test_a_group_of_ones_own_without_its_way_out(cloud: FakeCloudOfResources) -> None:
    group = {
        "name": "web",
        "description": "the web",
        "rules": [
            {"protocol": "tcp", "ports": "80", "remote_ip": "2001:db8::/32"},
            {"direction": "egress", "state": "absent"},
        ],
    }
    result = predicted_and_done(cloud, security_groups=[group])
    assert result["security_groups"][0]["rules"] == ["ingress IPv6 tcp 80 2001:db8::/32"]
    rules = cloud.named("security-groups")["web"]["security_group_rules"]
    assert [(rule["direction"], rule["ethertype"]) for rule in rules] == [
        ("egress", "IPv6"),
        ("ingress", "IPv6"),
    ]


def test_a_failure_says_what_was_done_before_it(cloud: FakeCloudOfResources) -> None:
    cloud.refuse["POST", "/routers"] = 409
    result = cloud.run(**DAY_ONE)
    assert result["msg"].startswith("Cannot create router router: HTTP 409 here.")
    assert (result["commands"], result["failed_command"]) == (COMMANDS[:9], "openstack router create router")
    cloud.refuse.clear()
    assert cloud.run(**DAY_ONE)["commands"] == COMMANDS[9:]


def test_what_is_gone_already_counts_as_deleted(cloud: FakeCloudOfResources) -> None:
    cloud.run(networks=[{"name": "n"}])
    cloud.refuse["DELETE", "/networks"] = 404
    assert cloud.run(networks=[{"name": "n", "state": "absent"}])["changed"]


def test_a_subnet_of_ipv6(cloud: FakeCloudOfResources) -> None:
    cloud.run(networks=[{"name": "n"}], subnets=[{"name": "s", "network": "n", "cidr": "2001:DB8::/64"}])
    (subnet,) = cloud.store["subnets"].values()
    assert (subnet["ip_version"], subnet["cidr"]) == (6, "2001:db8::/64")


def test_no_swap_is_none_in_novas_words(cloud: FakeCloudOfResources) -> None:
    predicted_and_done(cloud, flavors=[{"name": "m1", "ram": 1, "swap": 0, "ephemeral": 0}])
