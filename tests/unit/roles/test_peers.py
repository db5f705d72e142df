# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which compute hosts a compute host moves instances to and from, as the variables of the role compute have it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.stackwright.nova.plugins.plugin_utils import _door as door
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.variables import DEFAULTS, ROLES
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import loaded

COMPUTE = ["compute1", "compute2", "compute3"]
# This run has not got the key of compute2.
PEERS = {name: {"name": name, "public_key": "" if name == "compute2" else "KEY"} for name in COMPUTE}
TWO_CELLS = {"compute3": "cell2", "cellcontroller1": "cell2"}


def rendered(host: str, cells: dict[str, str], **variables: Any) -> tuple[list[str], list[str]]:
    """The other hosts that this one knows, and those of them whose keys it gets."""
    of_cells = {} if not cells else {"cell_controller": ["cellcontroller1"]}
    names = [*COMPUTE, *of_cells.get("cell_controller", [])]
    hostvars = {
        name: {
            **({"__compute_peer": PEERS[name]} if name in PEERS else {}),
            **({"cloud_cell": cells[name]} if name in cells else {}),
        }
        for name in names
    }
    given = {
        **DEFAULTS,
        **loaded(ROLES / "compute/vars/main.yml"),
        "__compute_known": "{{ __compute_told }}",
        "inventory_hostname": host,
        "groups": {"compute": COMPUTE, **of_cells},
        "hostvars": hostvars,
        **hostvars[host],
        **variables,
    }
    templar = Templar(loader=DataLoader(), variables=door._trusted(given))
    wanted = door._trusted({"others": "{{ __compute_others }}", "seen": "{{ __compute_seen }}"})
    found = templar.template(wanted)
    # compute_peers brings them into the order of their names.
    return sorted(found["others"]), sorted(peer["name"] for peer in found["seen"])


@pytest.mark.parametrize(
    ("host", "cells", "others", "seen"),
    [
        ("compute1", {}, ["compute2", "compute3"], ["compute3"]),
        ("compute2", {}, ["compute1", "compute3"], ["compute1", "compute3"]),
        # No instance moves to a host of another cell.
        ("compute1", TWO_CELLS, ["compute2"], []),
        ("compute2", TWO_CELLS, ["compute1"], ["compute1"]),
        ("compute3", TWO_CELLS, [], []),
    ],
)
def test_instances_move_within_a_cell(
    host: str, cells: dict[str, str], others: list[str], seen: list[str]
) -> None:
    assert rendered(host, cells) == (others, seen)


def test_a_host_that_leaves_is_forgotten() -> None:
    assert rendered("compute1", {}, __compute_leaving=["compute3"]) == (["compute2"], [])
