# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work, by table: one thing is wrong at a time, and it alone is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud_findings import (
    CHECKS,
    Cloud,
    Finding,
    Host,
    findings,
    untried_platforms,
)

CLOUD = Cloud(
    controllers=("alpha",),
    platforms=("Debian-12", "Debian-13"),
    certificates_directory="certificates",
)


def host(name: str, address: str, *, controller: bool = False, **seen: Any) -> Host:
    """A host with which all is well, but for what is ``seen`` there."""
    survey = {
        "nodename": f"{name}.real",
        "is_root": True,
        "is_bare": True,
        "addresses": {"lo": ["127.0.0.1", "::1"], "eth0": [address], "eth1": []},
        "default_interfaces": ["eth0"],
        "resolved": {"api": ["192.0.2.11"]},
        "refusals": {},
        "memory": 8000,
        "disk": 20000,
        "kernel": "6.1.0-40-amd64",
        "has_kernel_switch": True,
        "machine_id": name,
        **seen,
    }
    declared = {
        "controller": controller,
        "compute": not controller,
        "management_address": address,
        "host": "",
        "provider_interface": "eth1",
        "mechanism": "auto",
        "datapath": "system",
        "bridge_address": "",
        "migration_address": "" if controller else address,
        "needs_authority": not controller,
    }
    mechanisms = ("linuxbridge", "openvswitch")
    return Host(name, declared, survey, platform="Debian-12", clock=(0.0, 0.5), mechanisms=mechanisms)


ALPHA = host("alpha", "192.0.2.11", controller=True)
BETA = host("beta", "192.0.2.21")
GAMMA = host("gamma", "192.0.2.22")


def seen(subject: Host, **survey: Any) -> Host:
    return replace(subject, survey={**subject.survey, **survey})


def declared(subject: Host, **values: Any) -> Host:
    return replace(subject, declared={**subject.declared, **values})


def found(*hosts: Host, cloud: Cloud = CLOUD, ignored: tuple[str, ...] = ()) -> list[Finding]:
    given = {each.name: each for each in hosts}
    return findings([given.get(each.name, each) for each in (ALPHA, BETA, GAMMA)], cloud, ignored)


def test_nothing_is_found_where_all_is_well() -> None:
    assert found() == []


