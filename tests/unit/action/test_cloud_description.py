# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud_description action, run by a real ansible-playbook process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

ROOT = Path(__file__).parents[3]
FACTS = MappingProxyType(
    {"distribution": "Debian", "distribution_major_version": "12", "nodename": "compute1"}
)
PLATFORM = {"release": "zed", "compute": {"packages": ["nova-compute"]}}


def run(
    tmp_path: Path,
    *options: str,
    facts: Mapping[str, str] | None = FACTS,
    then: str = "",
    **arguments: object,
) -> str:
    """What a play prints that describes the cloud and then shows ``then``."""
    platforms = tmp_path / "vars"
    platforms.mkdir(exist_ok=True)
    for name in ("Debian-12", "Debian-13"):
        (platforms / f"{name}.yml").write_text(yaml.safe_dump({"__cloud_platform": PLATFORM}))
    task = {"platforms": str(platforms), **arguments}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "ansible_python_interpreter": sys.executable,
            **({} if facts is None else {"ansible_facts": dict(facts)}),
        },
        "tasks": [
            {"stackwright.nova.cloud_description": task, "register": "described"},
            {"ansible.builtin.copy": {"dest": str(tmp_path / "out"), "content": then}, "check_mode": False},
        ],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "-i", "localhost,", "-c", "local", tmp_path / "play.yml", "-vvv", *options],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join((done.stdout + done.stderr).split())


def test_platform_and_secrets_are_there_and_no_secret_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    file.write_text("old: kept {{ as it is }}\n")
    output = run(
        tmp_path,
        secrets_file=str(file),
        names=["old", "new"],
        then="{{ [described.platform, described.secrets, described.changed] | to_json }}",
    )
    written = yaml.safe_load(file.read_text())
    assert json.loads((tmp_path / "out").read_text()) == [PLATFORM, written, True]
    assert written["old"] == "kept {{ as it is }}"
    assert len(written["new"]) == 32
    assert written["new"] not in output.partition("TASK [ansible.builtin.copy]")[0]


def test_what_a_site_has_otherwise_counts_part_by_part(tmp_path: Path) -> None:
    changes = {"release": "rocky", "compute": {"units": [{"name": "nova-compute"}]}}
    run(tmp_path, changes=changes, then="{{ described.platform | to_json }}")
    assert json.loads((tmp_path / "out").read_text()) == {
        "release": "rocky",
        "compute": {"packages": ["nova-compute"], "units": [{"name": "nova-compute"}]},
    }


def test_check_mode_writes_no_secret_but_has_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    then = "{{ described.secrets.new | length }}"
    run(tmp_path, "--check", secrets_file=str(file), names=["new"], then=then)
    assert ((tmp_path / "out").read_text(), file.exists()) == ("32", False)


def test_check_mode_makes_the_same_secrets_in_all_plays(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    asked = {"secrets_file": str(file), "names": ["new"], "predicted_secrets": {"new": "predicted"}}
    then = "{{ described.secrets.new }} {{ described.changed }}"
    run(tmp_path, "--check", then=then, **asked)
    assert (tmp_path / "out").read_text() == "predicted False"
    run(tmp_path, then=then, **asked)
    assert (tmp_path / "out").read_text() == f"{yaml.safe_load(file.read_text())['new']} True"


def test_without_a_file_there_are_no_secrets(tmp_path: Path) -> None:
    run(tmp_path, names=["new"], then="{{ described.secrets is defined }} {{ described.platform.release }}")
    assert (tmp_path / "out").read_text() == "False zed"


def test_a_platform_without_data_is_refused_by_name(tmp_path: Path) -> None:
    output = run(tmp_path, facts={**FACTS, "distribution": "Plan9", "distribution_major_version": "4"})
    assert "Cannot use platform Plan9-4: " in output
    assert "Use one of Debian-12, Debian-13, or write that file." in output


def test_missing_facts_are_gathered_and_kept(tmp_path: Path) -> None:
    """The machine that tests may be of any platform: without its data the refusal names it."""
    output = run(tmp_path, facts=None, then="{{ ansible_facts.nodename }}")
    out = tmp_path / "out"
    assert (out.read_text() == os.uname().nodename) if out.exists() else ("Cannot use platform" in output)
    assert "Cannot use platform ?" not in output


def test_facts_that_are_there_are_not_gathered_again(tmp_path: Path) -> None:
    run(tmp_path, then="{{ described.ansible_facts is defined }}")
    assert (tmp_path / "out").read_text() == "False"


def test_a_secrets_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    output = run(tmp_path, secrets_file=str(tmp_path / "nowhere/secrets.yml"), names=["new"])
    assert "its folder does not exist" in output


SPECS = {"argument_specs": {"description": {"options": {"workers": {"type": "int", "required": True}}}}}


def test_variables_are_validated_first(tmp_path: Path) -> None:
    specs = tmp_path / "argument_specs.yml"
    specs.write_text(yaml.safe_dump(SPECS))
    file = tmp_path / "secrets.yml"
    asked = {"argument_specs": str(specs), "secrets_file": str(file), "names": ["new"]}
    assert "missing required arguments: workers" in run(tmp_path, **asked)
    assert "argument 'workers' is of type <class 'str'>" in run(
        tmp_path, "-e", "workers=many", **asked
    ).replace("argument 'workers' is of type str", "argument 'workers' is of type <class 'str'>")
    assert not file.exists()
    run(tmp_path, "-e", "workers=2", then="{{ described.changed }}", **asked)
    assert (tmp_path / "out").read_text() == "True"


def test_a_variable_with_its_default_is_not_validated_again(tmp_path: Path) -> None:
    specs, defaults = tmp_path / "argument_specs.yml", tmp_path / "defaults.yml"
    specs.write_text(yaml.safe_dump(SPECS))
    defaults.write_text(yaml.safe_dump({"workers": "{{ not_yet_known }}"}))
    asked = {"argument_specs": str(specs), "defaults": str(defaults), "then": "described"}
    run(tmp_path, "-e", json.dumps({"workers": "{{ not_yet_known }}"}), **asked)
    assert (tmp_path / "out").read_text() == "described"
    (tmp_path / "out").unlink()
    assert "argument 'workers' is of type" in run(tmp_path, "-e", "workers=many", **asked)
    # ansible-core 2.17 prints its messages in quotes, and doubles those that are in them.
    refused = run(tmp_path, "-e", json.dumps({"workers": "{{ not_yet_known + 1 }}"}), **asked)
    assert "not_yet_known is undefined" in refused.replace("'", "")
    assert not (tmp_path / "out").exists()
