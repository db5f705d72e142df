# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ebtables that stands before the packaged one: it deletes rules with a set by their number, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "roles/neutron/files/ebtables"
LISTING = """Bridge table: nat

Bridge chain: mac-tap1, entries: 3, policy: RETURN
1. -i tap1 --among-src fa:16:3e:0:0:1 -j RETURN
2. -i tap1 --among-src fa:16:3e:0:0:2,fa:16:3e:0:0:3 -j RETURN
3. -j DROP
"""


class Packaged:
    """Stands for the packaged program: lists, and notes what it is asked for otherwise."""

    def __init__(self, root: Path) -> None:
        self.log = root / "log"
        program = root / "packaged"
        (root / "listing").write_text(LISTING)
        program.write_text(
            f'#!/bin/sh\ncase "$*" in *" -L "*) cat {root}/listing;; *) echo "$*" >> {self.log};; esac\n'
        )
        program.chmod(0o755)
        self.script = root / "ebtables"
        self.script.write_text(SCRIPT.read_text().replace("real=/usr/sbin/ebtables", f"real={program}"))

    def run(self, command: str) -> list[str]:
        subprocess.run(["sh", self.script, *command.split()], check=True)
        return self.log.read_text().splitlines()


@pytest.fixture
def packaged(tmp_path: Path) -> Packaged:
    return Packaged(tmp_path)


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        ("-i tap1 --among-src fa:16:3e:0:0:1 -j RETURN", 1),
        ("-i tap1 --among-src fa:16:3e:0:0:2,fa:16:3e:0:0:3 -j RETURN", 2),
    ],
)
def test_a_rule_with_a_set_is_deleted_by_its_number(packaged: Packaged, rule: str, number: int) -> None:
    assert packaged.run(f"-t nat --concurrent -D mac-tap1 {rule}") == [
        f"-t nat --concurrent -D mac-tap1 {number}"
    ]


@pytest.mark.parametrize(
    "command",
    [
        "-t nat --concurrent -D mac-tap1 -i tap1 --among-src fa:16:3e:0:0:9 -j RETURN",
        "-t nat --concurrent -D mac-tap1 -i tap1 -j RETURN",
        "-t nat --concurrent -I mac-tap1 -i tap1 --among-src fa:16:3e:0:0:1 -j RETURN",
        "-t nat --concurrent -N mac-tap1 -P DROP",
        "--version",
    ],
)
def test_everything_else_goes_on_as_it_is(packaged: Packaged, command: str) -> None:
    assert packaged.run(command) == [command]
