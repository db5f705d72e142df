# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the roles that are not for the operator begin with two underscores: nobody's group_vars reach them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


def public() -> set[str]:
    """What the argument specifications document, of all entry points."""
    specs = [yaml.safe_load((role / "meta/argument_specs.yml").read_text()) for role in ROLES]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    return {name for entry in entries for name in entry["options"]}


def statements(found: Any) -> Iterator[dict[str, Any]]:
    """Every task, block and play of a file."""
    for item in found or []:
        yield item
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks"):
            yield from statements(item.get(part))


def named(statement: dict[str, Any]) -> Iterator[str]:
    """The variables that a task, block or play sets."""
    yield from statement.get("vars", {})
    yield from statement.get("ansible.builtin.set_fact", {})
    if "register" in statement:
        yield statement["register"]


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("roles/*/vars/*.yml")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_derived_variables(path: Path) -> None:
    assert [name for name in yaml.safe_load(path.read_text()) if not name.startswith("__")] == []


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_variables_that_tasks_set(path: Path) -> None:
    names = {name for one in statements(yaml.safe_load(path.read_text())) for name in named(one)}
    assert {name for name in names if not name.startswith("__")} <= public()
