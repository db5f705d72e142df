# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.client import NovaManage, SqlInventory
from ansible_collections.stackwright.nova.plugins.module_utils._clients import service_program
from ansible_collections.stackwright.nova.plugins.module_utils._clients.service_program import ServiceProgram
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import Cell

ME = getpass.getuser()
QUEUE = "rabbit://openstack:s3cret@mq:5672/"
DATABASE = "mysql+pymysql://nova:p%40ss$w@db/nova"
ZERO = "mysql+pymysql://nova:p%40ss@db/nova_cell0"
TEMPLATE = "{scheme}://{username}:{password}@{hostname}/{path}"
DONE = Output(0, "", "")
UUID0 = "00000000-0000-0000-0000-000000000000"


class Recorder:
    """Stands in for the program: keeps its arguments and what the secret file said while it ran."""

    def __init__(self, output: Output = DONE) -> None:
        self.output = output
        self.calls: list[list[str]] = []
        self.read: list[Any] = []
        self.paths: list[Path] = []
        self.users: list[str] = []

    def __call__(self, argv: list[str], *, run_as: str, environment: None) -> Output:
        self.users.append(run_as)
        files = [argv[i + 1] for i, word in enumerate(argv) if word == "--config-file"]
        for name in files[1:]:
            path = Path(name)
            status = path.stat()
            assert stat.S_IMODE(status.st_mode) == 0o600
            assert status.st_uid == os.geteuid()
            settings = SqlInventory(name).read_settings()
            self.read.append((settings.transport_url, settings.connection))
            self.paths.append(path)
        self.calls.append(["SECRET" if word in files[1:] else word for word in argv])
        return self.output


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(service_program, "run_command", recorder)
    return recorder


def nova_manage(path: Path, user: str = ME) -> NovaManage:
    (path / "nova.conf").write_text("[DEFAULT]\n")
    return NovaManage(
        ServiceProgram("nova-manage", (str(path / "nova.conf"),), user), {"cell1": "u1"}.__getitem__
    )


@pytest.fixture
def manage(tmp_path: Path, program: Recorder) -> NovaManage:
    return nova_manage(tmp_path)


def words(program: Recorder, index: int = 0) -> list[str]:
    """The arguments behind the program's name and its first configuration file."""
    assert program.calls[index][:2] == ["nova-manage", "--config-file"]
    return program.calls[index][3:]


def test_secrets_are_in_a_private_file_that_is_gone_afterwards(manage: NovaManage, program: Recorder) -> None:
    manage.create_cell("cell1", False, QUEUE, DATABASE)
    assert words(program) == ["--config-file", "SECRET", "cell_v2", "create_cell", "--name", "cell1"]
    assert program.read == [(QUEUE, DATABASE)]
    assert program.users == [ME]
    assert not program.paths[0].exists()


NASTY = (
    *(f"in{character}side" for character in "$@/%#?&+:;=,[]{}()<>|^~`!*'\" \\"),
    *("$word", "${my_ip}", "$$", "a\\$b", "%40", "%%", "100%", "{password}", "{{}}", "'quoted'", " blanks "),
    *("end$", "end\\", "#start", ";start", "p\u00e4ss", "None"),
)


@pytest.mark.parametrize("password", NASTY)
@pytest.mark.parametrize(
    "encode", [lambda text: quote(text, safe=""), lambda text: quote(text, safe="$'!*()")]
)
def test_any_password_arrives(manage: NovaManage, program: Recorder, password: str, encode: Any) -> None:
    queue, database = f"rabbit://o:{encode(password)}@mq/", f"mysql://nova:{encode(password)}@db/nova"
    manage.create_cell("cell1", False, queue, database)
    assert program.read == [(queue, database)]


