# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets_file action, run by a real ansible-playbook process on the control node."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ANSIBLE = [
    str(Path(sys.executable).with_name("ansible")),
    "localhost",
    "-i",
    "localhost,",
    "-m",
    "stackwright.nova.secrets_file",
]


def run(
    path: Path, names: list[str], *options: str, replace: Sequence[str] = (), settle: bool = False
) -> tuple[int, dict]:
    given = {"path": str(path), "names": names, "replace": list(replace), "settle": settle}
    arguments = json.dumps(given)
    environment = {
        **os.environ,
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    }
    done = subprocess.run(
        [*ANSIBLE, "-a", arguments, *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout[done.stdout.rindex("=> {") + 3 :])


def test_generates_what_is_missing_once_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("# mine\nold: kept {{ as it is }}\n")
    code, result = run(path, ["old", "new"])
    assert code == 0
    assert result["changed"]
    assert result["generated"] == ["new"]
    written = yaml.safe_load(path.read_text())
    assert written["old"] == "kept {{ as it is }}"
    assert len(written["new"]) == 32
    assert path.read_text().startswith("# mine\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, again = run(path, ["old", "new"])
    assert not again["changed"]
    assert again["secrets"]["new"] == written["new"]


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    code, result = run(path, ["new"], "--check")
    assert code == 0
    assert result["changed"]
    assert result["secrets"]["new"]
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("$ANSIBLE_VAULT;1.1;AES256\n0\n", "vault"),
        ("- a list\n", "holds no mapping"),
    ],
)
def test_refuses_what_it_cannot_complete_and_leaves_it_alone(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(content)
    code, result = run(path, ["new"])
    assert code != 0
    assert message in result["msg"].lower()
    assert path.read_text() == content


def test_replaces_what_it_is_told_to_whatever_its_form_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(
        "# mine\nplain: old # why\nquoted: 'o''ld'\nblock: |\n  old\n  lines\nempty:\nkept: \"a: 'b'\"\n# end\n"
    )
    names = ["plain", "quoted", "block", "empty", "new"]
    code, result = run(path, [], replace=names)
    assert code == 0
    assert result["generated"] == names
    written = yaml.safe_load(path.read_text())
    assert written.pop("replaced_secrets") == names
    assert written == {**{name: result["secrets"][name] for name in names}, "kept": "a: 'b'"}
    assert len({written[name] for name in names}) == len(names)
    text = path.read_text()
    assert text.startswith("# mine\n")
    assert " # why\n" in text
    assert "# end\n" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_replaces_nothing_in_check_mode(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("a: old\n")
    code, result = run(path, [], "--check", replace=["a"])
    assert (code, result["generated"], path.read_text()) == (0, ["a"], "a: old\n")


def test_what_was_replaced_stays_until_that_is_settled(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("# mine\na: old\nb: old\n")
    _, first = run(path, [], replace=["a"])
    _, again = run(path, ["a"], replace=["a"])
    assert (again["changed"], again["generated"], again["secrets"]) == (False, [], first["secrets"])
    _, more = run(path, [], replace=["a", "b"])
    assert (more["generated"], more["unsettled"]) == (["b"], ["a", "b"])
    assert more["secrets"]["a"] == first["secrets"]["a"]

    assert run(path, [], "--check", settle=True)[1]["changed"]
    settled = run(path, [], settle=True)[1]
    assert (settled["changed"], settled["unsettled"], settled["secrets"]) == (True, [], more["secrets"])
    assert not run(path, [], settle=True)[1]["changed"]
    assert run(path, [], replace=["a"])[1]["secrets"]["a"] != first["secrets"]["a"]
    assert path.read_text().startswith("# mine\n")


def test_refuses_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    code, result = run(tmp_path / "nowhere" / "secrets.yml", ["new"])
    assert code != 0
    assert "its folder does not exist" in result["msg"]


def test_runs_at_once_agree_on_every_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: run(path, ["a", "b"])[1]["secrets"], range(3)))
    assert results[0] == results[1] == results[2] == yaml.safe_load(path.read_text())
