#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: nova_db_sync
short_description: Schemas of Nova and the services it needs, synced only where they are behind
version_added: 0.1.0
description:
  - Compares what each of a service's databases is stamped with against the migration scripts of the
    installed package, and calls the service's own program for those that are behind.
  - Reading takes one SQL connection and no service program, so that a run with nothing to do is quick.
  - A database that is newer than the installed code is an error that says so. Nothing is written then.
options:
  service:
    description: The service.
    type: str
    choices: [nova, keystone, glance, placement, neutron]
    default: nova
  schemas:
    description:
      - Names of the schemas to look after. By default all that the service has.
      - Nova has V(api), V(main) and V(cell0). Each of the others has V(main), and Neutron one more for each
        installed subproject, by the subproject's name. A subproject whose package has no migration scripts is
        left alone with a warning.
    type: list
    elements: str
    default: []
  config_file:
    description: The service's configuration file, by default the packaged one. The database URLs are read
      from it.
    type: path
  other_files:
    description: More configuration files, read after O(config_file). For Neutron the default is the
      configuration of ML2.
    type: list
    elements: path
  cell0_connection:
    description:
      - URL of cell0's database, which only Nova has, or a template for it as cell mappings may hold. By default the
        one in Nova's cell mapping.
      - Before there is a mapping, it is the URL of C([api_database]) with the database's name ending in
        C(_cell0) instead of C(_api), which M(stackwright.nova.cell_v2) will map.
    type: str
  online_data_migrations:
    description:
      - Whether to run C(online_data_migrations) to their end, after the schemas were synced. Nova and
        Placement have them.
      - Whether they have something to do is known only by running them. They are listed in RV(commands),
        RV(ignore:changed) is true only if rows were migrated, and check mode does not run them.
    type: bool
    default: false
  run_as:
    description: The user that the service's program runs as, by default the service's own.
    type: str
requirements:
  - PyMySQL (python3-pymysql) and oslo.config on the host, which the services bring
notes:
  - Works with MariaDB and MySQL, with Alembic and, for releases before it, with sqlalchemy-migrate.
  - The program gets the URL of cell0 in its environment, which only its user and root can read.
author: The stackwright.nova authors (@stackwright)
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.database_connections
seealso:
  - module: ansible.builtin.command
    description: >-
      With C(nova-manage) it cannot tell whether a schema is behind, so every run starts the program and reports a
      change.
  - module: stackwright.nova.nova_db
  - module: stackwright.nova.cell_v2
"""

EXAMPLES = r"""
- name: All schemas of Nova
  stackwright.nova.nova_db_sync:

- name: The schema of Keystone
  stackwright.nova.nova_db_sync:
    service: keystone

- name: After an upgrade of Nova, schemas and data
  stackwright.nova.nova_db_sync:
    online_data_migrations: true
"""

RETURN = r"""
schemas:
  description: The schemas by name, as they are, or in check mode as they will be.
  returned: success
  type: dict
  contains:
    database: {description: Name of the database., type: str}
    revision: {description: What the database is stamped with. Null where that is not known yet., type: str}
    head: {description: What the installed code leads to. Null where there is none yet., type: str}
    behind: {description: Whether a sync still has something to do., type: bool}
  sample:
    api: {database: nova_api, revision: b30f573d3377, head: b30f573d3377, behind: false}
online_data_migrations:
  description:
    - Rows that needed a migration, those that got it, and those that remain. A warning names the migrations
      whose rows remain.
    - The programs look for at most 50 rows of each migration at a time, so of more that remain 50 are counted.
  returned: when they were run
  type: dict
  sample: {needed: 12, completed: 12, remaining: 0}
commands:
  description:
    - The commands that were run, or in check mode would be, in order and without secrets.
    - If a program gets a database URL in its environment, a shell variable stands for it.
  returned: success
  type: list
  elements: str
  sample: [nova-manage --config-file /etc/nova/nova.conf api_db sync]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._nova_db_sync.operation import build
from ..module_utils._nova_db_sync.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
