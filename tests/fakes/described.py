# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds as their hosts see them, described in this process: the same door as in a run, and no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible_collections.stackwright.nova.plugins.plugin_utils import _door as door
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.cloud import Cloud
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.description import described, published
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.secrets import OWNERS
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.variables import ROLES
from ansible_collections.stackwright.nova.plugins.plugin_utils._platforms import combined, platform
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import loaded

SECRETS = {name: f"secret-of-{name}" for name in OWNERS}
"""What the file of secrets holds, unless a test says otherwise."""

_VARIABLES = loaded(ROLES / "cloud/vars/main.yml")
_ready: list[bool] = []


def cloud(
    host: str = "controller1",
    groups: Mapping[str, Sequence[str]] | None = None,
    hostvars: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    distribution: str = "Debian-12",
    secrets: Mapping[str, str] | None = None,
    **variables: Any,
) -> Cloud:
    """The cloud as ``host`` sees it.

    ``groups``: by default one controller and two compute hosts. ``hostvars``: what the inventory sets for single hosts;
    each has the cloud_management_address 192.0.2.N, N from 11 on, unless it says otherwise, and was asked for its name.
    ``variables`` are set for all hosts; their texts may be templates. ``distribution`` is a file of roles/cloud/vars.
    """
    if not _ready:
        init_plugin_loader()
        _ready.append(True)
    members = dict(groups or {"controller": ["controller1"], "compute": ["compute1", "compute2"]})
    names = list(dict.fromkeys(name for group in members.values() for name in group))
    members = {"all": names, **members}
    every = {
        name: {
            "inventory_hostname": name,
            "cloud_management_address": f"192.0.2.{number}",
            "ansible_facts": {"nodename": name, **_facts(distribution)},
            **variables,
            **(hostvars or {}).get(name, {}),
        }
        for number, name in enumerate(names, 11)
    }
    own = door._trusted({**_VARIABLES, **every[host]})
    task_vars = {**own, "inventory_hostname": host, "groups": members, "hostvars": every}
    action: Any = SimpleNamespace(_templar=Templar(loader=DataLoader()))
    facts: Mapping[str, Any] = every[host]["ansible_facts"]

    def seen(there: Mapping[str, Any]) -> Cloud:
        return door.described_cloud(
            action, task_vars, facts=facts, platform=there, secrets=SECRETS if secrets is None else secrets
        )

    first = seen({}).variables
    there = platform(ROLES / "cloud/vars", distribution, first["cloud_source"], str(first["cloud_release"]))
    return seen(combined(there, first["cloud_platform"]))


def services(described_cloud: Cloud, *roles: str) -> dict[str, Any]:
    """What the roles of the host are given, by the names of the services."""
    return described(described_cloud, roles)


def properties(described_cloud: Cloud, *roles: str) -> dict[str, Any]:
    """What roles take as ``__cloud.NAME``."""
    return published(described_cloud, roles)


def _facts(distribution: str) -> dict[str, str]:
    name, _dash, version = distribution.partition("-")
    return {"distribution": name, "distribution_major_version": version}
