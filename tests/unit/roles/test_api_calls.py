# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every call of a module that speaks to an API, as it stands in the roles' tasks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = ROOT / "roles"


def tasks(found: Any) -> Iterator[dict[str, Any]]:
    """Every task of a file, with the defaults of the blocks around it."""
    for item in found or []:
        common = item.get("module_defaults", {}).get("group/stackwright.nova.api", {})
        yield item
        for part in ("block", "rescue", "always"):
            yield from ({**task, "__defaults": common} for task in tasks(item.get(part)))


def calls() -> Iterator[Any]:
    """Every call of a module that speaks to an API."""
    for path in sorted(ROLES.glob("*/tasks/*.yml")):
        for task in tasks(yaml.safe_load(path.read_text())):
            for name, given in task.items():
                # The database has its own authority, with the rest of its login.
                if not name.startswith("stackwright.nova.") or name.endswith("nova_db"):
                    continue
                arguments = given or {}
                # Keystone's keys and stopped units speak to no API.
                source = (
                    ROOT / "plugins/modules" / f"{name.removeprefix('stackwright.nova.')}.py"
                ).read_text()
                takes_interface = "stackwright.nova.openstack" in source
                if takes_interface or {"answers", "auth_url"} & arguments.keys():
                    complete = {**task.get("__defaults", {}), **arguments}
                    yield pytest.param(
                        complete, takes_interface, id=f"{path.relative_to(ROLES)} {task['name']}"
                    )


@pytest.mark.parametrize(("given", "takes_interface"), list(calls()))
def test_every_module_that_speaks_to_an_api_knows_the_authority_and_the_interface(
    given: dict[str, Any], takes_interface: bool
) -> None:
    assert given["ca_cert"] == "{{ cloud_ca_cert or omit }}"
    if takes_interface:
        assert given["interface"] == "{{ cloud_interface }}"
