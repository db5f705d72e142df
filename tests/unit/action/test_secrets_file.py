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
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
import yaml
from fakes.files import stamp

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
MARKER = "S3cretTail"
VAULT_PASSWORD = "vault-password"


class Run(NamedTuple):
    """What a task gave to its play, what the run printed, and whether it succeeded."""

    code: int
    result: dict
    output: str


def run(
    path: Path,
    names: Sequence[str],
    *options: str,
    replace: Sequence[str] = (),
    settle: bool = False,
    **keywords: object,
) -> Run:
    """A play with the task, as verbose as can be; the result goes to a file past everything that is printed."""
    arguments = {"path": str(path), "names": list(names), "replace": list(replace), "settle": settle}
    with TemporaryDirectory() as folder:
        play, out = Path(folder, "play.yml"), Path(folder, "out.json")
        copy = {"dest": str(out), "content": "{{ completed | to_json }}"}
        tasks = [
            {"stackwright.nova.secrets_file": arguments, "register": "completed", **keywords},
            {"ansible.builtin.copy": copy, "no_log": True, "check_mode": False},
        ]
        settings = {"ansible_python_interpreter": sys.executable}
        head = {"hosts": "localhost", "gather_facts": False, "vars": settings}
        play.write_text(json.dumps([{**head, "tasks": tasks}]))
        done = subprocess.run(
            [BIN / "ansible-playbook", "-i", "localhost,", "-c", "local", play, "-vvv", *options],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        result = json.loads(out.read_text()) if out.exists() else {}
    return Run(done.returncode, result, " ".join((done.stdout + done.stderr).split()))


def test_generates_what_is_missing_once_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("# mine\nold: kept {{ as it is }}\n")
    code, result, _output = run(path, ["old", "new"])
    assert code == 0
    assert result["changed"]
    assert result["generated"] == ["new"]
    written = yaml.safe_load(path.read_text())
    assert written["old"] == "kept {{ as it is }}"
    assert len(written["new"]) == 32
    assert path.read_text().startswith("# mine\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, again, _output = run(path, ["old", "new"])
    assert not again["changed"]
    assert again["secrets"]["new"] == written["new"]


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    code, result, _output = run(path, ["new"], "--check")
    assert code == 0
    assert result["changed"]
    assert result["secrets"]["new"]
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("$ANSIBLE_VAULT;1.1;AES256\n0\n", "no vault secret of this run decrypts it"),
        (
            f"a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nb: {MARKER}\n",
            "no vault secret of this run decrypts a value",
        ),
        (f"- {MARKER}\n", "it holds no mapping of names to secrets"),
        (f"{MARKER}\n", "it holds no mapping of names to secrets"),
        (f'a: {MARKER}\nb: "{MARKER}\n', "line 3, column 1: it is no valid YAML there"),
        (f"a: {MARKER}\nb: *{MARKER}\n", "line 2, column 4: it is no valid YAML there"),
        (f"a: {MARKER}\nb: !{MARKER} c\n", "line 2, column 4: it is no valid YAML there"),
        (f"a: {MARKER}\n---\nb: {MARKER}\n", "line 2, column 1: "),
        (f"a: {MARKER}\nb: 2026-13-45\n", "YAML cannot make sense of a value in it"),
        (f"a: {MARKER}\nb: &x [*x]\n", "a value in it refers to itself"),
        (f"a: {MARKER}\nnew: 0123\n", "Cannot use new of secrets file"),
        (f"a: {MARKER}\nnew: yes\n", "line 2: YAML does not read its value as text. Write it in quotes."),
        (
            f"a: {MARKER}\nnew: [{MARKER}]\n",
            "line 2: YAML does not read its value as text. Write it in quotes.",
        ),
        (f"a: {MARKER}\nreplaced_secrets: a\n", "its replaced_secrets is no list of names"),
        # Ansible reads it as JSON; as YAML, which is what the edit needs, it is none.
        (f'{{"a":\t"{MARKER}"}}', "Cannot add new to secrets file"),
        (f"a: &x {MARKER}\n? b\n: *x\n? new\n", "has a form that cannot be edited without a loss"),
    ],
)
def test_refuses_what_it_cannot_complete_leaves_it_alone_and_shows_nothing_of_it(
    tmp_path: Path, content: str, cause: str
) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(content)
    written = stamp(path)
    code, _result, output = run(path, ["new"])
    assert code != 0
    assert cause in output
    assert MARKER not in output
    assert path.read_text() == content
    assert stamp(path) == written


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("{}\n", {}),
        ("--- {}", {}),
        ("{a: b}", {"a": "b"}),
        ("---\na: b\n...\n", {"a": "b"}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("\ufeffa: b\n", {"a": "b"}),
        ("a: x\na: b\n", {"a": "b"}),
        ("a: 5\nb: [x, 1]\nc: {d: 1.5}\ne:\n", {"a": 5, "b": ["x", 1], "c": {"d": 1.5}, "e": None}),
        ("a: |\n  b", {"a": "b"}),
    ],
)
def test_the_next_run_reads_all_that_was_there_and_all_that_is_new(
    tmp_path: Path, content: str, kept: dict
) -> None:
    path = tmp_path / "secrets.yml"
    path.write_bytes(content.encode())
    first, second = run(path, ["new"]), run(path, ["new"])
    assert (first.code, second.code, second.result["changed"]) == (0, 0, False)
    assert (
        second.result["secrets"] == first.result["secrets"] == {**kept, "new": first.result["secrets"]["new"]}
    )


