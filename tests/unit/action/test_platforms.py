# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a platform is called with packages of the distribution and with those of PyPI, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.action import cloud_check
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERIES, find_series
from ansible_collections.stackwright.nova.plugins.module_utils._wheelhouse.parameters import entries
from ansible_collections.stackwright.nova.plugins.plugin_utils._platforms import platform, refusal, releases
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import loaded

ROOT = Path(__file__).parents[3]
PLATFORMS = ROOT / "roles/cloud/vars"
LOCKS = ROOT / "roles/packages/files/releases"
NAMES = sorted(path.stem for path in PLATFORMS.glob("virtualenv/*-*.yml"))
CASES = [(name, release) for name in NAMES for release in releases(PLATFORMS, name, "virtualenv")]


def units_of(data: dict) -> dict[str, list[str]]:
    """The units of OpenStack that the roles start, by part of the platform."""
    neutron = data["neutron"]
    components = {
        component for component in neutron["packages"] if component in ("server", "l3", "dhcp", "metadata")
    }
    found = {part: [data[part]["unit"]] for part in ("keystone", "glance", "placement")}
    found |= {
        part: [unit["name"] for unit in data[part]["units"] if unit["name"].startswith("nova-")]
        for part in ("controller", "compute")
    }
    return found | {
        component: [
            unit["name"] for unit in neutron["units"][component] if unit["name"].startswith("neutron-")
        ]
        for component in components | set(neutron["mechanisms"])
    }


def parts_of(data: dict) -> dict[str, dict]:
    """What a package would bring, by part of the platform."""
    own = {name: data[name]["parts"] for name in ("keystone", "glance", "placement", "controller", "compute")}
    return own | data["neutron"]["component_parts"]


def test_packages_of_the_distribution_are_what_its_file_says() -> None:
    for name in ("Debian-12", "Debian-13"):
        own = loaded(PLATFORMS / f"{name}.yml")["__cloud_platform"]
        assert platform(PLATFORMS, name, "distribution", "") == own
        assert platform(PLATFORMS, name, "distribution", own["release"]) == own


def test_a_release_of_pypi_takes_the_place_of_parts() -> None:
    data = platform(PLATFORMS, "Debian-12", "virtualenv", "Caracal")
    assert data["release"] == "2024.1"
    assert data["database"] == platform(PLATFORMS, "Debian-12", "distribution", "")["database"]
    assert data["keystone"]["packages"] == []
    assert data["virtualenv"]["packages"] == ["libpython3.11", "polkitd"]
    assert "python3-dev" in data["virtualenv"]["builder"]
    assert data["keystone"]["uwsgi"] == [{"path": "/etc/keystone/keystone-uwsgi.ini"}]
    assert data["neutron"]["mechanisms"] == ["linuxbridge", "openvswitch"]
    assert platform(PLATFORMS, "Debian-12", "virtualenv", "2025.1")["neutron"]["mechanisms"] == [
        "openvswitch"
    ]


@pytest.mark.parametrize(
    ("name", "release", "unlocked"),
    [
        ("Ubuntu-22", "", False),
        ("Ubuntu-22", "yoga", False),
        ("Ubuntu-22", "Zed", True),
        ("Ubuntu-22", "antelope", True),
        ("Ubuntu-24", "", True),
        ("Ubuntu-24", "dalmatian", True),
    ],
)
def test_a_distribution_may_have_several_releases(name: str, release: str, unlocked: bool) -> None:
    data = platform(PLATFORMS, name, "distribution", release)
    assert find_series("nova", data["release"]) == find_series("nova", release or data["release"])
    own = data["neutron"]["options"].get("linuxbridge", {})
    assert ("experimental" in own) is unlocked
    # Gone in Zed.
    assert ("allow_overlapping_ips" in own.get("DEFAULT", {})) is not unlocked


def test_a_release_may_be_older_than_those_with_known_options() -> None:
    assert platform(PLATFORMS, "Ubuntu-14", "distribution", "Juno")["release"] == "juno"
    assert platform(PLATFORMS, "CentOS-7", "distribution", "mitaka")["release"] == "mitaka"
    assert platform(PLATFORMS, "CentOS-7", "distribution", "")["release"] == "rocky"


@pytest.mark.parametrize("name", [path.stem for path in PLATFORMS.glob("*-*.yml")])
def test_the_release_by_default_is_one_of_those_that_there_are(name: str) -> None:
    data = platform(PLATFORMS, name, "distribution", "")
    assert data["release"] in releases(PLATFORMS, name, "distribution")


