# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is limited to the tag of a role does all that the role does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROLES = (
    "database",
    "message_queue",
    "cache",
    "keystone",
    "glance",
    "placement",
    "neutron",
    "controller",
    "compute",
)
CONFIGURATION = " : (Write configuration|Adjust packaged defaults)$"
LISTED = re.compile(r"^ {6}(?P<task>.+)\tTAGS: \[(?P<tags>.*)\]$", re.MULTILINE)


@pytest.fixture(scope="module")
def tasks() -> list[tuple[str, set[str]]]:
    """All tasks of site.yml with their tags, as Ansible lists them; dynamic inclusions hide theirs."""
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "-i", "localhost,", "stackwright.nova.site", "--list-tasks"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    return [(match["task"], set(match["tags"].split(", "))) for match in LISTED.finditer(done.stdout)]


@pytest.mark.parametrize("role", ROLES)
def test_the_tag_of_a_role_reaches_every_step(tasks: list[tuple[str, set[str]]], role: str) -> None:
    mine = [task for task, tags in tasks if role in tags]
    assert [task for task in mine if " : Install packages" in task]
    # RabbitMQ is configured by its packages alone.
    assert role == "message_queue" or [task for task in mine if re.search(CONFIGURATION, task)]
    assert [task for task in mine if " : Ensure units run the configuration on disk" in task]


def test_the_description_of_the_cloud_is_there_whatever_the_tags(tasks: list[tuple[str, set[str]]]) -> None:
    described = [tags for task, tags in tasks if task.startswith("stackwright.nova.cloud : ")]
    assert described
    assert all("always" in tags for tags in described)