ON_ONE_HOST = {
    "a kernel that its Neutron is too old for": (
        seen(replace(BETA, kernel_limit="5.19"), kernel="5.19.0-rc1"),
        "kernel",
        "the agents of Neutron that Debian-12 has cannot remove network interfaces with kernel 5.19.0-rc1, only before "
        "5.19. Boot the kernel of the distribution itself.",
    ),
    "a release that is not there": (
        replace(
            BETA, refused_release=("there is no release mitaka (cloud_release)", "Set cloud_release to zed")
        ),
        "release",
        "Cannot use host beta: there is no release mitaka (cloud_release). Set cloud_release to zed.",
    ),
    "distribution where a virtual environment was": (
        declared(seen(BETA, source="virtualenv"), source="distribution"),
        "release",
        "cloud_source is distribution, and the services there were installed from virtualenv. Set cloud_source to",
    ),
    "TLS from PyPI": (
        declared(BETA, tls=True, source="virtualenv"),
        "certificates",
        "the APIs of releases from PyPI do not speak TLS here. Set cloud_tls to false",
    ),
    "TLS on a platform that does not describe it": (
        declared(replace(BETA, speaks_tls=False), tls=True),
        "certificates",
        "does not describe how services speak TLS there. Set cloud_tls to false",
    ),
    "a certificate without its key": (
        declared(BETA, tls=True, certificate_files={"ca": "/ca", "certificate": "/cert"}),
        "certificates",
        "cloud_certificate_files does not name private_key. Name all of ca, certificate, private_key",
    ),
    "a certificate that does not serve": (
        declared(
            seen(BETA, certificate={"problem": "/cert: it is not for cloud.example.org", "until": ""}),
            tls=True,
            certificate_files={"ca": "/ca", "certificate": "/cert", "private_key": "/key"},
        ),
        "certificates",
        "its certificate cannot be used: /cert: it is not for cloud.example.org. Correct cloud_certificate_files",
    ),
    "a compute host of a cell without a controller": (
        declared(BETA, cell="cell2"),
        "cells",
        "cloud_cell is cell2 there, and no host is the controller of that cell. Put its controller into group "
        "cell_controller",
    ),
    "a controller of the cloud that is in another cell": (
        declared(ALPHA, cell="cell2"),
        "cells",
        "Cannot use host alpha: cloud_cell is cell2 there, and the cloud's own controllers have cell1",
    ),
    "a compute host that is the controller of a cell": (
        declared(BETA, cell_controller=True),
        "cells",
        "it is the controller of a cell and a compute host, and nova.conf can serve only one of them",
    ),
    "the controller of a cell on a platform that describes none": (
        declared(replace(BETA, has_cells=False), cell_controller=True, compute=False),
        "cells",
        "its platform and source are not known to be one. Use Debian 11 or later",
    ),
    "the controller of a cell from PyPI": (
        declared(seen(BETA, source="virtualenv"), cell_controller=True, compute=False, source="virtualenv"),
        "cells",
        "its platform and source are not known to be one. Use Debian 11 or later",
    ),
    "the controller of a cell without a database": (
        declared(BETA, cell_controller=True, compute=False, infrastructure=False),
        "cells",
        "needs its own database and message queue. Set database_enabled and message_queue_enabled to true there",
    ),
    "no address": (declared(BETA, management_address=""), "address", "cloud_management_address is not set"),
    "a name for an address": (
        declared(BETA, management_address="beta"),
        "address",
        "beta, is not an address",
    ),
    "a migration address of nobody": (
        declared(BETA, migration_address="198.51.100.1"),
        "address",
        "compute_migration_address, 198.51.100.1, is not on any of its interfaces",
    ),
    "a wildcard": (declared(BETA, management_address="0.0.0.0"), "address", "is not an address of a host"),
    "IPv6": (
        declared(BETA, management_address="fd00::21"),
        "address",
        "the APIs as they are packaged listen on IPv4",
    ),
    "loopback": (
        declared(BETA, management_address="127.0.0.1"),
        "address",
        "is a loopback address",
    ),
    "an address of nobody": (
        declared(BETA, management_address="192.0.2.99"),
        "address",
        "192.0.2.99, is not on any of its interfaces. Set it to an address of the host (192.0.2.21)",
    ),
    "no sudo password": (
        Host("beta", BETA.declared, problem="Missing sudo password"),
        "root",
        "nothing can be run there: Missing sudo password",
    ),
    "a wrong variable": (
        replace(BETA, wrong_variables=("value of compute_virt_type must be one of: auto, kvm, got: kvmm",)),
        "variables",
        "got: kvmm. Correct it in the inventory.",
    ),
    "no root": (seen(BETA, is_root=False), "root", "tasks do not run as root"),
    "no name": (seen(BETA, nodename="localhost"), "name", "the host name is localhost"),
    "unknown platform": (
        replace(BETA, platform="Plan9-4"),
        "platform",
        "this collection does not know Plan9-4, which the host runs. Use one of Debian-12, Debian-13, or write",
    ),
    "unknown controller": (
        seen(BETA, resolved={"api": []}),
        "resolution",
        "the controller's name, api (cloud_controller_host), is not known there. Add the name to DNS or to "
        "/etc/hosts there, or set cloud_controller_host to 192.0.2.11",
    ),
    "Debian's 127.0.1.1": (
        seen(ALPHA, resolved={"api": ["127.0.1.1"]}),
        "resolution",
        "api, is 127.0.1.1 there, where not all services listen. Correct it in /etc/hosts there to 192.0.2.11",
    ),
    "127.0.1.1 first": (
        seen(ALPHA, resolved={"api": ["127.0.1.1", "192.0.2.11"]}),
        "resolution",
        "api, is 127.0.1.1 there",
    ),
    "another host": (
        seen(BETA, resolved={"api": ["192.0.2.22"]}),
        "resolution",
        "api, is 192.0.2.22 there, which is gamma",
    ),
    "an old address": (
        seen(BETA, resolved={"api": ["192.0.2.111"]}),
        "resolution",
        "api, is 192.0.2.111 there, which the controller does not have",
    ),
    "IPv6 only": (seen(BETA, resolved={"api": ["fd00::11"]}), "resolution", "has no IPv4 address there"),
    "no such interface": (
        declared(BETA, provider_interface="ens9"),
        "interface",
        "there is no interface ens9 (neutron_provider_interface). Name one of those there (eth0, eth1)",
    ),
    "interface in use": (
        declared(BETA, provider_interface="eth0"),
        "interface",
        "eth0 (neutron_provider_interface) carries the management address and the default route",
    ),
    "late clock": (replace(BETA, clock=(-301.0, -300.0)), "clock", "300 s behind that of controller alpha"),
    "early clock": (replace(BETA, clock=(100.0, 100.5)), "clock", "100 s ahead of that of controller alpha"),
    "small controller": (seen(ALPHA, memory=1024), "memory", "1024 MiB of memory and swap are there"),
    "full disk": (seen(BETA, disk=100), "disk", "100 MiB are free below /usr"),
    "service of the site": (
        seen(BETA, refusals={"tcp://mq:5672": "Connection refused"}),
        "reach",
        "tcp://mq:5672 does not answer from there at tcp://mq:5672: Connection refused",
    ),
}


