#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: nova_db
short_description: Databases, their user, its password and its grants, in one connection
version_added: 0.1.0
description:
  - Creates any number of MariaDB or MySQL databases, one user that comes in from any number of hosts, and
    grants that user all privileges on each of them.
  - Everything is read over one connection; only what differs is written.
  - The password is checked first, by logging in as the user and by what the server keeps for the hosts that
    a login from here does not reach. It is written only where that check fails, and checked again
    afterwards.
  - Grants are compared as sets. Missing ones are added, those on other databases stay.
options:
  databases:
    description: Names of the databases. Wildcards in them (C(_) and C(%)) are taken literally, in grants
      too.
    type: list
    elements: str
  user:
    description: The user that gets all privileges on O(databases). Without it only databases are managed.
    type: str
  password:
    description: The user's password. Needed as soon as an account has to be created.
    type: str
  hosts:
    description: Where the user may come from, one account for each.
    type: list
    elements: str
    default: [localhost, "%"]
  exclusive_hosts:
    description:
      - Whether accounts of O(user) for hosts other than O(hosts) are dropped.
      - They stay, and the task fails, while O(user) is logged in from a host that none of O(hosts) lets in.
    type: bool
    default: false
  state:
    description:
      - V(absent) drops every account of O(user), whatever O(hosts) says, and with it the grants.
      - It drops O(databases) only where O(drop_databases) says so.
    type: str
    choices: [present, absent]
    default: present
  drop_databases:
    description: Whether O(state=absent) drops O(databases) and all that is in them.
    type: bool
    default: false
  update_password:
    description:
      - V(always) replaces the password of an account where the check shows that it is another one.
      - V(on_create) sets it for new accounts only and checks nothing.
    type: str
    choices: [always, on_create]
    default: always
  retain_current_password:
    description:
      - Whether a password that O(password) takes the place of stays valid too, so that services can be
        moved from one to the other without a gap. A MariaDB that checks passwords refuses that unless its
        C(strict_password_validation) is off.
      - Without it O(password) is the only one; passwords that were retained before are dropped. Ways in that
        are no passwords (C(unix_socket)) stay.
    type: bool
    default: false
  encoding:
    description:
      - Character set of the databases. Nova and the services it needs declare many of their tables with
        V(utf8mb3), and foreign keys demand the same on both sides.
      - V(utf8) is read as V(utf8mb3), its present name.
    type: str
    default: utf8mb3
  collation:
    description:
      - Collation of the databases. By default the server's own for O(encoding), which is also the one that
        tables with a declared character set get.
    type: str
  repair_encoding:
    description:
      - Whether an existing database with another O(encoding) or O(collation) is altered. Otherwise a
        warning reports it.
      - This changes the default for tables to come. Existing tables keep theirs.
    type: bool
    default: false
  login_host:
    description: Address of the server, for a login over TCP.
    type: str
  login_port:
    description: Port of the server on O(login_host).
    type: int
    default: 3306
  login_unix_socket:
    description:
      - Path of the server's socket. Where neither this nor O(login_host) is given, the distribution's path
        is tried (C(/run/mysqld/mysqld.sock), then C(/var/lib/mysql/mysql.sock)).
    type: path
  login_user:
    description: The administrator to log in as. The local C(root) needs no password over the socket.
    type: str
    default: root
  login_password:
    description: The administrator's password.
    type: str
  ca_cert:
    description: PEM file on the host. With it, a login over TCP must be encrypted and the server is
      verified.
    type: path
  check_hostname:
    description: Whether the server's certificate must name O(login_host).
    type: bool
    default: true
  client_cert:
    description: PEM file with a client certificate. Needs O(ca_cert).
    type: path
  client_key:
    description: PEM file with the key of O(client_cert).
    type: path
  connect_timeout:
    description: Seconds to wait for a connection.
    type: int
    default: 10
requirements:
  - PyMySQL (python3-pymysql) on the host
notes:
  - Works with MariaDB 10.5 and later and with MySQL 8.0.14 and later.
  - An account keeps its authentication plugin when its password changes, if the plugin has passwords and the
    server has loaded it.
  - The password of an account is set again if it has expired, even if it is the one in O(password).
  - Whether an account has the password can be checked for C(mysql_native_password), C(ed25519), C(parsec),
    C(sha256_password) and C(caching_sha2_password) on any host, also where PyMySQL cannot log in with the
    plugin. With another plugin, an account that no login from here reaches is set again when the login probe
    fails, and left alone with a warning when it succeeds.
author: The stackwright.nova authors (@stackwright)
extends_documentation_fragment: stackwright.nova.attributes
seealso:
  - module: community.mysql.mysql_user
    description: >-
      It and M(community.mysql.mysql_db) take a call for each database and account; this module takes one, and tries
      the password by a login.
"""

EXAMPLES = r"""
- name: Databases of Nova, as root over the server's socket
  stackwright.nova.nova_db:
    databases: [nova_api, nova, nova_cell0]
    user: nova
    password: "{{ nova_database_password }}"

- name: The same on a remote server, over TLS
  stackwright.nova.nova_db:
    databases: [nova_api, nova, nova_cell0]
    user: nova
    password: "{{ nova_database_password }}"
    hosts: ["10.0.0.%"]
    exclusive_hosts: true
    login_host: db.example.org
    login_user: admin
    login_password: "{{ database_admin_password }}"
    ca_cert: /etc/ssl/certs/ca-certificates.crt

- name: First half of a rotation, the old password stays valid
  stackwright.nova.nova_db:
    databases: [nova_api, nova, nova_cell0]
    user: nova
    password: "{{ nova_new_database_password }}"
    retain_current_password: true

- name: Drop user and data
  stackwright.nova.nova_db:
    databases: [nova_api, nova, nova_cell0]
    user: nova
    state: absent
    drop_databases: true
"""

RETURN = r"""
databases:
  description: The databases as they are, or in check mode as they will be.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name., type: str}
    encoding: {description: Character set for new tables., type: str}
    collation: {description: Collation. Null where check mode leaves it to the server., type: str}
  sample: [{name: nova_api, encoding: utf8mb3, collation: utf8mb3_general_ci}]
user:
  description: The user, null where it is absent or not managed.
  returned: success
  type: dict
  contains:
    name: {description: Name., type: str}
    hosts: {description: All hosts it may come from., type: list, elements: str}
  sample: {name: nova, hosts: ["%", localhost]}
grants:
  description: The grants that the task stands for.
  returned: success
  type: list
  elements: str
  sample: ["GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'"]
commands:
  description: The statements that were sent, or in check mode would be, in order and without secrets.
  returned: success
  type: list
  elements: str
  sample: ["CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY '********'"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._nova_db.operation import build
from ..module_utils._nova_db.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
