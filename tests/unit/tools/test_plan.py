"""The address plan: fixed where users rely on it, free of collisions everywhere else."""

import pytest
from testhosts import plan
from testhosts.errors import HostsError

LOCAL = plan.Lab("local", 77)


@pytest.mark.parametrize(("lab", "octet"), [("local", 77), ("molecule", 78), ("integration", 79)])
def test_named_labs_have_the_networks_that_users_rely_on(lab: str, octet: int) -> None:
    assert plan.choose_octet(lab, {}) == octet


def test_a_lab_has_two_networks_with_the_machine_as_gateway() -> None:
    assert LOCAL.management == plan.Network("sw-local", "172.31.77")
    assert LOCAL.provider == plan.Network("swp-local", "172.30.77")
    assert LOCAL.management.gateway == "172.31.77.1"
    assert LOCAL.provider.subnet == "172.30.77.0/24"


def test_other_labs_get_the_same_network_each_time() -> None:
    octet = plan.choose_octet("t1", {})
    assert octet in plan.FREE_OCTETS
    assert plan.choose_octet("t1", {"t1": octet}) == octet


def test_a_taken_network_is_left_to_its_lab() -> None:
    octet = plan.choose_octet("t1", {})
    assert plan.choose_octet("t1", {"other": octet}) != octet


def test_no_network_left_is_an_error_with_a_remedy() -> None:
    taken = {f"lab{octet}": octet for octet in plan.FREE_OCTETS}
    with pytest.raises(HostsError, match=r"Cannot create lab t1: all 170 networks are taken\. Remove a lab"):
        plan.choose_octet("t1", taken)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("controller1", "172.31.77.11"),
        ("controller2", "172.31.77.2"),
        ("controller9", "172.31.77.9"),
        ("controller10", "172.31.77.101"),
        ("controller", "172.31.77.101"),
        ("compute1", "172.31.77.12"),
        ("compute80", "172.31.77.91"),
        ("compute81", "172.31.77.101"),
        ("compute0", "172.31.77.101"),
        ("database", "172.31.77.101"),
    ],
)
def test_addresses(host: str, address: str) -> None:
    assert plan.choose_address(LOCAL, host, set()) == address


def test_fixed_addresses_differ() -> None:
    names = [f"controller{n}" for n in range(1, 10)] + [f"compute{n}" for n in range(1, 81)]
    addresses = {plan.choose_address(LOCAL, name, set()) for name in names}
    assert len(addresses | {LOCAL.management.gateway}) == len(names) + 1
    assert not addresses & {f"172.31.77.{octet}" for octet in plan.OTHER_OCTETS}


def test_a_fixed_address_that_another_host_has_is_an_error_with_a_remedy() -> None:
    """As in a lab of an earlier version, whose controller was called just that."""
    with pytest.raises(
        HostsError, match=r"another host of lab local has its address 172\.31\.77\.11\. Find it with"
    ):
        plan.choose_address(LOCAL, "controller1", {"172.31.77.11"})


def test_other_hosts_take_the_next_free_address() -> None:
    assert plan.choose_address(LOCAL, "database", {"172.31.77.101", "172.31.77.103"}) == "172.31.77.102"


def test_a_full_lab_is_an_error_with_a_remedy() -> None:
    taken = {f"172.31.77.{octet}" for octet in plan.OTHER_OCTETS}
    with pytest.raises(HostsError, match="lab local has no free address"):
        plan.choose_address(LOCAL, "database", taken)


@pytest.mark.parametrize(
    "name", ["a", "integration", "a-very-long-name-of-a-lab", "a-very-long-name-of-a-lad"]
)
def test_device_names_fit_the_kernel(name: str) -> None:
    lab = plan.Lab(name, 80)
    names = {lab.management.bridge, lab.provider.bridge, plan.veth_name(name, "controller1", "m")}
    assert len(names) == 3
    assert max(map(len, names)) <= plan.LINK_NAME_LENGTH


def test_long_names_stay_apart() -> None:
    assert plan.link_name("sw-", "a-very-long-name-of-a-lab") != plan.link_name(
        "sw-", "a-very-long-name-of-a-lad"
    )


def test_hardware_addresses_are_stable_local_and_distinct() -> None:
    mac = plan.mac_address("local", "controller1", "m")
    assert mac == plan.mac_address("local", "controller1", "m")
    assert mac.startswith("02:") and len(mac) == 17
    assert mac != plan.mac_address("local", "controller1", "p")


@pytest.mark.parametrize("name", ["", "Local", "a.b", "-a", "a-", "../x", ".locks", "a" * 41])
def test_unusable_names_are_refused(name: str) -> None:
    with pytest.raises(
        HostsError, match=r"^Cannot use lab '.*': the name is not made of .*\. Choose another"
    ):
        plan.check_name("lab", name)


@pytest.mark.parametrize("name", ["a", "t1", "molecule-default", "a" * 40])
def test_usable_names(name: str) -> None:
    plan.check_name("lab", name)
