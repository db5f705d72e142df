# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof shows of a host, out of what the tasks of verify registered."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.filter.proof import proof_hosts

WARNING = "/etc/nova/nova.conf: [zvm] my_typo is not an option of nova 26 (not set by this task)."
CHECKED = {"files": [], "release": "zed", "warnings": [WARNING]}
FOUND = "/etc/nova/nova.conf: [zvm] my_typo is not an option of nova 26."


@pytest.mark.parametrize(
    ("registered", "configuration"),
    [
        (CHECKED, {"release": "zed", "findings": [FOUND], "problem": ""}),
        ({"files": [], "release": ""}, {"release": "", "findings": [], "problem": ""}),
        ({"failed": False, "msg": "Cannot read"}, {"release": "", "findings": [], "problem": "Cannot read"}),
        ({"skipped": True}, {"release": "", "findings": [], "problem": ""}),
        (None, {"release": "", "findings": [], "problem": ""}),
    ],
)
def test_the_configuration(registered: Any, configuration: dict[str, Any]) -> None:
    (host,) = proof_hosts(["a"], {"a": {"__verify_configuration": registered}}, ["a"], [])
    assert host["configuration"] == configuration


def test_names_and_kinds() -> None:
    facts = {"nodename": "own", "distribution": "Debian", "distribution_version": "12.5", "kernel": "6.1"}
    hostvars = {
        "a": {"ansible_facts": facts, "cloud_management_address": "192.0.2.11"},
        "b": {"ansible_facts": facts, "__compute_name": "in-nova"},
        "c": {},
    }
    hosts = proof_hosts(["a", "b", "c"], hostvars, ["a", "c"], ["b", "c"])
    assert [(host["name"], host["kinds"]) for host in hosts] == [
        ("own", ["controller"]),
        ("in-nova", ["compute"]),
        ("c", ["controller", "compute"]),
    ]
    assert (hosts[0]["system"], hosts[0]["address"], hosts[0]["inventory_name"]) == (
        "Debian 12.5",
        "192.0.2.11",
        "a",
    )


@pytest.mark.parametrize(
    ("registered", "packages", "ends"),
    [
        (
            {
                "survey": {
                    "packages": {"nova": "26"},
                    "certificate_files": [{"path": "/a.pem", "until": "2036"}],
                }
            },
            {"nova": "26"},
            ["2036"],
        ),
        ({"problem": "no Python"}, {}, []),
        (None, {}, []),
    ],
)
def test_versions_and_certificates(registered: Any, packages: dict[str, str], ends: list[str]) -> None:
    (host,) = proof_hosts(["a"], {"a": {"__verify_survey": registered}}, ["a"], [])
    assert host["packages"] == packages
    assert [one["until"] for one in host["certificates"]] == ends
