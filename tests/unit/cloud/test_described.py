# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: what a variable of the inventory becomes, and what a mistake in one says."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.variables import ROLES, VariableError
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud_findings import SERVICES
from ansible_collections.stackwright.nova.plugins.plugin_utils._platforms import SOURCES, platform, releases
from fakes import described as fake


def test_a_variable_may_be_made_of_others_and_of_what_follows_from_them() -> None:
    cloud = fake.cloud(
        cloud_public_host="cloud.example.org",
        compute_vnc_listen="{{ cloud_management_address }}",
        keystone_options={"token": {"expiration": "{{ cloud_workers * 1800 }}"}},
        site_queue="{{ cloud_message_queue_hosts | first }}",
    )
    assert cloud.variables["compute_vnc_listen"] == "192.0.2.11"
    assert cloud.variables["keystone_options"] == {"token": {"expiration": 3600}}
    assert cloud.variables["site_queue"] == "controller1"
    assert cloud.variables["cloud_identity_public_url"] == "http://cloud.example.org:5000/v3"


@pytest.mark.parametrize("written", [True, "true", "yes", "True", 1])
def test_booleans_are_booleans_however_they_are_written(written: object) -> None:
    assert fake.cloud(cloud_tls=written).scheme == "https"


@pytest.mark.parametrize(
    ("variables", "name", "says"),
    [
        ({"cloud_tls": "perhaps"}, "cloud_tls", "neither true nor false"),
        ({"cloud_region": "{{ regoin }}"}, "cloud_region", "regoin"),
        ({"nova_alone": "{{ 1 / 0 }}"}, "nova_alone", "division"),
    ],
)
def test_a_mistake_names_its_variable(variables: dict[str, object], name: str, says: str) -> None:
    with pytest.raises(VariableError) as raised:
        fake.cloud(**variables).variables[name]
    assert raised.value.name == name
    assert says in raised.value.cause


def test_a_service_of_another_role_may_lack_a_variable() -> None:
    cloud = fake.cloud(secrets={}, cloud_message_queue_password="known")
    assert "message_queue" in fake.services(cloud, "message_queue")
    with pytest.raises(VariableError, match="cloud_keystone_database_password"):
        fake.services(cloud, "keystone")


def test_a_play_may_have_the_role_of_a_service_that_is_not_deployed_here() -> None:
    without = fake.cloud("compute1", distribution="CentOS-7", cloud_neighbours=[])
    assert "neutron" not in fake.services(without, "compute", "neutron")
    cloud = fake.cloud("compute1", distribution="CentOS-7", cloud_neighbours=["neutron"])
    with pytest.raises(KeyError, match="neutron"):
        fake.services(cloud, "compute", "neutron")


PLATFORMS = ROLES / "cloud/vars"
NAMES = sorted(path.stem for path in PLATFORMS.glob("*-*.yml"))
RELEASES = [
    (name, source, release)
    for name in NAMES
    for source in SOURCES
    for release in releases(PLATFORMS, name, source)
]


@pytest.mark.parametrize("host", ["controller1", "compute1"])
@pytest.mark.parametrize(("name", "source", "release"), RELEASES)
def test_each_platform_has_all_that_its_services_are_made_of(
    name: str, source: str, release: str, host: str
) -> None:
    there = platform(PLATFORMS, name, source, release)
    neighbours = [each for each in SERVICES if each in there]
    others = {} if neighbours else {"message_queue_enabled": False, "database_enabled": False}
    cloud = fake.cloud(
        host,
        distribution=name,
        cloud_source=source,
        cloud_release=release,
        cloud_neighbours=neighbours,
        cache_enabled=bool(neighbours),
        **others,
    )
    kinds = [*neighbours, "controller"] if host == "controller1" else ["compute"]
    made = fake.services(cloud, *kinds)
    assert {*kinds} <= made.keys()
    assert made["packages"]["all"] != []
    assert fake.properties(cloud, "verify")["neutron_components"] == (
        cloud.variables["neutron_components"] if neighbours else []
    )
