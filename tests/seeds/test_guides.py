# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides' files hold to their format, and all that they refer to is there."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy

import jsonschema
import pytest
from seeds.guides import HERE, PLACEHOLDER, RELEASES, SEPARATOR, find, guide, load, names, options, texts

SCHEMA = load("schema")
# The order of a bill of materials.
ORDER = list(SCHEMA["properties"])
BILL_ORDER = list(SCHEMA["$defs"]["bill"]["properties"])


def problems(facts):
    """All that is wrong with a guide's file."""
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    wrong = [
        f"{SEPARATOR.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(facts)
    ]
    # The other checks rely on the form.
    return wrong or [
        *_unknown_nodes(facts),
        *_unknown_names(facts),
        *_unused_secrets(facts),
        *_repeated_names(facts),
        *_wrong_corrections(facts),
        *_unmarked_absences(facts),
    ]


def _unknown_nodes(facts):
    copies = [copy for bill in facts["nodes"].values() for copy in bill.get("copies", {}).values()]
    used = {
        *facts["nodes"],
        *(entry["node"] for entry in (*facts["commands"], *facts["verification"], *copies)),
    }
    return [f"{node} is no node" for node in sorted(used - facts["topology"].keys())]


def _unknown_names(facts):
    known = names(facts)
    for text in texts(facts):
        rest = text.replace(HERE, "")
        for name in PLACEHOLDER.findall(rest):
            if name not in known:
                yield f"{name} stands for nothing"
        if "{{" in PLACEHOLDER.sub("", rest):
            yield f"{text} has a placeholder of another form"


def _unused_secrets(facts):
    used = {name for text in texts(facts) for name in PLACEHOLDER.findall(text)}
    return [f"secret.{name} is not used" for name in facts.get("secrets", {}) if f"secret.{name}" not in used]


def _repeated_names(facts):
    rules = [bill.get("firewall", {}).get("rules", []) for bill in facts["nodes"].values()]
    for entries in (facts["commands"], facts["verification"], *rules):
        counted = Counter(entry["name"] for entry in entries)
        yield from (f"{name} is the name of {count}" for name, count in counted.items() if count > 1)


def _wrong_corrections(facts):
    pointed = [(entry, pointer) for entry in facts["corrections"] for pointer in entry["at"]]
    # With two corrections of one option nobody could tell what the guide has.
    for pointer, count in Counter(pointer for _entry, pointer in pointed).items():
        if count > 1 and "options" in pointer.split(SEPARATOR):
            yield f"{count} corrections point at {pointer}"
    for entry, pointer in pointed:
        try:
            here = find(facts, pointer)
        except LookupError as error:
            yield f"a correction points at {pointer}: {error}"
            continue
        if HERE in str(entry.get("guide", "")) and not isinstance(here, (str, int)):
            yield f"{HERE} stands for a single value, which {pointer} is not"
        if entry["kind"] != "mistake":
            continue
        if pointer.split(SEPARATOR)[-1] == entry.get("named"):
            yield f"{pointer} has that name here, too"
        if "guide" in entry and entry["guide"] in (here, HERE):
            yield f"{pointer} says here what the guide says"


def _unmarked_absences(facts):
    """An option with null is one that the guide has and that is left out here, so somebody must have said why."""
    marked = {pointer for entry in facts["corrections"] for pointer in entry["at"]}
    absent = {option.pointer for option in options(facts) if option.value is None}
    return [f"{pointer} is left out without a word" for pointer in sorted(absent - marked)]


@pytest.mark.parametrize("release", RELEASES)
def test_the_file_holds_to_the_format(release):
    facts = guide(release)
    assert problems(facts) == []
    assert facts["release"] == release


@pytest.mark.parametrize("release", RELEASES)
def test_every_file_has_the_same_order(release):
    facts = guide(release)
    assert list(facts) == [key for key in ORDER if key in facts]
    for bill in facts["nodes"].values():
        assert list(bill) == [key for key in BILL_ORDER if key in bill]