@pytest.mark.parametrize(("subject", "check", "text"), ON_ONE_HOST.values(), ids=ON_ONE_HOST)
def test_what_is_wrong_on_one_host(subject: Host, check: str, text: str) -> None:
    [finding] = found(subject)
    assert (finding.check, finding.hosts) == (check, (subject.name,))
    assert finding.message.startswith(f"Cannot use host {subject.name}: ")
    assert finding.message.endswith(".")
    assert text in finding.message
    assert found(subject, ignored=(check,)) == []


OF_THE_DESCRIPTION = {
    "URLs of http with TLS": (
        replace(CLOUD, plain_urls=("cloud_identity_url", "cloud_image_url")),
        "certificates",
        "Cannot use URLs cloud_identity_url, cloud_image_url: cloud_tls is on, and they begin with http. Write https, "
        "or leave them out of the inventory.",
    ),
    "servers without TLS": (
        replace(CLOUD, plain_servers=("cloud_database_tls",)),
        "certificates",
        "Cannot use variable cloud_database_tls: cloud_tls is on, and it has the services send their passwords in the "
        "clear. Leave it out of the inventory.",
    ),
    "no controllers": (replace(CLOUD, controllers=()), "controller", "no host in group controller"),
    "no reachable controller": (
        replace(CLOUD, unreachable_controllers=("alpha",)),
        "controller",
        "Cannot go on without controller alpha: it cannot be reached",
    ),
    "unknown service": (
        replace(CLOUD, neighbours=("keystone", "cinder")),
        "neighbours",
        "Cannot deploy service cinder: this collection has no such role",
    ),
    "no secrets": (
        replace(CLOUD, missing_secrets=("cloud_admin_password", "cloud_metadata_secret")),
        "secrets",
        "Cannot do without secrets cloud_admin_password, cloud_metadata_secret: the inventory does not set them. Set "
        "them in the inventory, or name a cloud_secrets_file",
    ),
    "secrets of the site": (
        replace(CLOUD, missing_secrets=("cloud_admin_password",), secrets_file="s.yml"),
        "secrets",
        "neither the inventory nor s.yml has it, and it belongs to services of the site",
    ),
    "a slash in the message queue's password": (
        replace(CLOUD, unfit_secrets=("cloud_message_queue_password",)),
        "secrets",
        "Cannot use secret cloud_message_queue_password: it contains a slash",
    ),
    "broken file": (
        replace(CLOUD, secret_problem="Cannot open secrets file."),
        "secrets",
        "Cannot open secrets file.",
    ),
}


