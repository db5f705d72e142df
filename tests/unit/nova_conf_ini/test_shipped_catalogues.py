# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection knows of the options of all releases."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.catalogue import (
    OptionCatalogue,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import packed, unpacked
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import (
    SERIES,
    SERVICES,
    find_series,
    major,
    series,
)
from ansible_collections.stackwright.nova.plugins.plugin_utils._shipped_catalogues import (
    ShippedCatalogues,
    shipped_catalogues,
)

STRING = {"type": {"is": "string"}}
SMALL = ShippedCatalogues(
    {
        "versions": {"xena": "24.2.1", "yoga": "25.3.0", "zed": "26.3.0"},
        "options": [
            ["DEFAULT", "stays", "xena", "zed", STRING],
            ["DEFAULT", "changes", "xena", "yoga", STRING],
            ["DEFAULT", "changes", "zed", "zed", {**STRING, "secret": True}],
            ["DEFAULT", "removed", "xena", "xena", {**STRING, "removal": ["23", "Nobody used it."]}],
            ["DEFAULT", "a", "xena", "xena", STRING],
            ["vnc", "b", "yoga", "yoga", {**STRING, "old": [["DEFAULT", "a"]]}],
            ["vnc", "c", "zed", "zed", {**STRING, "old": [["vnc", "b"]]}],
            ["vnc", "new", "zed", "zed", STRING],
        ],
        "auth": [["password", "username", "xena", "zed", STRING]],
    }
)


def test_the_catalogue_of_a_release():
    assert SMALL.catalogue("yoga") == {
        "version": "25.3.0",
        "groups": {
            "DEFAULT": {"stays": STRING, "changes": STRING},
            "vnc": {"b": {**STRING, "old": [["DEFAULT", "a"]]}},
        },
        "auth": {"password": {"username": STRING}},
        "problems": [],
    }
    assert SMALL.catalogue("ocata") is None
    assert SMALL.history("ocata") == {"removed": {}, "newer": {}}


def test_history_follows_renames_in_both_directions():
    assert SMALL.history("zed") == {
        "removed": {
            "DEFAULT/removed": ["24", "", "Nobody used it."],
            "DEFAULT/a": ["25", "vnc/c", ""],
        },
        "newer": {},
    }
    assert SMALL.history("xena") == {
        "removed": {},
        "newer": {"vnc/b": ["25", "DEFAULT/a"], "vnc/c": ["26", "DEFAULT/a"], "vnc/new": ["26", ""]},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_shipped_release_can_be_used(service):
    known = shipped_catalogues(service)
    assert list(known.versions) == [name for name in SERIES if name in known.versions]
    for name, version in known.versions.items():
        assert series(service, version) == name
        assert version.split(".")[0] == str(major(service, name))
        data, history = known.catalogue(name), known.history(name)
        catalogue = OptionCatalogue(service, data, {})
        assert catalogue.find("DEFAULT", "debug").kind == {"is": "boolean"}
        assert "password" in catalogue.auth_plugins
        text = packed(data, history)
        assert len(text) < 60_000
        assert unpacked(text).catalogue == data
        assert unpacked(text).history == History(history["removed"], history["newer"])


@pytest.mark.parametrize(
    ("service", "options"),
    [
        ("nova", {"nova_sys_admin": {"helper_command": "sudo x"}, "privsep_osbrick": {"user": "nova"}}),
        (
            "nova",
            {"vif_plug_ovs_privileged": {"capabilities": [12]}, "barbican": {"cafile": "x", "timeout": 3}},
        ),
        ("nova", {"placement": {"min_version": "1.2"}, "oslo_messaging_metrics": {"metrics_enabled": True}}),
        ("nova", {"mdev_nvidia-35": {"max_instances": 4}, "neutron_physnet_a": {"numa_nodes": [0]}}),
        (
            "glance",
            {"DEFAULT": {"enabled_backends": {"fs": "file"}}, "fs": {"filesystem_store_datadir": "/x"}},
        ),
        ("neutron", {"privsep_link": {"user": "neutron"}, "ml2_type_vxlan": {"vni_ranges": ["1:1000"]}}),
        ("keystone", {"token": {"provider": "fernet"}, "fernet_tokens": {"max_active_keys": 3}}),
        ("placement", {"placement_database": {"connection": "mysql+pymysql://a:b@c/d"}}),
    ],
)
def test_options_that_are_declared_nowhere_but_read(service, options):
    facts = SERVICES[service]
    data = shipped_catalogues(service).catalogue("zed")
    catalogue = OptionCatalogue(service, data, facts.dynamic_sections, facts.modelled_sections)
    desired = Desired((DesiredFile("f.conf", options),), service=service)
    assert not plan(desired, State({}, catalogue)).warnings


def test_options_that_came_and_went():
    known = shipped_catalogues("nova")
    ocata, zed = known.history("ocata"), known.history("zed")
    assert ocata["newer"]["vnc/server_listen"] == ["17", "vnc/vncserver_listen"]
    assert zed["removed"]["DEFAULT/vncserver_listen"][1] == "vnc/server_listen"
    assert zed["removed"]["DEFAULT/use_neutron"][1] == ""
    assert known.history("2026.2")["removed"]["DEFAULT/enabled_apis"][0] == "31"


@pytest.mark.parametrize(
    ("service", "release", "expected"),
    [
        ("nova", "zed", "zed"),
        ("nova", "ZED", "zed"),
        ("nova", "26", "zed"),
        ("nova", "26.2.2", "zed"),
        ("keystone", "22", "zed"),
        ("placement", "8", "zed"),
        ("neutron", "antelope", "2023.1"),
        ("glance", "2025.1", "2025.1"),
        ("nova", "epoxy", "2025.1"),
    ],
)
def test_names_of_releases(service, release, expected):
    assert find_series(service, release) == expected


@pytest.mark.parametrize("release", ["folsom", "14", "99", "", "2025.3"])
def test_releases_that_do_not_exist(release):
    with pytest.raises(ValueError, match="there is no release"):
        find_series("nova", release)
