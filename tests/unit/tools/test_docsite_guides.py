# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each step of the five installation guides has an answer, and what the answers name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from docsite import guides
from docsite.written import written_options
from seeds.guides import RELEASES, guide, load

ROOT = Path(__file__).parents[3]
ANSWERS = yaml.safe_load(guides.ANSWERS.read_text())
RENDERED = {
    "victoria_controller": {
        "/etc/nova/nova.conf": {
            "DEFAULT": {"my_ip": "10.0.0.11"},
            "vnc": {"enabled": True, "server_listen": "10.0.0.99"},
            "placement": {"password": "cloud_placement_password"},
        }
    },
    "rocky_compute": {"/etc/nova/nova.conf": {"vnc": {"server_proxyclient_address": "10.0.0.101"}}},
}


def sources(*, deviations: bool = True) -> guides.Sources:
    return guides.Sources(ANSWERS, load("deviations") if deviations else [], load("options"), RENDERED)


def steps(release: str) -> Iterator[guides.Step]:
    facts = guide(release)
    yield from guides.cloud_steps(facts)
    for node, bill in facts["nodes"].items():
        yield from guides.host_steps(node, bill)
    for kind in ("commands", "verification"):
        yield from guides.run_steps(facts, kind)


@pytest.mark.parametrize("release", RELEASES)
def test_no_part_of_a_guide_is_left_out(release: str) -> None:
    """Each key of the format leads to a step, or to the tables of options."""
    kinds = {step.kind for step in steps(release)}
    facts = guide(release)
    keystone = facts.get("keystone", {})
    on_nodes = {key for bill in facts["nodes"].values() for key in bill}
    cloud = {key for key in ("databases", "secrets") if key in facts}
    assert (on_nodes | cloud | set(keystone)) - {"options"} <= kinds
    counted = sum(step.kind == "commands" for step in steps(release))
    assert counted == len(facts["commands"])


@pytest.mark.parametrize("release", RELEASES)
def test_every_step_has_an_answer(release: str) -> None:
    for step in steps(release):
        assert guides.answer(step, ANSWERS)


def test_a_step_without_an_answer_is_refused() -> None:
    step = guides.Step("commands", "nova-manage cell_v2 delete_cell", {})
    with pytest.raises(
        guides.StepError, match=r"^Cannot answer step 'nova-manage .* delete_cell' of kind commands"
    ):
        guides.answer(step, ANSWERS)


def test_every_answer_is_given() -> None:
    given = set()
    for release in RELEASES:
        for step in steps(release):
            number = next(
                number
                for number, entry in enumerate(ANSWERS[step.kind])
                if re.search(entry["matching"], step.text)
            )
            given.add((step.kind, number))
    assert {(kind, number) for kind, entries in ANSWERS.items() for number in range(len(entries))} == given


def test_what_the_answers_name_is_there() -> None:
    places = {
        "module": lambda name: ROOT / f"plugins/modules/{name}.py",
        "role": lambda name: ROOT / f"roles/{name}/README.md",
        "page": lambda name: ROOT / f"docs/{name}.md",
    }
    texts = [guides.answer(step, ANSWERS) for release in RELEASES for step in steps(release)]
    for kind, path in (("module", "reference/{}_module.rst"), ("role", "roles/{}.md"), ("page", "{}.md")):
        pattern = re.escape("../" + path).replace(r"\{\}", r"(\w[\w-]*)")
        named = {name for text in texts for name in re.findall(rf"\({pattern}\)", text)}
        assert named
        assert {name for name in named if not places[kind](name).exists()} == set()


@pytest.mark.parametrize(
    ("release", "row"),
    [
        ("victoria", "| `[DEFAULT] my_ip` | `10.0.0.11` | the same |"),
        ("victoria", "| `[vnc] server_listen` | `$my_ip` | `10.0.0.99` |"),
        ("victoria", "| `[placement] password` | `cloud_placement_password` | the same |"),
        ("victoria", "| `[api] auth_strategy` | `keystone` | not written; the release's default |"),
        ("juno", "| `[DEFAULT] rpc_backend` | `rabbit` | not written; Zed has no such option |"),
        (
            "rocky",
            "| `[vnc] vncserver_proxyclient_address` | `10.0.0.101` | `[vnc] server_proxyclient_address`: "
            "`10.0.0.101` |",
        ),
    ],
)
def test_an_option_stands_beside_what_is_written_here(release: str, row: str) -> None:
    assert row in guides.page(release, sources(deviations=False)).splitlines()


@pytest.mark.parametrize(
    ("release", "row"),
    [
        (
            "yoga",
            "| `[service_user] auth_url` | `http://192.168.56.101:5000/` | `http://192.168.56.101:5000/v3`. One URL of "
            "Keystone for all, that of version 3. |",
        ),
        (
            "victoria",
            "| `[glance_store] default_store` | `file` | Deprecated since Rocky. enabled_backends and a section for "
            "the store take their place. |",
        ),
    ],
)
def test_a_deviation_stands_with_its_reason(release: str, row: str) -> None:
    assert row in guides.page(release, sources()).splitlines()


@pytest.mark.parametrize("release", RELEASES)
def test_a_page_has_every_option_command_and_correction(release: str) -> None:
    text = guides.page(release, sources())
    facts = guide(release)
    for bill in facts["nodes"].values():
        for sections in bill.get("options", {}).values():
            for section, values in sections.items():
                for name, value in values.items():
                    assert value is None or f"`[{section}] {name}`" in text
    for correction in facts["corrections"]:
        assert " ".join(correction["why"].split()).replace("|", "\\|") in text
    assert "{{" not in text.split("## Where the guide")[0]


def test_no_two_names_of_an_inventory_are_the_same() -> None:
    for release in RELEASES:
        groups = guides.inventory(guide(release))["all"]["children"]
        hosts = [host for group in groups.values() for host in group["hosts"]]
        assert len(hosts) == len(set(hosts))
        assert not set(hosts) & set(groups)


def test_what_is_written_is_that_of_one_cloud_for_each_guide() -> None:
    written = written_options({release: guide(release) for release in RELEASES})
    assert {name for name in written if name.endswith("_controller")} == {
        f"{release}_controller" for release in RELEASES
    }
    # The guide ends before its compute host.
    assert "yoga_compute" not in written
    compute = written["victoria_compute"]
    agent = compute["/etc/neutron/plugins/ml2/linuxbridge_agent.ini"]
    assert agent["linux_bridge"]["physical_interface_mappings"] == ["provider:eth1"]
    assert compute["/etc/nova/nova.conf"]["DEFAULT"]["transport_url"] == (
        "rabbit://openstack:cloud_message_queue_password@controller:5672/"
    )
    keystone = written["rocky_controller"]["/etc/keystone/keystone.conf"]
    assert "cloud_keystone_database_password" in keystone["database"]["connection"]