def with_switch(subject: Host, **values: Any) -> Host:
    return declared(subject, mechanism="openvswitch", **values)


def on_trixie(subject: Host) -> Host:
    return replace(subject, platform="Debian-13", mechanisms=("openvswitch",))


IN_USER_SPACE = {"datapath": "netdev", "bridge_address": "10.98.0.2/24"}


@pytest.mark.parametrize(
    ("subject", "check", "text"),
    [
        (
            on_trixie(declared(BETA, mechanism="linuxbridge")),
            "mechanism",
            "Cannot use host beta: the OpenStack of Debian-13 has no linuxbridge (neutron_mechanism). Set it to "
            "openvswitch.",
        ),
        (
            declared(BETA, mechanism="linuxbridge"),
            "mechanism",
            "neutron_mechanism is linuxbridge there, and openvswitch on controller alpha. Set it to the same on all",
        ),
        (
            declared(BETA, mechanism="auto"),
            "mechanism",
            "neutron_mechanism is linuxbridge there, and openvswitch on controller alpha",
        ),
        (
            seen(with_switch(BETA), has_kernel_switch=False),
            "datapath",
            "its kernel lacks the module openvswitch, which Open vSwitch needs. Install the modules of",
        ),
        (
            with_switch(BETA, datapath="netdev"),
            "datapath",
            "carries tunnels over addresses of its own bridges only. Set neutron_ovs_bridge_address, and",
        ),
        (
            with_switch(BETA, **IN_USER_SPACE, provider_interface=""),
            "datapath",
            "carries tunnels over addresses of its own bridges only",
        ),
        (
            with_switch(BETA, bridge_address="10.98.0.2"),
            "datapath",
            "neutron_ovs_bridge_address, 10.98.0.2, is no address with the length of its prefix. Write it like",
        ),
        (
            with_switch(seen(BETA, addresses={**BETA.survey["addresses"], "eth1": ["10.0.0.1", "fe80::1"]})),
            "interface",
            "eth1 (neutron_provider_interface) carries the address 10.0.0.1, which is lost when",
        ),
    ],
)
def test_what_cannot_connect_instances(subject: Host, check: str, text: str) -> None:
    (finding,) = found(with_switch(ALPHA), subject, with_switch(GAMMA))
    assert (finding.check, finding.hosts) == (check, ("beta",))
    assert text in finding.message


@pytest.mark.parametrize(
    "hosts",
    [
        [with_switch(each) for each in (ALPHA, BETA, GAMMA)],
        [with_switch(seen(each, has_kernel_switch=False), **IN_USER_SPACE) for each in (ALPHA, BETA, GAMMA)],
        [on_trixie(declared(each, mechanism="auto")) for each in (ALPHA, BETA, GAMMA)],
        # A site's own Neutron connects them as it likes.
        [declared(seen(BETA, has_kernel_switch=False), mechanism="", datapath="netdev")],
        # Linux bridge moves addresses along, and knows no datapath.
        [seen(BETA, addresses={**BETA.survey["addresses"], "eth1": ["10.0.0.1"]}, has_kernel_switch=False)],
    ],
)
def test_what_connects_instances(hosts: list[Host]) -> None:
    assert found(*hosts) == []


@pytest.mark.parametrize(("cloud", "check", "text"), OF_THE_DESCRIPTION.values(), ids=OF_THE_DESCRIPTION)
def test_what_is_wrong_with_the_description(cloud: Cloud, check: str, text: str) -> None:
    [finding] = found(cloud=cloud)
    assert (finding.check, finding.hosts) == (check, ())
    assert text in finding.message