@pytest.mark.parametrize(
    ("name", "source", "release", "cause", "remedy"),
    [
        ("Debian-12", "snap", "", "there is no source snap (cloud_source)", "distribution or virtualenv"),
        ("Debian-12", "virtualenv", "", "several releases, and none is named", "zed or 2023.1 or 2024.1"),
        ("Debian-12", "virtualenv", "mitaka", "there is no release mitaka", "Set cloud_release to zed or"),
        (
            "Debian-12",
            "virtualenv",
            "rocky",
            "Debian-12 has no release rocky from source virtualenv",
            "zed or",
        ),
        (
            "Debian-12",
            "distribution",
            "2024.1",
            "Debian-12 has no release 2024.1 from source distribution",
            "to zed",
        ),
        (
            "Ubuntu-22",
            "distribution",
            "2024.2",
            "Ubuntu-22 has no release 2024.2",
            "yoga or zed or 2023.1 or",
        ),
        (
            "CentOS-7",
            "distribution",
            "kilo",
            "there is no release kilo",
            "Set cloud_release to rocky or mitaka",
        ),
        (
            "Debian-13",
            "virtualenv",
            "2024.1",
            "no release from source virtualenv for Debian-13",
            "to distribution",
        ),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(
    name: str, source: str, release: str, cause: str, remedy: str
) -> None:
    refused = refusal(PLATFORMS, name, source, release)
    assert refused is not None
    assert cause in refused.cause
    assert remedy in refused.remedy
    with pytest.raises(CollectionError, match=f"Cannot use platform {name}"):
        platform(PLATFORMS, name, source, release)


@pytest.mark.parametrize(
    ("declared", "mechanisms", "refused"),
    [
        ({}, ("linuxbridge", "openvswitch"), False),
        ({"source": "distribution", "release": ""}, ("linuxbridge", "openvswitch"), False),
        ({"source": "virtualenv", "release": "2025.1"}, ("openvswitch",), False),
        # As YAML reads it without quotes.
        ({"source": "virtualenv", "release": 2025.1}, ("openvswitch",), False),
        ({"source": "virtualenv", "release": "juno"}, (), True),
    ],
)
def test_the_check_knows_what_a_host_is_to_have(declared: dict, mechanisms: tuple, refused: bool) -> None:
    host = cloud_check._host("beta", {"declared": declared, "platform": "Debian-12"})
    assert host.mechanisms == mechanisms
    assert (host.refused_release is not None) is refused


def test_the_check_knows_what_a_platform_lacks_and_that_it_is_untried() -> None:
    untried = cloud_check._host("beta", {"platform": "CentOS-7"})
    assert (untried.services, "Python 2.7" in untried.untried) == ((), True)
    tried = cloud_check._host("beta", {"platform": "Debian-12"})
    assert (tried.services, tried.untried) == (("keystone", "glance", "placement", "neutron"), "")


def test_the_check_knows_which_kernels_are_too_new() -> None:
    hosts = [
        cloud_check._host("beta", {"platform": "Debian-11", "declared": declared})
        for declared in ({}, {"source": "virtualenv", "release": "yoga"})
    ]
    assert [host.kernel_limit for host in hosts] == ["5.19", ""]


@pytest.mark.parametrize(("name", "release"), CASES)
def test_every_release_has_a_lock_with_all_services(name: str, release: str) -> None:
    python = loaded(PLATFORMS / f"virtualenv/{name}.yml")["__cloud_virtualenv"]["python"]
    lock = entries((LOCKS / f"{release}-python{python}.txt").read_text())
    services = {"keystone", "glance", "openstack-placement", "nova", "neutron"}
    assert services | {"uv", "uwsgi", "setuptools", "pymysql", "python-openstackclient"} <= lock.keys()
    assert [package for package, entry in lock.items() if "--hash=sha256:" not in entry] == []
    # The major version tells the release.
    assert lock["nova"].startswith(f"nova=={15 + SERIES.index(release)}.")


@pytest.mark.parametrize(("name", "release"), CASES)
def test_every_unit_that_the_roles_start_is_made(name: str, release: str) -> None:
    data = platform(PLATFORMS, name, "virtualenv", release)
    parts = parts_of(data)
    for part, units in units_of(data).items():
        made = [entry["unit"] for kind in ("apis", "daemons") for entry in parts[part].get(kind, [])]
        assert sorted(made) == sorted(units), part


@pytest.mark.parametrize(("name", "release"), CASES)
def test_the_files_that_the_roles_edit_are_those_that_apis_read(name: str, release: str) -> None:
    data = platform(PLATFORMS, name, "virtualenv", release)
    edited = {
        entry["path"]
        for part in ("keystone", "glance", "placement", "neutron", "controller")
        for entry in data[part]["uwsgi"]
    }
    apis = [api for part in parts_of(data).values() for api in part.get("apis", [])]
    assert edited == {f"/etc/{api['service']}/{api['unit']}-uwsgi.ini" for api in apis}
    ports = {data[part]["port"] for part in ("keystone", "glance", "placement", "neutron", "controller")}
    assert {api["port"] for api in apis} == ports | {data["controller"]["metadata_port"]}
