"""How others reach the hosts: inventory, SSH options, /etc/hosts."""

from pathlib import Path

import yaml
from testhosts import inventory

DIRECTORY = Path("/var/lib/stackwright-labs/local")
ADDRESSES = {"controller1": "172.31.77.11", "compute1": "172.31.77.12"}
COMMITTED = Path(__file__).parents[3] / "inventories" / "local" / "hosts.yml"


def test_hosts_are_grouped_by_what_they_are() -> None:
    document = yaml.safe_load(
        inventory.render_inventory(
            DIRECTORY, {**ADDRESSES, "db": "172.31.77.101", "cellcontroller1": "172.31.77.102"}
        )
    )
    groups = document["all"]["children"]
    assert groups == {
        "controller": {"hosts": {"controller1": {"ansible_host": "172.31.77.11"}}},
        "cell_controller": {"hosts": {"cellcontroller1": {"ansible_host": "172.31.77.102"}}},
        "compute": {"hosts": {"compute1": {"ansible_host": "172.31.77.12"}}},
        "others": {"hosts": {"db": {"ansible_host": "172.31.77.101"}}},
    }


def test_the_committed_inventory_is_what_the_tool_prints() -> None:
    printed = yaml.safe_load(inventory.render_inventory(DIRECTORY, ADDRESSES))
    assert yaml.safe_load(COMMITTED.read_text()) == printed


def test_ssh_uses_nothing_of_the_user() -> None:
    options = inventory.ssh_options(DIRECTORY)
    assert options[:2] == ["-F", "none"]
    assert f"UserKnownHostsFile={DIRECTORY}/known_hosts" in options
    assert "StrictHostKeyChecking=yes" in options


def test_the_block_in_etc_hosts_is_replaced_and_the_rest_stays() -> None:
    before = "127.0.0.1 localhost\n"
    first = inventory.merge_hosts_file(before, {"a": "172.31.80.101"})
    second = inventory.merge_hosts_file(
        first + "192.0.2.1 vip\n", {"a": "172.31.80.101", "b": "172.31.80.102"}
    )
    assert first == f"{before}{inventory.BEGIN}\n172.31.80.101 a\n{inventory.END}\n"
    assert second == (
        f"{before}{inventory.BEGIN}\n172.31.80.101 a\n172.31.80.102 b\n{inventory.END}\n192.0.2.1 vip\n"
    )


def test_merging_twice_changes_nothing() -> None:
    once = inventory.merge_hosts_file("127.0.0.1 localhost\n", ADDRESSES)
    assert inventory.merge_hosts_file(once, ADDRESSES) == once