@pytest.mark.parametrize(
    "subject",
    [
        seen(replace(BETA, kernel_limit="5.19"), kernel="5.10.0-30-amd64"),
        seen(replace(BETA, kernel_limit="5.19"), kernel="4.19.0"),
        # Neutron is the site's there.
        declared(replace(BETA, kernel_limit="5.19"), mechanism=""),
    ],
)
def test_a_kernel_that_will_do(subject: Host) -> None:
    assert found(subject) == []


def test_tls_needs_certificates_from_somewhere() -> None:
    nowhere = replace(CLOUD, certificates_directory="")
    files = {"ca": "/ca", "certificate": "/cert", "private_key": "/key"}
    hosts = [declared(each, tls=True, needs_authority=False) for each in (ALPHA, BETA, GAMMA)]
    [finding] = found(*hosts, cloud=nowhere)
    assert finding.hosts == ("alpha", "beta", "gamma")
    assert "no source of certificates is set" in finding.message
    assert found(*(declared(each, certificate_files=files) for each in hosts), cloud=nowhere) == []


def test_where_no_certificates_come_from_is_said_for_the_hosts_that_need_them() -> None:
    [finding] = found(cloud=replace(CLOUD, certificates_directory=""))
    assert (finding.check, finding.hosts) == ("certificates", ("beta", "gamma"))
    own = [declared(each, needs_authority=False) for each in (BETA, GAMMA)]
    assert found(*own, cloud=replace(CLOUD, certificates_directory="")) == []


def test_what_several_hosts_have_in_common_is_said_once() -> None:
    same_address = [declared(BETA, management_address="192.0.2.22")]
    same_name = [seen(BETA, nodename="gamma.real")]
    same_machine = [seen(BETA, machine_id="gamma")]
    for changed, text in (
        (same_address, "cloud_management_address is 192.0.2.22 for beta, gamma"),
        (same_name, "beta, gamma have the same name, gamma.real"),
        (same_machine, "beta, gamma have the same /etc/machine-id"),
        ([seen(BETA, is_root=False), seen(GAMMA, is_root=False)], "tasks do not run as root"),
    ):
        [finding] = found(*changed)
        assert finding.hosts == ("beta", "gamma")
        assert finding.message.startswith("Cannot use hosts beta, gamma: ")
        assert text in finding.message


def test_all_is_said_at_once() -> None:
    wrong = [declared(ALPHA, management_address=""), seen(BETA, resolved={"api": []}, is_root=False)]
    cloud = replace(CLOUD, missing_secrets=("cloud_admin_password",))
    assert [finding.check for finding in found(*wrong, cloud=cloud)] == [
        "secrets",
        "address",
        "root",
        "resolution",
    ]


def test_many_hosts_are_counted() -> None:
    many = [host(f"c{number}", f"192.0.2.{number}", is_root=False) for number in range(100, 120)]
    [finding] = findings([ALPHA, *many], CLOUD)
    assert "Cannot use hosts c100, c101, c102, c103, c104, c105 and 14 more: " in finding.message
    assert len(finding.hosts) == 20


def test_hosts_without_a_survey_are_judged_by_their_description_alone() -> None:
    silent = Host("beta", {**BETA.declared, "provider_interface": "nowhere"})
    assert found(silent) == []
    assert [each.check for each in found(declared(silent, management_address=""))] == ["address"]


def test_one_host_may_be_a_cloud_on_its_loopback() -> None:
    alone = declared(seen(ALPHA, resolved={"api": ["127.0.0.1"]}), management_address="127.0.0.1")
    assert findings([alone], CLOUD) == []


