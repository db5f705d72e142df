# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the hosts of a deployed cloud; what the answer must be is for the tests that ask."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

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
# What a controller serves over TLS: its port, and what OpenSSL's client needs to begin.
SERVED = {
    "Keystone": "5000",
    "Glance": "9292",
    "Placement": "8778",
    "Neutron": "9696",
    "Nova": "8774",
    "Nova metadata": "8775",
    "noVNC": "6080",
    "RabbitMQ": "5671",
    "MariaDB": "3306 -starttls mysql",
}
# Nova's own login to its database, with TLS and without.
_DATABASE_LOGINS = r"""
import configparser, json, pymysql
from urllib.parse import parse_qs, unquote, urlsplit
reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
reader.read("/etc/nova/nova.conf")
url = urlsplit(reader["database"]["connection"].replace("\\$", "$"))
login = {"host": url.hostname, "user": unquote(url.username), "password": unquote(url.password)}
seen = {}
ways = {"with TLS": {"ssl": {"ca": parse_qs(url.query)["ssl_ca"][0]}}, "without": {"ssl_disabled": True}}
for name, way in ways.items():
    try:
        pymysql.connect(**login, **way).close()
        seen[name] = "in"
    except pymysql.err.OperationalError:
        seen[name] = "refused"
print(json.dumps(seen))
"""


def ownership(host: Host, path: str) -> tuple[str, str, str]:
    """User, group and mode, "0o640", of a file."""
    file = host.file(path)
    return file.user, file.group, oct(file.mode)


def connections_with_password(host: Host, path: str) -> list[str]:
    """The lines of a service's configuration with which it logs in to a database itself."""
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


def lost_directories(units: Mapping[str, Mapping[str, str]], project: str) -> list[str]:
    """Units of a project that take a directory of /run away from others when they stop."""
    own = {name: unit["RuntimeDirectory"] for name, unit in units.items() if name.startswith(f"{project}-")}
    shared = {
        name for name, directory in own.items() if directory and list(own.values()).count(directory) > 1
    }
    return sorted(name for name in shared if units[name]["RuntimeDirectoryPreserve"] != "yes")


def database_logins(host: Host) -> dict[str, str]:
    """Whether Nova's own login to its database comes in, with TLS and without."""
    seen: dict[str, str] = json.loads(host.check_output("python3 -c %s", _DATABASE_LOGINS))
    return seen


def first_certificate(text: str) -> str:
    """The first one of a text in PEM."""
    return re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.S)[0]


def shown_certificate(host: Host, end: str, *options: str) -> str:
    """What a server shows of itself to who comes from the host; ``end``: address:port. It need not let anyone in."""
    command = " ".join(["openssl s_client -connect", end, *options])
    # What comes after the handshake need not be text.
    return host.check_output(f"{command} </dev/null 2>/dev/null | openssl x509")
