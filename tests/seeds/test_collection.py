# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides and the collection's own data both declare is the same, or a deviation with its reason.

Only what stands in the collection as plain data, whatever the release; what templates and tasks make of it is not seen
here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.module_utils.clients.services import SERVICES
from ansible_collections.stackwright.nova.plugins.module_utils.keystone_service_endpoint.parameters import (
    ARGUMENTS,
)
from seeds.guides import RELEASES, as_text, find, guide, load, names, options, resolved

ROLES = Path(__file__).parents[2] / "roles"
DEVIATIONS = load("deviations")
# The role of each service's server.
ROLE = {name: name for name in SERVICES} | {"nova": "controller"}
URLS = {
    "keystone": "identity",
    "glance": "image",
    "placement": "placement",
    "nova": "compute",
    "neutron": "network",
}
# Where the collection declares the options of a file, for the nodes that have it.
NOVA = ("cloud", "__cloud_nova_options")
DECLARED_OPTIONS = {
    ("controller", "/etc/nova/nova.conf"): (NOVA, ("controller", "__controller_options")),
    ("compute", "/etc/nova/nova.conf"): (NOVA, ("compute", "__compute_options")),
    ("controller", "/etc/keystone/keystone.conf"): (("keystone", "__keystone_options"),),
    ("controller", "/etc/glance/glance-api.conf"): (("glance", "__glance_options"),),
    ("controller", "/etc/placement/placement.conf"): (("placement", "__placement_options"),),
    ("controller", "/etc/neutron/neutron.conf"): (
        ("neutron", "__neutron_common_options"),
        ("neutron", "__neutron_server_options"),
    ),
    ("compute", "/etc/neutron/neutron.conf"): (("neutron", "__neutron_common_options"),),
    ("controller", "/etc/neutron/plugins/ml2/ml2_conf.ini"): (("neutron", "__neutron_ml2_options"),),
    ("controller", "/etc/neutron/plugins/ml2/linuxbridge_agent.ini"): (
        ("neutron", "__neutron_linuxbridge_options"),
    ),
    ("compute", "/etc/neutron/plugins/ml2/linuxbridge_agent.ini"): (
        ("neutron", "__neutron_linuxbridge_options"),
    ),
    ("controller", "/etc/neutron/l3_agent.ini"): (("neutron", "__neutron_l3_options"),),
    ("controller", "/etc/neutron/dhcp_agent.ini"): (("neutron", "__neutron_dhcp_options"),),
    ("controller", "/etc/neutron/metadata_agent.ini"): (("neutron", "__neutron_metadata_options"),),
}


class Pair(NamedTuple):
    """One fact of a guide, and what the collection has there."""

    pointer: str
    guide: Any
    collection: Any


@cache
def data(role: str, folder: str) -> Mapping[str, Any]:
    return yaml.safe_load((ROLES / role / folder / "main.yml").read_text(encoding="utf-8"))


def default(name: str, controller: str) -> str:
    """A variable of the role `cloud`, for a controller of that name."""
    known = {
        **data("cloud", "defaults"),
        "cloud_controller_host": controller,
        "cloud_public_host": controller,
    }
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(known[name]).render(known)


def is_plain(value: Any) -> bool:
    return "{{" not in str(value)


def of_keystone(facts: Mapping[str, Any]) -> Iterator[Pair]:
    keystone = facts.get("keystone", {"users": {}, "services": {}})
    if "region" in keystone:
        yield Pair("keystone > region", keystone["region"], data("cloud", "defaults")["cloud_region"])
    # Keystone's URLs have the address where the guide writes no names.
    written_as_address = "address }}" in str(keystone["services"])
    controller = names(facts)["controller.address" if written_as_address else "controller.host"]
    for name, service in keystone["services"].items():
        place = f"keystone > services > {name}"
        registration = data("cloud", "vars")[f"__cloud_{name}_registration"]
        yield Pair(f"{place} > type", service["type"], registration["type"])
        if "description" in service:
            yield Pair(f"{place} > description", service["description"], registration["description"])
        for interface, url in service["endpoints"].items():
            variable = f"cloud_{URLS[name]}_{'public_' if interface == 'public' else ''}url"
            ours = default(variable, controller)
            yield Pair(f"{place} > endpoints > {interface}", resolved(url, facts), ours)
    roles = ARGUMENTS["services"]["options"]["roles"]["default"]
    for name, user in keystone["users"].items():
        registration = data("cloud", "vars").get(f"__cloud_{name}_registration", {})
        if "user" in registration:
            project = data("cloud", "defaults")["cloud_service_project"]
            theirs = user["roles"].get(project, [])
            # Further roles contradict nothing.
            ours = [role for role in theirs if role in roles]
            yield Pair(f"keystone > users > {name} > roles", user["roles"], {project: ours})