def test_a_controller_that_takes_no_part_is_known_by_its_address() -> None:
    cloud = replace(CLOUD, controller_addresses=("192.0.2.11",))
    assert findings([BETA, GAMMA], cloud) == []
    [finding] = findings([seen(BETA, resolved={"api": ["127.0.1.1"]}), GAMMA], cloud)
    assert "set cloud_controller_host to 192.0.2.11" in finding.message


def test_a_controller_of_a_larger_cloud_may_be_behind_an_address_that_it_does_not_have() -> None:
    balanced = {"api": ["192.0.2.100"]}
    hosts = [seen(each, resolved=balanced) for each in (ALPHA, BETA, GAMMA)]
    assert findings(hosts, replace(CLOUD, neighbours=("placement",))) == []
    assert [each.check for each in findings(hosts, CLOUD)] == ["resolution"]


def test_the_name_that_nova_is_given_counts() -> None:
    assert found(declared(seen(BETA, nodename="gamma.real"), host="beta-of-nova")) == []


def test_a_full_disk_is_nothing_new_where_the_packages_are() -> None:
    assert found(seen(BETA, disk=100, is_bare=False)) == []


def test_several_controllers_may_share_an_address_that_none_has() -> None:
    second = host("beta", "192.0.2.21", controller=True)
    cloud = replace(CLOUD, controllers=("alpha", "beta"))
    shared = {"api": ["192.0.2.100"]}
    assert findings([seen(each, resolved=shared) for each in (ALPHA, second, GAMMA)], cloud) == []


THREE = replace(CLOUD, controllers=("alpha", "beta", "gamma"), shared_state=("the database", "Keystone"))
BALANCED = {"cloud_internal_address": "192.0.2.100"}


def controllers(**declarations: Any) -> list[Host]:
    return [
        declared(each, controller=True, compute=False, **declarations)
        for each in (ALPHA, seen(BETA), seen(GAMMA))
    ]


def test_three_controllers_behind_an_address_of_their_own_are_fine() -> None:
    away = [seen(each, resolved={"api": ["192.0.2.100"]}) for each in controllers()]
    assert findings(away, replace(THREE, virtual_addresses=BALANCED)) == []


@pytest.mark.parametrize(
    ("cloud", "hosts", "text"),
    [
        (
            replace(CLOUD, virtual_addresses=BALANCED),
            [ALPHA],
            "Cannot deploy controller alpha: a shared address is set, but there is only one controller",
        ),
        (THREE, controllers(), "Set cloud_internal_address to a free address of their network"),
        (
            replace(THREE, controllers=("alpha", "beta"), virtual_addresses=BALANCED),
            controllers()[:2],
            "a two-node cluster loses quorum when one node fails",
        ),
        (
            replace(THREE, virtual_addresses={"cloud_internal_address": "192.0.2.21"}),
            controllers(),
            "Cannot use cloud_internal_address 192.0.2.21: it is the cloud_management_address of beta",
        ),
        (
            replace(THREE, virtual_addresses={"cloud_public_address": "cloud.example.org"}),
            controllers(),
            "Cannot use cloud_public_address cloud.example.org: it is not an IPv4 address",
        ),
        (
            replace(THREE, virtual_addresses=BALANCED),
            [replace(each, can_balance=False) for each in controllers()],
            "Use Debian 12 or later with its own packages",
        ),
        (
            replace(THREE, virtual_addresses=BALANCED),
            controllers(source="virtualenv"),
            "Use Debian 12 or later with its own packages",
        ),
        (
            replace(THREE, virtual_addresses=BALANCED),
            [replace(each, mechanisms=("ovn",)) for each in controllers()],
            "Set neutron_mechanism to openvswitch",
        ),
    ],
)
def test_what_keeps_several_controllers_apart(cloud: Cloud, hosts: list[Host], text: str) -> None:
    (finding,) = findings(hosts, cloud)
    assert finding.check == "controllers"
    assert text in finding.message


def test_several_controllers_of_nova_alone_need_no_address_of_ours() -> None:
    assert findings(controllers(), replace(THREE, shared_state=())) == []


