# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What stands in for the database connections of a configuration file that is still to come."""

    DOCUMENTATION = r"""
options:
  assumed_urls:
    description:
      - Section of O(config_file) to the URL that its option C(connection) counts as having (in C([DEFAULT])
        C(transport_url)), whatever the file says.
      - Lets check mode follow a change of the file which is only predicted itself. A real run reads the file.
    type: dict
  administrator:
    description:
      - Who reads where the server of O(config_file) turns the service's own account away. A warning says so, and a
        real run then fails.
      - Lets check mode predict what follows from passwords and grants that an earlier task repairs.
    type: dict
    suboptions:
      login_host: {description: Address of the server., type: str}
      login_port: {description: Its port., type: int, default: 3306}
      login_unix_socket: {description: "Path of its socket, by default the distribution's.", type: path}
      login_user: {description: The administrator., type: str, default: root}
      login_password: {description: "The administrator's password; over the socket none is needed.", type: str}
      ca_cert: {description: "PEM file that a login over TCP is verified with, which makes TLS mandatory.", type: path}
      check_hostname: {description: "Whether the certificate must name the host.", type: bool, default: true}
      client_cert: {description: PEM file with a client certificate., type: path}
      client_key: {description: PEM file with its key., type: path}
      connect_timeout: {description: Seconds to wait for a connection., type: int, default: 10}
"""
