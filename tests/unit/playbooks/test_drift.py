# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook drift cannot change anything, and its exit status tells what it found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLAYBOOK = ROOT / "playbooks/drift.yml"


def run(tmp_path: Path, *options: str, enabled: bool = True, site: object = ()) -> tuple[int, str]:
    """Exit status and output of drift.yml, with these plays for site.yml."""
    plays = yaml.safe_load(PLAYBOOK.read_text())
    (look,) = (play for play in plays if "ansible.builtin.import_playbook" in play)
    look["ansible.builtin.import_playbook"] = str(tmp_path / "site.yml")
    (tmp_path / "site.yml").write_text(json.dumps(site))
    (tmp_path / "drift.yml").write_text(json.dumps(plays))
    shutil.copytree(PLAYBOOK.parent / "vars", tmp_path / "vars", dirs_exist_ok=True)
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[controller]\none\n[compute]\ntwo\n[all:vars]\nansible_connection=local\n")
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACKS_ENABLED": "stackwright.nova.run_record" if enabled else "no.such.callback",
        "STACKWRIGHT_RUN_RECORDS": str(tmp_path / "runs"),
    }
    variables = json.dumps({"ansible_python_interpreter": sys.executable})
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "-i", inventory, tmp_path / "drift.yml", "-e", variables, *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def site(tmp_path: Path, hosts: str = "all", **task: object) -> list[dict[str, object]]:
    """A play that would write a file, or does what ``task`` says."""
    work = task or {
        "ansible.builtin.copy": {"content": "x", "dest": f"{tmp_path}/made-{{{{ inventory_hostname }}}}"}
    }
    return [{"name": "Site", "hosts": hosts, "gather_facts": False, "tasks": [{"name": "Write", **work}]}]


def test_a_cloud_as_it_should_be(tmp_path: Path) -> None:
    status, output = run(tmp_path, "--check", site=site(tmp_path, **{"ansible.builtin.debug": {"msg": "x"}}))
    assert (status, "Found drift" in output) == (0, False), output


@pytest.mark.parametrize("options", [(), ("--limit=two",), ("--tags=none",)])
def test_drift_is_listed_and_nothing_is_done(tmp_path: Path, options: tuple[str, ...]) -> None:
    plays = site(tmp_path)
    plays[0]["tags"] = ["none"]
    status, output = run(tmp_path, "--check", *options, site=plays)
    assert status == 2
    assert "Found drift" in output
    assert "two: Write" in output
    assert not list(tmp_path.glob("made-*"))


@pytest.mark.parametrize("options", [(), ("--limit=two",), ("--tags=none",), ("--skip-tags=always",)])
def test_without_check_mode_nothing_is_done_at_all(tmp_path: Path, options: tuple[str, ...]) -> None:
    plays = site(tmp_path)
    plays[0]["tags"] = ["none"]
    status, output = run(tmp_path, *options, site=plays)
    assert not list(tmp_path.glob("made-*"))
    if options != ("--skip-tags=always",):
        assert status == 2
        assert "Cannot detect drift: this run is not in check mode" in output


def test_the_condition_reaches_roles_and_what_they_depend_on(tmp_path: Path) -> None:
    for name, dependencies in (("writer", ["helper"]), ("helper", [])):
        role = tmp_path / "roles" / name
        for folder in ("tasks", "meta"):
            (role / folder).mkdir(parents=True)
        work = {"ansible.builtin.copy": {"content": "x", "dest": f"{tmp_path}/made-{name}"}}
        block = [{"block": [{"name": "Write", **work}], "tags": ["none"]}]
        (role / "tasks/main.yml").write_text(json.dumps(block))
        (role / "meta/main.yml").write_text(json.dumps({"dependencies": dependencies}))
    play = {"name": "Site", "hosts": "one", "gather_facts": False}
    inner = [{"name": "Import", "ansible.builtin.import_role": {"name": "writer"}}]
    for plays in ([{**play, "roles": ["writer"]}], [{**play, "tasks": inner}]):
        assert run(tmp_path, "--tags=none", "--skip-tags=always", site=plays)[0] == 0
        assert not list(tmp_path.glob("made-*"))


def test_without_the_callback_nobody_would_see(tmp_path: Path) -> None:
    status, output = run(tmp_path, "--check", enabled=False, site=site(tmp_path))
    assert status == 2
    assert "the callback stackwright.nova.run_record is not enabled" in output


def test_a_task_that_fails_is_no_cloud_as_it_should_be(tmp_path: Path) -> None:
    broken = site(tmp_path, hosts="two", **{"ansible.builtin.fail": {"msg": "no"}})
    assert run(tmp_path, "--check", site=broken)[0] == 2
    half = site(tmp_path, **{"ansible.builtin.fail": {"msg": "no"}, "when": "inventory_hostname == 'two'"})
    status, output = run(tmp_path, "--check", site=half)
    assert status == 2
    assert "two: Write: failed, so that nobody looked further" in output


def test_the_condition_stands_before_all_of_site() -> None:
    plays = yaml.safe_load(PLAYBOOK.read_text())
    imports = [play for play in plays if "ansible.builtin.import_playbook" in play]
    assert [(play["ansible.builtin.import_playbook"], play["when"]) for play in imports] == [
        ("site.yml", "ansible_check_mode")
    ]