DELTA = declared(seen(host("delta", "192.0.2.31")), compute=False, cell_controller=True, cell="cell2")
EPSILON = declared(seen(host("epsilon", "192.0.2.32")), cell="cell2")


def test_a_further_cell_has_a_controller_and_compute_hosts() -> None:
    cloud = replace(CLOUD, cell_controllers={"delta": "cell2"})
    assert findings([ALPHA, BETA, DELTA, EPSILON], cloud) == []
    # Nor must its controller take part.
    assert findings([ALPHA, EPSILON], cloud) == []


def test_the_console_proxy_of_the_cloud_is_none_of_a_cell() -> None:
    cloud = replace(CLOUD, cell_controllers={"delta": "cell2"})
    alpha = declared(ALPHA, console_url="https://console.example.org/")
    assert findings([alpha, declared(BETA, console_url="https://console.example.org/"), DELTA], cloud) == []
    (finding,) = findings(
        [alpha, DELTA, declared(EPSILON, console_url="https://console.example.org/")], cloud
    )
    assert finding.hosts == ("epsilon",)
    assert "whose proxy sees no screen of cell2. Set it for the hosts of the cell" in finding.message


@pytest.mark.parametrize(
    ("cell_controllers", "text"),
    [
        (
            {"delta": ""},
            "Cannot use cell controller delta: cloud_cell is not set. Set cloud_cell there, to cell2 say.",
        ),
        (
            {"delta": "cell1"},
            "Cannot use cell controller delta: its cloud_cell is cell1, which is on the cloud's own controllers.",
        ),
        ({"delta": "cell0"}, "its cloud_cell is cell0, which is on the cloud's own controllers."),
        (
            {"delta": "far-away"},
            "its cloud_cell, far-away, is not a valid name. Use letters, digits and underscores.",
        ),
        (
            {"delta": "cell2", "zeta": "cell2"},
            "Cannot use cell controller zeta: delta is already the controller of cell2. Give it another cell.",
        ),
        ({"alpha": "cell2"}, "Cannot use cell controller alpha: it is in group controller, too"),
    ],
)
def test_what_keeps_a_host_from_being_the_controller_of_a_cell(
    cell_controllers: dict[str, str], text: str
) -> None:
    (finding,) = found(cloud=replace(CLOUD, cell_controllers=cell_controllers))
    assert finding.check == "cells"
    assert text in finding.message


def test_further_cells_beside_several_controllers_are_refused() -> None:
    cloud = replace(THREE, shared_state=(), cell_controllers={"delta": "cell2"})
    (finding,) = findings(controllers(), cloud)
    assert (
        "Cannot deploy cells cell2: additional cells with several controllers are untested" in finding.message
    )


def test_only_checks_that_there_are_can_be_ignored() -> None:
    [finding] = found(ignored=("clok",))
    assert "Cannot ignore check clok: no check has this name" in finding.message
    assert found(ignored=CHECKS) == []


def test_a_platform_without_a_neighbour_cannot_deploy_it() -> None:
    alpha = replace(ALPHA, services=("keystone", "glance"))
    (found,) = findings([alpha], CLOUD)
    assert found.check == "neighbours"
    assert found.message == (
        "Cannot use host alpha: platform Debian-12 describes no placement and no neutron to deploy. Take them out of "
        "cloud_neighbours and name those of the site, or use another platform."
    )
    assert findings([alpha], replace(CLOUD, neighbours=("keystone",))) == []


def test_an_untried_platform_is_named_once_with_what_must_be_known() -> None:
    untried = [replace(each, platform="Rocky-9", untried="Choose a release.") for each in (GAMMA, BETA)]
    assert untried_platforms([ALPHA, *untried]) == [
        "Platform Rocky-9 of beta, gamma is described from its packages and from installation guides: no cloud was "
        "deployed on it yet. Choose a release."
    ]
    assert untried_platforms([ALPHA]) == []
