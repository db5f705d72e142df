# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection would do on a guide's bare hosts is what the guide does, or a deviation with its reason."""

from __future__ import annotations

import os
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
import yaml
from seeds.comparison import OF_A_NODE, Prediction, different, known_deviations, pairs
from seeds.guides import RELEASES, find, guide, load
from seeds.prediction import ROOT, Task, predicted

DEVIATIONS = load("deviations")


@pytest.fixture(scope="session")
def tasks(tmp_path_factory: pytest.TempPathFactory):
    """The tasks of each guide."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    @cache
    def of(release: str) -> list[Task]:
        return predicted(release, shared)

    return of


def differences(facts, tasks) -> dict[str, str | None]:
    return different(pairs(Prediction(facts, tasks)))


@pytest.mark.parametrize("release", RELEASES)
def test_the_collection_does_what_the_guide_does_but_for_the_known_deviations(release, tasks):
    assert differences(guide(release), tasks(release)) == known_deviations(release)


def test_every_wrong_fact_is_found(tasks):
    """The comparison is no good if it finds nothing: one wrong fact of each kind, one finding each."""
    facts = deepcopy(guide("yoga"))
    controller = facts["nodes"]["controller"]
    controller["options"]["/etc/nova/nova.conf"]["DEFAULT"]["my_ip"] = "192.0.2.1"
    controller["packages"].append("nova-cert")
    controller["units"]["nova-cert"] = ["enabled", "started"]
    facts["databases"]["nova"]["hosts"] = ["localhost"]
    facts["databases"]["nova_api"]["password"] = "another"
    facts["keystone"]["users"]["nova"]["roles"]["service"] = ["admin", "reader"]
    facts["keystone"]["services"]["nova"]["endpoints"]["admin"] = "http://192.0.2.1:8774/v2.1"
    facts["commands"][0]["user"] = "root"
    facts["commands"].append(
        {"name": "flavors", "node": "controller", "user": "nova", "run": "nova-manage flavors"}
    )
    facts["verification"][0]["shows"].append({"name": "cell2"})
    new = differences(facts, tasks("yoga")).keys() - differences(guide("yoga"), tasks("yoga")).keys()
    assert sorted(new) == [
        "commands > flavors > run",
        "commands > schema of Nova's API > user",
        "databases > nova > hosts",
        "databases > nova_api > password",
        "keystone > services > nova > endpoints > admin",
        "keystone > users > nova > roles",
        "nodes > controller > options > /etc/nova/nova.conf > DEFAULT > my_ip",
        "nodes > controller > packages > nova-cert",
        "nodes > controller > units > nova-cert",
        "verification > cells",
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_options_are_judged_by_the_release_as_far_as_the_collection_knows_it(release, tasks):
    judged = {
        task.result["release"]
        for task in tasks(release)
        if task.module == "service_files" and not task.result.get("failed")
    }
    # The options of OpenStack are known from Ocata on.
    assert judged == ({""} if release in ("juno", "mitaka") else {release})


def test_every_kind_of_fact_is_compared():
    kinds = load("schema")["$defs"]["bill"]["properties"]
    assert OF_A_NODE.keys() == kinds.keys()


@pytest.mark.parametrize("entry", DEVIATIONS, ids=lambda entry: entry["at"][0])
def test_a_deviation_says_what_it_is_about(entry):
    assert entry.keys() == {"guides", "at", "collection", "why"}
    assert entry["why"]
    for release in entry["guides"]:
        for pointer in entry["at"]:
            find(guide(release), pointer)


@pytest.mark.parametrize("release", RELEASES)
def test_secrets_are_called_as_in_the_collection(release):
    variables = yaml.safe_load(Path(ROOT, "roles/cloud/defaults/main.yml").read_text())
    unknown = {
        name
        for name in guide(release).get("secrets", {})
        if not {f"cloud_{name}_password", f"cloud_{name}_secret"} & variables.keys()
    }
    # A guide's example of a user; the collection makes none.
    assert unknown <= {"myuser"}
