# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few facts of a host that the roles need, gathered by actions that find them missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._host_survey.state import FACTS


def missing_facts(action: ActionBase, task_vars: dict[str, Any]) -> dict[str, Any]:
    """The result of gathering them, {} where all are there."""
    known = task_vars.get("ansible_facts") or {}
    if all(name in known for name in FACTS):
        return {}
    arguments = {
        "gather_subset": ["!all", "!min", "distribution", "platform"],
        "filter": [f"ansible_{name}" for name in FACTS],
    }
    gathered: dict[str, Any] = action._execute_module(
        module_name="ansible.legacy.setup", module_args=arguments, task_vars=task_vars
    )
    return gathered


def with_facts(task_vars: Mapping[str, Any], gathered: Mapping[str, Any]) -> dict[str, Any]:
    """All facts of the host, the gathered ones among them, without their prefix."""
    new = {name.removeprefix("ansible_"): value for name, value in gathered.get("ansible_facts", {}).items()}
    return {**(task_vars.get("ansible_facts") or {}), **new}


def platform_name(facts: Mapping[str, Any]) -> str:
    """What the file of a host's platform is called: Debian-12."""
    return f"{facts.get('distribution', '?')}-{facts.get('distribution_major_version', '?')}"


def known_platforms(directory: Path) -> tuple[str, ...]:
    """The platforms that have a file in this directory."""
    return tuple(sorted(each.stem for each in directory.glob("*-*.yml")))
