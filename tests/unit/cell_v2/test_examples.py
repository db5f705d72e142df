# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the documentation, in their order, on one fake cloud."""

from __future__ import annotations

import json
from typing import Any

import yaml
from ansible_collections.stackwright.nova.plugins.modules import cell_v2
from fakes.cloud import FakeCloud

VARIABLES = {
    "{{ cell2_transport_url }}": "rabbit://openstack:r@mq2:5672/",
    "{{ cell2_database_connection }}": "mysql+pymysql://nova:p@db/nova_cell2",
}


def example(task: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(task["stackwright.nova.cell_v2"] or {})
    for reference, value in VARIABLES.items():
        text = text.replace(reference, value)
    params: dict[str, Any] = json.loads(text)
    return params


def test_the_examples_do_what_their_names_say() -> None:
    cloud = FakeCloud()
    cloud.configure("p", "r")
    cloud.nova.add_compute("nova", "compute1")
    cloud.nova.add_compute("nova", "compute2")
    done = {task["name"]: cloud.run(**example(task)) for task in yaml.safe_load(cell_v2.EXAMPLES)}
    assert all(result["changed"] for name, result in done.items() if not name.startswith("Take")), done
    assert cloud.stored()["cell1"][0] == "{scheme}://{username}:{password}@{hostname}/{path}"
    assert list(cloud.stored()) == ["cell0", "cell1"]
    assert cloud.mapped() == {"compute1": "cell1", "compute2": "cell1"}
    assert "compute9" not in done["Take a host and a cell away"]["hosts"]
