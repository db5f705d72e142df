# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.service_program import ServiceProgram
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError

PROGRAM = """#!/bin/sh
echo "$@"
echo "$SECRET" >&2
exit 3
"""


def test_runs_with_its_files_before_the_words(tmp_path: Path) -> None:
    path = tmp_path / "it-manage"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    program = ServiceProgram(str(path), ("/etc/a b.conf", "/etc/c.conf"), getpass.getuser())
    output = program.run("db", "sync", environment={"SECRET": "s3cret"}, more_files=["/tmp/d.conf"])
    assert (output.code, output.stderr) == (3, "s3cret\n")
    assert output.stdout == (
        "--config-file /etc/a b.conf --config-file /etc/c.conf --config-file /tmp/d.conf db sync\n"
    )
    assert program.command("db", "sync") == (
        f"{path} --config-file '/etc/a b.conf' --config-file /etc/c.conf db sync"
    )


@pytest.mark.parametrize(
    ("name", "user", "cause"),
    [
        ("it-no-such-program", getpass.getuser(), "it is not installed"),
        ("true", "nobody-of-that-name", "there is no such user"),
    ],
)
def test_what_is_not_installed_yet(name: str, user: str, cause: str) -> None:
    with pytest.raises(UnreachableError, match=cause):
        ServiceProgram(name, (), user).run("db", "sync")