def of_databases(facts: Mapping[str, Any]) -> Iterator[Pair]:
    declared = {}
    for role in ROLE.values():
        variables = data(role, "tasks")[0]["vars"]
        database = variables["__service_database"]
        if isinstance(database, str):
            database = data(role, "vars")["__neutron_database"]
        declared |= dict.fromkeys(database["names"], database["user"])
    hosts = data("cloud", "defaults")["cloud_database_account_hosts"]
    for name, database in facts.get("databases", {}).items():
        yield Pair(f"databases > {name} > user", database["user"], declared.get(name))
        yield Pair(f"databases > {name} > hosts", database["hosts"], hosts)


def of_options(facts: Mapping[str, Any]) -> Iterator[Pair]:
    for option in options(facts):
        for role, variable in DECLARED_OPTIONS.get((option.node, option.path), ()):
            section = data(role, "vars")[variable].get(option.section, {})
            # A section of templates is one text, and nothing in it is plain.
            declared = section.get(option.name, "{{ }}") if isinstance(section, Mapping) else section
            if is_plain(option.value) and is_plain(declared):
                yield Pair(option.pointer, as_text(option.value), as_text(declared))


def of_commands(facts: Mapping[str, Any]) -> Iterator[Pair]:
    """The commands that bring up schemas."""
    for entry in facts["commands"]:
        if not entry["name"].startswith("schema"):
            continue
        program, *words = entry["run"].split()
        (service,) = (service for service in SERVICES.values() if service.program == program)
        # The collection's own way to name the same files.
        files = {service.config_file, *service.other_files, "--config-file"}
        words = [word for word in words if word not in files]
        schema, *_others = (schema for schema in service.schemas if words[0] in schema.sync)
        place = f"commands > {entry['name']}"
        yield Pair(f"{place} > user", entry["user"], service.name)
        yield Pair(f"{place} > run", " ".join((program, *words)), " ".join((program, *schema.sync)))


def pairs(release: str) -> list[Pair]:
    facts = guide(release)
    return [pair for part in (of_keystone, of_databases, of_options, of_commands) for pair in part(facts)]


def known_deviations(release: str) -> dict[str, str]:
    return {
        pointer: as_text(entry["collection"])
        for entry in DEVIATIONS
        if release in entry["guides"]
        for pointer in entry["at"]
    }


@pytest.mark.parametrize("release", RELEASES)
def test_what_both_declare_is_the_same_but_for_the_known_deviations(release):
    known = known_deviations(release)
    different = {
        pair.pointer: as_text(pair.collection) for pair in pairs(release) if pair.guide != pair.collection
    }
    assert different == known


@pytest.mark.parametrize("entry", DEVIATIONS, ids=lambda entry: entry["at"][0])
def test_a_deviation_says_what_it_is_about(entry):
    assert entry.keys() == {"guides", "at", "collection", "why"}
    assert entry["why"]
    for release in entry["guides"]:
        for pointer in entry["at"]:
            find(guide(release), pointer)


@pytest.mark.parametrize("release", RELEASES)
def test_secrets_are_called_as_in_the_collection(release):
    variables = data("cloud", "defaults")
    unknown = {
        name
        for name in guide(release).get("secrets", {})
        if not {f"cloud_{name}_password", f"cloud_{name}_secret"} & variables.keys()
    }
    # A guide's example of a user; the collection makes none.
    assert unknown <= {"myuser"}


def test_only_the_guide_without_databases_and_services_has_nothing_to_compare():
    assert [release for release in RELEASES if len(pairs(release)) < 10] == ["rocky"]
