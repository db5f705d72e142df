"""The configuration that the roles write on the hosts of the guides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.secrets import OWNERS
from fakes import described as clouds

from . import guides

# The platform that is nearest to the guides: it has the mechanism that they have.
PLATFORM = "Debian-12"
# By kind of host: what of its services writes files.
SERVICES = {
    "controller": ("keystone", "glance", "placement", "controller", "neutron"),
    "compute": ("compute", "neutron_agents"),
}


def written_options(facts_of: Mapping[str, guides.Facts]) -> dict[str, guides.Rendered]:
    """The options on each host of the guides, by names of the form guide_node; no host is touched.

    A secret has its own name for its value. A guide that ends before its compute host has none.
    """
    return {
        f"{release}_{node}": options
        for release, facts in facts_of.items()
        for node, options in _of_a_guide(facts).items()
    }


def _of_a_guide(facts: guides.Facts) -> dict[str, guides.Rendered]:
    inventory = guides.inventory(facts)["all"]
    hosts = {node: group["hosts"] for node, group in inventory["children"].items()}
    groups = {node: list(members) for node, members in hosts.items()}
    variables = {name: value for members in hosts.values() for name, value in members.items()}
    found: dict[str, guides.Rendered] = {}
    for node, (name,) in groups.items():
        cloud = clouds.cloud(
            name,
            groups,
            variables,
            distribution=PLATFORM,
            secrets={each: each for each in OWNERS},
            **inventory["vars"],
        )
        services = clouds.services(cloud)
        found[node] = {path: options for each in SERVICES[node] for path, options in _files(services[each])}
    return found


def _files(service: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(file["path"], file["options"]) for file in service["files"]]
