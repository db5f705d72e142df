# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts add_compute and remove_compute touch, as Ansible itself lists them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

INVENTORY = """
[controller]
controller1
[compute]
compute1
compute2
compute3
"""
PLAY = re.compile(
    r"^  play #\d+ .*?\n    hosts \(\d+\):(?P<hosts>(?:\n      \S+)*)", re.MULTILINE | re.DOTALL
)
# What Ansible gets to see when nothing, or an empty list, chooses the hosts.
NOTHING = ("", '{"%s": []}', '{"%s": ""}', '{"%s": null}')


def plays(tmp_path: Path, playbook: str, variables: str) -> list[set[str]]:
    """The hosts of each play."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text(INVENTORY)
    argv = ["-i", inventory, f"stackwright.nova.{playbook}", "--list-hosts"]
    done = subprocess.run(
        [
            Path(sys.executable).with_name("ansible-playbook"),
            *argv,
            *(["-e", variables] if variables else []),
        ],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    return [set(match["hosts"].split()) for match in PLAY.finditer(done.stdout)]


@pytest.mark.parametrize("nothing", NOTHING)
def test_without_names_no_compute_host_is_removed(tmp_path: Path, nothing: str) -> None:
    variables = nothing.replace("%s", "remove_compute_hosts")
    assert plays(tmp_path, "remove_compute", variables) == [
        set(),
        {"controller1"},
        set(),
        {"controller1"},
        set(),
    ]


@pytest.mark.parametrize(
    "variables",
    [
        "remove_compute_hosts=compute2,compute3",
        '{"remove_compute_hosts": ["compute2", "compute3"]}',
        # One that the inventory does not have any more.
        "remove_compute_hosts=compute2,compute9,compute3",
    ],
)
def test_only_the_named_hosts_are_removed(tmp_path: Path, variables: str) -> None:
    named = {"compute2", "compute3"}
    assert plays(tmp_path, "remove_compute", variables) == [
        named,
        {"controller1"},
        named,
        {"controller1"},
        # Those that stay forget the others.
        {"compute1"},
    ]


@pytest.mark.parametrize("nothing", NOTHING)
def test_all_of_the_group_are_added_by_default(tmp_path: Path, nothing: str) -> None:
    variables = nothing.replace("%s", "add_compute_hosts")
    everyone = {"compute1", "compute2", "compute3"}
    assert plays(tmp_path, "add_compute", variables) == [
        everyone,
        {"controller1"},
        everyone,
        everyone,
        {"controller1"},
    ]


@pytest.mark.parametrize("variables", ["add_compute_hosts=compute2", '{"add_compute_hosts": ["compute2"]}'])
def test_only_the_named_hosts_are_added(tmp_path: Path, variables: str) -> None:
    # Those that were there learn of the new one.
    everyone = {"compute1", "compute2", "compute3"}
    assert plays(tmp_path, "add_compute", variables) == [
        {"compute2"},
        {"controller1"},
        {"compute2"},
        everyone,
        {"controller1"},
    ]
