# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the hosts of a deployed cloud; what the answer must be is for the tests that ask."""

from __future__ import annotations

import re

from testinfra.host import Host

# What the proof of the playbook verify makes, and takes away again.
LISTS_OF_THE_PROOF = (
    "server list --all-projects",
    "image list",
    "flavor list --all",
    "network list",
    "router list",
    "security group list",
)
# Commands of the client whose answers the fixture openstack holds.
LISTS = (
    "compute service list",
    "hypervisor list",
    "endpoint list",
    "service list",
    "network agent list",
    "role assignment list --names",
    *LISTS_OF_THE_PROOF,
)


def ownership(host: Host, path: str) -> tuple[str, str, str]:
    """User, group and mode, "0o640", of a file."""
    file = host.file(path)
    return file.user, file.group, oct(file.mode)


def connections_with_password(host: Host, path: str) -> list[str]:
    """The lines of a service's configuration by which it logs in to a database itself."""
    lines = host.file(path).content_string.splitlines()
    return [line for line in lines if re.match(r"connection\s*=.*://[^/]*:[^/]*@", line)]


def databases(host: Host) -> set[str]:
    """Names of all databases of the host's server."""
    return set(host.check_output("mariadb --batch --skip-column-names --execute 'SHOW DATABASES'").split())


def uwsgi_threads(host: Host, unit: str) -> list[str]:
    """The lines that set how many threads a process of an API has."""
    (path,) = host.check_output(f"ls /etc/*/{unit}-uwsgi.ini").split()
    lines = [line.replace(" ", "") for line in host.file(path).content_string.splitlines()]
    return [line for line in lines if line.startswith("threads=")]
