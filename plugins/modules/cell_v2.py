#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cell_v2
short_description: Register Nova's cells and discover their hosts
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Ensures that cell0 and the cells of a Nova deployment are mapped with the right URLs, and none twice.
    Maps new compute hosts to their cell.
  - All state is read straight from Nova's databases, in milliseconds and over one connection per server. It
    is written by C(nova-manage), which is only called when something differs. Passwords reach it in a
    configuration file of mode 0600 that lives as long as the call, never in its command line.
  - A URL is updated when it differs in anything, its password included. URLs that are stored as templates
    (V({scheme}://{username}:{password}@…\)) are compared by what Nova makes of them.
options:
  config_file:
    description:
      - Nova's configuration on the host. The API database is found in it, and the URLs that are not given.
      - Directories such as C(/etc/nova/nova.conf.d) count as they do for Nova's services.
    type: path
    default: /etc/nova/nova.conf
  cell0:
    description: The cell of the instances that could not be scheduled.
    type: dict
    suboptions:
      database_connection:
        description:
          - The URL of its database.
          - Left out, it is that of C([api_database]) with the database's name ending in C(_cell0) instead of
            C(_api); user and password are kept exactly as they are written.
        type: str
  cells:
    description:
      - The other cells. Cells that are not listed are left alone.
      - Left out, one cell called V(cell1) is made and kept at the URLs of O(config_file).
    type: list
    elements: dict
    suboptions:
      name:
        description: What the cell is called, and what it is identified by.
        type: str
        required: true
      uuid:
        description: Identifies the cell instead of its name, which is then set to O(cells[].name).
        type: str
      transport_url:
        description:
          - The URL of its message queue.
          - A template is filled in by Nova, with the URL in O(config_file). One that asks for a part which that
            URL does not have is refused.
          - A URL left out is that of O(config_file) for a new cell, for the only cell, and for the cell whose
            database is the one that O(config_file) names. Any other cell keeps the URL it has.
        type: str
      database_connection:
        description: The URL of its database. The same holds as for O(cells[].transport_url).
        type: str
      disabled:
        description: Whether the scheduler leaves the cell out. Left out, it stays as it is.
        type: bool
      state:
        description:
          - V(absent) removes the cell. That is refused while hosts are mapped to it or instances live in it.
          - Cells are removed before others are written, so one can take the URLs of the one that it replaces.
        type: str
        choices: [present, absent]
        default: present
  sync_schemas:
    description:
      - Bring the schemas of the API database, of the database in O(config_file) and of cell0 to the installed code
        first, as M(stackwright.nova.nova_db_sync) does. One task is quicker than two.
      - The schema of cell0 is made where this task maps cell0 to, even if it is mapped elsewhere so far. Schemas of
        additional cells are not looked after.
    type: bool
    default: false
  discover_hosts:
    description:
      - Map the compute hosts that are in no cell yet. C(nova-manage) is called only when there are some.
      - Do this once per deployment, after all computes are up; it must not run on several hosts at a time.
    type: bool
    default: false
  expect_hosts:
    description:
      - Hosts that must be mapped in the end. Until each has a compute node in some cell, the discovery waits. When
        O(timeout) is over, it maps those that are there, and the task fails for those that are not.
        Naming any implies O(discover_hosts=true).
      - The names are those of Nova (C([DEFAULT] host), by default the host's name).
    type: list
    elements: str
    default: []
  remove_hosts:
    description:
      - Hosts whose mapping is taken away. That is refused while instances are on them.
      - Take away the compute service first, or the next discovery maps the host again.
    type: list
    elements: str
    default: []
  host_cells:
    description:
      - The cells that hosts belong to, host to name of the cell. A host that is mapped to another one is an error,
        before anything is written - it would be there twice, and the instances that it had would be lost.
      - Hosts that are mapped to none are passed over.
    type: dict
    default: {}
  timeout:
    description: How many seconds to wait for O(expect_hosts).
    type: float
    default: 300
  run_as:
    description: The user that runs C(nova-manage).
    type: str
    default: nova
  assume_cells:
    description:
      - Whether the cells count as they are asked for, because a task before this one has just looked after them.
      - Keeps check mode from predicting the same change of a cell twice. A real run finds them so.
    type: bool
    default: false
notes:
  - Running services keep the URLs, and API workers the list of cells, that they read when they started.
    Restart them after a change, and make the cells before the API is first started.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.database_connections
"""

EXAMPLES = r"""
- name: Map cell0 and cell1 as nova.conf says
  stackwright.nova.cell_v2:

- name: Bring Nova's schemas to the installed code, then map its cells
  stackwright.nova.cell_v2:
    sync_schemas: true

- name: Map the new compute hosts, once they are there
  stackwright.nova.cell_v2:
    expect_hosts: [compute1, compute2]
    timeout: 120
  run_once: true

- name: Add a second cell and keep it closed for now
  stackwright.nova.cell_v2:
    cells:
      - name: cell1
      - name: cell2
        transport_url: "{{ cell2_transport_url }}"
        database_connection: "{{ cell2_database_connection }}"
        disabled: true

- name: Leave user and password to the configuration of Nova
  stackwright.nova.cell_v2:
    cells:
      - name: cell1
        transport_url: "{scheme}://{username}:{password}@{hostname}/{path}"
        database_connection: "{scheme}://{username}:{password}@{hostname}/{path}?{query}"

- name: Take a host and a cell away
  stackwright.nova.cell_v2:
    remove_hosts: [compute9]
    cells:
      - name: cell2
        state: absent
"""

RETURN = r"""
cells:
  description: All cells, cell0 first, those that were not named included.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What the cell is called; empty where it has no name.
      type: str
      sample: cell1
    uuid:
      description: Its identity; null for a cell that check mode did not make.
      type: str
      sample: 5e1d6c8e-4f5b-4f0e-9b49-0a4a8d5c2f4b
    transport_url:
      description: The URL of its message queue without the password.
      type: str
      sample: rabbit://openstack:********@controller:5672/
    database_connection:
      description: The URL of its database without the password.
      type: str
      sample: mysql+pymysql://nova:********@controller/nova
    disabled:
      description: Whether the scheduler leaves it out.
      type: bool
      sample: false
schemas:
  description: The schemas by name, as M(stackwright.nova.nova_db_sync) returns them.
  returned: when O(sync_schemas=true)
  type: dict
  contains:
    database: {description: Name of the database., type: str}
    revision: {description: What the database is stamped with., type: str}
    head: {description: What the installed code leads to., type: str}
    behind: {description: Whether a sync still has something to do., type: bool}
  sample:
    api: {database: nova_api, revision: b30f573d3377, head: b30f573d3377, behind: false}
hosts:
  description: All hosts that are mapped to some cell.
  returned: success
  type: list
  elements: str
  sample: [compute1, compute2]
hosts_mapped:
  description: Those of them that this run mapped (or check mode would map).
  returned: success
  type: list
  elements: str
  sample: [compute2]
commands:
  description: What was (or would be) done, in order, without secrets.
  returned: success
  type: list
  elements: str
  sample: [nova-manage cell_v2 discover_hosts]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._cell_v2.operation import build as build_cells
from ..module_utils._cell_v2.parameters import ARGUMENTS
from ..module_utils._engine.operation import Operation, Task
from ..module_utils._engine.runner import run_all


def build(task: Task) -> list[Operation[Any, Any, Any]]:
    """The operations that the parameters ask for, in their order."""
    cells = build_cells(task)
    if not task.params["sync_schemas"]:
        return [cells]
    # Not above: it takes milliseconds that a call for cells alone need not spend.
    from ..module_utils._nova_db_sync.operation import build_for_cells

    return [build_for_cells(task, cells.desired.cell0_connection), cells]


def main() -> None:
    """Run the module."""
    run_all(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