@pytest.mark.parametrize("release", RELEASES)
def test_no_secret_is_written_out(release):
    """Whatever holds a password holds the name of one."""
    facts = guide(release)
    for option in options(facts):
        if "password" in option.name or "secret" in option.name:
            assert re.fullmatch(r"\{\{ secret\.\w+ \}\}", option.value), option.pointer
        assert not re.search(r"://\w+:(?!\{\{ secret\.)[^/@]+@", str(option.value)), option.pointer
    accounts = [*facts.get("databases", {}).values(), *facts.get("keystone", {}).get("users", {}).values()]
    assert all(re.fullmatch(r"\{\{ secret\.\w+ \}\}", account["password"]) for account in accounts)


def without(path):
    def change(facts):
        *parents, last = path
        for step in parents:
            facts = facts[step]
        del facts[last]

    return change


def with_value(path, value):
    def change(facts):
        *parents, last = path
        for step in parents:
            facts = facts[step]
        facts[last] = value

    return change


VAIN = {"at": ["release"], "kind": "mistake", "guide": "mitaka", "why": "To see it found."}
NOVA_CONF = ("nodes", "controller", "options", "/etc/nova/nova.conf")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (with_value(["flavour"], "vanilla"), "'flavour' was unexpected"),
        (with_value(["nodes", "controller", "package"], ["nova-api"]), "'package' was unexpected"),
        (with_value(["nodes", "controller", "packages"], "nova-api"), "is not of type 'array'"),
        (with_value([*NOVA_CONF, "DEFAULT", "my_ip"], ["10.0.0.11"]), "is not of type 'string'"),
        (
            with_value([*NOVA_CONF, "DEFAULT", "my_ip"], "{{ controler.address }}"),
            "controler.address stands for",
        ),
        (
            with_value([*NOVA_CONF, "DEFAULT", "my_ip"], "{{controller.address}}"),
            "placeholder of another form",
        ),
        (with_value([*NOVA_CONF, "DEFAULT", "my_ip"], None), "my_ip is left out without a word"),
        (with_value(["topology", "controller", "address"], "10.0.0.256"), "is not a 'ipv4'"),
        (with_value(["nodes", "network"], {"packages": ["neutron-server"]}), "'network' is not one of"),
        (without(["topology", "compute"]), "compute is no node"),
        (with_value(["commands", 0, "node"], "storage"), "'storage' is not one of"),
        (with_value(["commands", 1, "name"], "schema of Nova's API"), "is the name of 2"),
        (with_value(["secrets", "swift"], "Keystone's user swift"), "secret.swift is not used"),
        (
            without(["keystone", "services", "nova", "endpoints", "internal"]),
            "'internal' is a required property",
        ),
        (without([*NOVA_CONF, "keystone_authtoken"]), "there is no 'keystone_authtoken'"),
        (with_value(["corrections", 0, "at"], ["distribution > version > 7"]), "there is no '7'"),
        (with_value(["corrections", 0, "at"], [SEPARATOR.join(NOVA_CONF)] * 2), "has non-unique elements"),
        (without(["corrections", 0, "why"]), "'why' is a required property"),
        (without(["corrections", 0, "guide"]), "is not valid under any of the given schemas"),
        (with_value(["corrections", 0, "kind"], "gap"), "is not of type 'null'"),
        (with_value(["corrections", 1, "guide"], "{{ here }} or so"), "stands for a single value"),
        (with_value(["corrections", 6], VAIN), "says here what the guide says"),
        (with_value(["corrections", 5, "named"], "keystone_authtoken"), "has that name here, too"),
        (
            with_value(["nodes", "compute", "copies"], {"/etc/nova": {"node": "nova", "file": "/"}}),
            "'nova' is not",
        ),
        (with_value(["nodes", "compute", "units", "libvirtd"], ["running"]), "'running' is not one of"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_breaks_the_format_is_found(change, problem):
    facts = deepcopy(guide("mitaka"))
    change(facts)
    assert [text for text in problems(facts) if problem in text]