def test_what_is_no_secret_is_said_aloud(manage: NovaManage, program: Recorder) -> None:
    manage.update_cell("u1", "cell1", True, QUEUE, TEMPLATE)
    assert words(program) == [
        *("--config-file", "SECRET", "cell_v2", "update_cell", "--cell_uuid", "u1", "--name", "cell1"),
        *("--disable", "--database_connection", TEMPLATE),
    ]
    assert program.read == [(QUEUE, None)]
    manage.update_cell("u1", "cell1", False, TEMPLATE, TEMPLATE)
    assert words(program, 1)[-5:] == [
        "--enable",
        "--transport-url",
        TEMPLATE,
        "--database_connection",
        TEMPLATE,
    ]
    manage.create_cell("cell2", True, TEMPLATE, TEMPLATE)
    assert "--disabled" in words(program, 2)


def test_cell0_is_made_from_a_template_and_then_given_its_url(manage: NovaManage, program: Recorder) -> None:
    manage.map_cell0(ZERO)
    placeholder = "mysql+pymysql://nova:{password}@db/nova_cell0"
    assert words(program) == ["cell_v2", "map_cell0", "--database_connection", placeholder]
    assert words(program, 1) == [
        *("--config-file", "SECRET", "cell_v2", "update_cell", "--cell_uuid", UUID0, "--name", "cell0"),
        *("--transport-url", "none:///"),
    ]
    assert program.read == [(None, ZERO)]


def test_a_cell0_without_a_secret_needs_one_call(manage: NovaManage, program: Recorder) -> None:
    manage.map_cell0(TEMPLATE)
    assert len(program.calls) == 1


def test_the_rest(manage: NovaManage, program: Recorder) -> None:
    cell = Cell("cell1", "u1", QUEUE, DATABASE)
    manage.discover_hosts(None, False)
    manage.discover_hosts(cell, True)
    manage.delete_host(cell, "c1")
    manage.delete_cell("u1")
    assert [words(program, index) for index in range(4)] == [
        ["cell_v2", "discover_hosts"],
        ["cell_v2", "discover_hosts", "--cell_uuid", "u1", "--by-service"],
        ["cell_v2", "delete_host", "--cell_uuid", "u1", "--host", "c1"],
        ["cell_v2", "delete_cell", "--cell_uuid", "u1"],
    ]


def test_a_cell_that_was_made_meanwhile_is_found_by_its_name(manage: NovaManage, program: Recorder) -> None:
    made = Cell("cell1", None, QUEUE, DATABASE)
    manage.discover_hosts(made, False)
    manage.delete_host(made, "c1")
    assert [words(program, index) for index in range(2)] == [
        ["cell_v2", "discover_hosts", "--cell_uuid", "u1"],
        ["cell_v2", "delete_host", "--cell_uuid", "u1", "--host", "c1"],
    ]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            Output(3, "warning\nThe specified transport_url already exists.\n", "noise\n"),
            "The specified transport_url",
        ),
        (Output(255, "An error has occurred:\nTraceback\nDBError: gone\n", ""), "DBError: gone"),
        (Output(1, "", "usage: nova-manage\n"), "usage: nova-manage"),
        (Output(1, "", ""), "it said nothing"),
    ],
)
def test_failures_are_told_and_leave_nothing_behind(
    manage: NovaManage, program: Recorder, output: Output, said: str
) -> None:
    program.output = output
    with pytest.raises(CollectionError) as caught:
        manage.update_cell("u1", "cell1", None, QUEUE, DATABASE)
    assert (
        f"Cannot update cell cell1: nova-manage cell_v2 update_cell ended with status {output.code}: {said}"
        in str(caught.value)
    )
    assert caught.value.details["status"] == output.code
    assert not program.paths[0].exists()


def test_an_unknown_user(tmp_path: Path, program: Recorder) -> None:
    with pytest.raises(UnreachableError, match="there is no such user"):
        nova_manage(tmp_path, "nobody-of-that-name").create_cell("cell1", False, QUEUE, DATABASE)
    assert program.calls == []
