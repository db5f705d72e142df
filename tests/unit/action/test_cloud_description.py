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
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.secrets import OWNERS
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import loaded

ROOT = Path(__file__).parents[3]
FACTS = MappingProxyType(
    {"distribution": "Debian", "distribution_major_version": "12", "nodename": "compute1"}
)
PLATFORM = loaded(ROOT / "roles/cloud/vars/Debian-12.yml")["__cloud_platform"]
VARIABLES = MappingProxyType(
    {"cloud_management_address": "192.0.2.11", "cloud_controller_host": "controller"}
)

GIVEN = MappingProxyType(dict.fromkeys(OWNERS, "given"))


def run(
    tmp_path: Path,
    *options: str,
    facts: Mapping[str, str] | None = FACTS,
    variables: Mapping[str, object] = VARIABLES,
    then: str = "",
    **arguments: object,
) -> str:
    """What a play prints that describes the cloud and then shows ``then``."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "ansible_python_interpreter": sys.executable,
            **({} if facts is None else {"ansible_facts": dict(facts)}),
            **variables,
        },
        "tasks": [
            {"stackwright.nova.cloud_description": arguments, "register": "described"},
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
    file.write_text("cloud_nova_password: kept {{ as it is }}\n")
    output = run(
        tmp_path,
        variables={**VARIABLES, "cloud_secrets_file": str(file)},
        then="{{ [described.platform, described.secrets, described.changed] | to_json }}",
    )
    written = yaml.safe_load(file.read_text())
    assert json.loads((tmp_path / "out").read_text()) == [PLATFORM, written, True]
    assert written["cloud_nova_password"] == "kept {{ as it is }}"
    # A cluster of message queues alone has one more.
    assert written.keys() == OWNERS.keys() - {"cloud_message_queue_secret"}
    made = [value for name, value in written.items() if name != "cloud_nova_password"]
    assert {len(value) for value in made} == {32}
    shown = output.partition("TASK [ansible.builtin.copy]")[0]
    assert [value for value in made if value in shown] == []


def test_what_a_site_has_otherwise_counts_part_by_part(tmp_path: Path) -> None:
    changes = {"release": "rocky", "compute": {"packages": ["site-nova"]}}
    run(
        tmp_path,
        variables={**VARIABLES, "cloud_platform": changes, **GIVEN},
        then="{{ described.platform | to_json }}",
    )
    assert json.loads((tmp_path / "out").read_text()) == {
        **PLATFORM,
        "release": "rocky",
        "compute": {**PLATFORM["compute"], "packages": ["site-nova"]},
    }


def test_check_mode_writes_no_secret_but_has_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    then = "{{ described.secrets.cloud_nova_password | length }}"
    run(tmp_path, "--check", variables={**VARIABLES, "cloud_secrets_file": str(file)}, then=then)
    assert ((tmp_path / "out").read_text(), file.exists()) == ("32", False)


def test_check_mode_makes_the_same_secrets_in_all_plays(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    variables = {**VARIABLES, "cloud_secrets_file": str(file)}
    then = "{{ described.secrets.cloud_nova_password }} {{ described.changed }}"
    predicted = dict.fromkeys(OWNERS, "predicted")
    run(tmp_path, "--check", variables=variables, then=then, predicted_secrets=predicted)
    assert (tmp_path / "out").read_text() == "predicted False"
    some = {"cloud_nova_password": "predicted"}
    run(tmp_path, "--check", variables=variables, then=then, predicted_secrets=some)
    assert (tmp_path / "out").read_text() == "predicted True"
    run(tmp_path, variables=variables, then=then, predicted_secrets=predicted)
    assert (tmp_path / "out").read_text() == f"{yaml.safe_load(file.read_text())['cloud_nova_password']} True"


def test_without_a_file_there_are_no_secrets(tmp_path: Path) -> None:
    then = "{{ described.secrets is defined }} {{ described.platform.release }}"
    run(tmp_path, variables={**VARIABLES, **GIVEN}, then=then)
    assert (tmp_path / "out").read_text() == "False zed"


def test_a_platform_without_data_is_refused_by_name(tmp_path: Path) -> None:
    output = run(tmp_path, facts={**FACTS, "distribution": "Plan9", "distribution_major_version": "4"})
    assert "Cannot use platform Plan9-4: " in output
    known = ", ".join(sorted(path.stem for path in (ROOT / "roles/cloud/vars").glob("*-*.yml")))
    assert f"Use one of {known}, or write that file." in output


def test_missing_facts_are_gathered_and_kept(tmp_path: Path) -> None:
    """The machine that tests may be of any platform: without its data the refusal names it."""
    output = run(tmp_path, facts=None, variables={**VARIABLES, **GIVEN}, then="{{ ansible_facts.nodename }}")
    out = tmp_path / "out"
    assert (out.read_text() == os.uname().nodename) if out.exists() else ("Cannot use platform" in output)
    assert "Cannot use platform ?" not in output


def test_facts_that_are_there_are_not_gathered_again(tmp_path: Path) -> None:
    run(tmp_path, variables={**VARIABLES, **GIVEN}, then="{{ described.ansible_facts is defined }}")
    assert (tmp_path / "out").read_text() == "False"


def test_a_secrets_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere/secrets.yml"
    output = run(tmp_path, variables={**VARIABLES, "cloud_secrets_file": str(file)})
    assert "its folder does not exist" in output


def test_variables_are_validated_first(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    asked = {"cloud_secrets_file": str(file)}
    assert "missing required arguments: cloud_management_address" in run(tmp_path, variables=asked)
    variables = {**VARIABLES, **asked}
    output = run(tmp_path, "-e", "cloud_workers=many", variables=variables)
    assert "argument 'cloud_workers' is of type" in output
    assert not file.exists()
    run(tmp_path, "-e", "cloud_workers=2", variables=variables, then="{{ described.changed }}")
    assert (tmp_path / "out").read_text() == "True"


def test_a_variable_with_its_default_is_not_validated_again(tmp_path: Path) -> None:
    """This play has no defaults of roles: validated, this one would be made of a variable that nothing sets."""
    default = loaded(ROOT / "roles/cloud/defaults/main.yml")["cloud_message_queue_port"]
    variables = {**VARIABLES, **GIVEN}
    extra = json.dumps({"cloud_message_queue_port": default})
    run(tmp_path, "-e", extra, variables=variables, then="described")
    assert (tmp_path / "out").read_text() == "described"
    (tmp_path / "out").unlink()
    output = run(tmp_path, "-e", "cloud_message_queue_port=many", variables=variables)
    assert "argument 'cloud_message_queue_port' is of type" in output
    # ansible-core 2.17 prints its messages in quotes, and doubles those that are in them.
    other = json.dumps({"cloud_message_queue_port": default.replace("5672", "5673")})
    refused = run(tmp_path, "-e", other, variables=variables)
    assert "cloud_message_queue_tls is undefined" in refused.replace("'", "")
    assert not (tmp_path / "out").exists()