def test_hides_its_result_without_being_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(f"a: {MARKER}\n")
    for options, keywords in ((("--diff",), {}), ((), {"loop": [1, 2]})):
        code, result, output = run(path, ["a", "new"], *options, **keywords)
        assert code == 0
        assert MARKER in json.dumps(result)
        assert MARKER not in output
        assert yaml.safe_load(path.read_text())["new"] not in output


def test_follows_a_symbolic_link_and_keeps_it(tmp_path: Path) -> None:
    vault, link = tmp_path / "vault", tmp_path / "cloud" / "secrets.yml"
    vault.mkdir()
    link.parent.mkdir()
    target = vault / "secrets.yml"
    target.write_text("a: b\n")
    link.symlink_to("../vault/secrets.yml")
    code, result, _output = run(link, ["a", "new"])
    assert (code, result["path"]) == (0, str(link))
    assert link.is_symlink()
    assert yaml.safe_load(target.read_text()) == result["secrets"]
    assert [each.name for each in vault.iterdir()] == ["secrets.yml"]


def test_a_link_that_leads_nowhere_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "secrets.yml"
    link.symlink_to(tmp_path / "target.yml")
    assert run(link, ["new"]).code == 0
    assert link.is_symlink()
    assert stat.S_IMODE((tmp_path / "target.yml").stat().st_mode) == 0o600


def test_a_file_that_is_open_to_all_is_closed_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(f"a: {MARKER}\n")
    path.chmod(0o664)
    # Early releases of Ansible break warnings into lines, in the middle of a path if need be.
    warned = f"open to every user of this host (mode 0664). Close it: chmod 0600 {path}".replace(" ", "")
    read = run(path, ["a"])
    assert (read.code, warned in read.output.replace(" ", ""), stat.S_IMODE(path.stat().st_mode)) == (
        0,
        True,
        0o664,
    )
    written = run(path, ["new"])
    assert (written.code, warned in written.output.replace(" ", ""), stat.S_IMODE(path.stat().st_mode)) == (
        0,
        False,
        0o600,
    )


def test_a_file_that_is_shared_with_a_group_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(f"a: {MARKER}\n")
    path.chmod(0o640)
    assert run(path, ["new"]).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def encrypted(tmp_path: Path, *words: str) -> str:
    password = tmp_path / "password"
    password.write_text(VAULT_PASSWORD)
    done = subprocess.run(
        [BIN / "ansible-vault", *words, "--vault-password-file", password],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_encrypted_values_are_returned_and_stay_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    vaulted = encrypted(tmp_path, "encrypt_string", MARKER, "--name", "a")
    path.write_text(vaulted + "\n")
    options = ("--vault-password-file", str(tmp_path / "password"))
    code, result, output = run(path, ["a", "new"], *options)
    assert (code, result["secrets"]["a"], MARKER in output) == (0, MARKER, False)
    assert path.read_text().startswith(vaulted)
    refused = run(path, [], *options, replace=["a"])
    assert "Cannot replace a in secrets file" in refused.output
    assert path.read_text().startswith(vaulted)


def test_a_file_that_is_encrypted_as_a_whole_is_read_and_not_completed(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(f"a: {MARKER}\n")
    encrypted(tmp_path, "encrypt", str(path))
    content = path.read_text()
    options = ("--vault-password-file", str(tmp_path / "password"))
    read, refused = run(path, ["a"], *options), run(path, ["new"], *options)
    assert (read.code, read.result["secrets"]) == (0, {"a": MARKER})
    assert "Cannot add new to secrets file" in refused.output
    assert MARKER not in read.output + refused.output
    assert path.read_text() == content


def test_a_number_is_returned_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("a: 12345\nb: 0\n")
    assert run(path, ["a", "b"]).result["secrets"] == {"a": "12345", "b": "0"}


def test_replaces_what_it_is_told_to_whatever_its_form_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text(
        "# mine\nplain: old # why\nquoted: 'o''ld'\nblock: |\n  old\n  lines\nempty:\nkept: \"a: 'b'\"\n# end\n"
    )
    names = ["plain", "quoted", "block", "empty", "new"]
    code, result, _output = run(path, [], replace=names)
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
    code, result, _output = run(path, [], "--check", replace=["a"])
    assert (code, result["generated"], path.read_text()) == (0, ["a"], "a: old\n")


def test_what_was_replaced_stays_until_that_is_settled(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    path.write_text("# mine\na: old\nb: old\n")
    first = run(path, [], replace=["a"]).result
    again = run(path, ["a"], replace=["a"]).result
    assert (again["changed"], again["generated"], again["secrets"]) == (False, [], first["secrets"])
    more = run(path, [], replace=["a", "b"]).result
    assert (more["generated"], more["unsettled"]) == (["b"], ["a", "b"])
    assert more["secrets"]["a"] == first["secrets"]["a"]

    assert run(path, [], "--check", settle=True).result["changed"]
    settled = run(path, [], settle=True).result
    assert (settled["changed"], settled["unsettled"], settled["secrets"]) == (True, [], more["secrets"])
    assert not run(path, [], settle=True).result["changed"]
    assert run(path, [], replace=["a"]).result["secrets"]["a"] != first["secrets"]["a"]
    assert path.read_text().startswith("# mine\n")


def test_refuses_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    code, _result, output = run(tmp_path / "nowhere" / "secrets.yml", ["new"])
    assert code != 0
    assert "its folder does not exist" in output


def test_runs_at_once_agree_on_every_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _unused: run(path, ["a", "b"]).result["secrets"], range(3)))
    assert results[0] == results[1] == results[2] == yaml.safe_load(path.read_text())
