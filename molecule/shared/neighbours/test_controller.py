# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services on a controller that Nova needs: their ports, their files."""

from __future__ import annotations

import re

import pytest
from deployed.questions import databases, lost_directories, ownership, uwsgi_threads
from testinfra.host import Host

testinfra_hosts = ["ansible://controller"]

RUNNING = [
    "mariadb",
    "rabbitmq-server",
    "memcached",
    "keystone",
    "glance-api",
    "placement-api",
    "neutron-api",
    "neutron-rpc-server",
    "neutron-l3-agent",
    "neutron-dhcp-agent",
    "neutron-metadata-agent",
    "neutron-{mechanism}-agent",
]
PORTS = {
    "MariaDB": 3306,
    "memcached": 11211,
    "Keystone": 5000,
    "Glance": 9292,
    "Placement": 8778,
    "Neutron": 9696,
}
# Names of all items that memcached holds.
_CACHED_KEYS = r"""
import re, socket
from urllib.parse import unquote
address = re.search(r"^-l (\S+)", open("/etc/memcached.conf").read(), re.M)[1]
with socket.create_connection((address, 11211), timeout=10) as connection:
    connection.sendall(b"lru_crawler metadump all\r\n")
    answer = b""
    while not answer.endswith(b"END\r\n"):
        answer += connection.recv(65536)
print("\n".join(unquote(key) for key in re.findall(r"key=(\S+)", answer.decode())))
"""
FILES = {
    "/etc/keystone/keystone.conf": "keystone",
    "/etc/glance/glance-api.conf": "glance",
    "/etc/placement/placement.conf": "placement",
    "/etc/neutron/neutron.conf": "neutron",
    "/etc/neutron/plugins/ml2/ml2_conf.ini": "neutron",
    "/etc/neutron/plugins/ml2/{mechanism}_agent.ini": "neutron",
    "/etc/neutron/l3_agent.ini": "neutron",
    "/etc/neutron/dhcp_agent.ini": "neutron",
    "/etc/neutron/metadata_agent.ini": "neutron",
}


@pytest.mark.parametrize("name", RUNNING)
def test_service_runs_and_starts_at_boot(units: dict[str, dict[str, str]], name: str, mechanism: str) -> None:
    unit = units[name.format(mechanism=mechanism)]
    assert (unit["SubState"], unit["UnitFileState"]) == ("running", "enabled")


def test_a_unit_that_stops_takes_nothing_away_from_others(units: dict[str, dict[str, str]]) -> None:
    assert lost_directories(units, "neutron") == []


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS.keys())
def test_port_is_open(listening: dict[int, set[str]], port: int) -> None:
    assert port in listening


def test_infrastructure_is_open_on_the_management_network_only(
    listening: dict[int, set[str]], message_queue_port: int
) -> None:
    for port in (3306, message_queue_port, 11211):
        assert not listening[port] & {"0.0.0.0", "[::]", "*"}


def test_no_socket_unit_listens_for_the_database_after_a_boot(host: Host) -> None:
    """Its package enables one, for all addresses."""
    assert host.run("systemctl is-enabled mariadb.socket").stdout.strip() in ("disabled", "not-found", "")


def test_what_only_the_brokers_own_host_needs_listens_for_it_alone(listening: dict[int, set[str]]) -> None:
    for port in (4369, 25672):
        assert listening[port] == {"127.0.0.1"}


@pytest.mark.parametrize("path", FILES)
def test_configuration_belongs_to_its_service_alone(host: Host, path: str, mechanism: str) -> None:
    assert ownership(host, path.format(mechanism=mechanism)) == ("root", FILES[path], "0o640")


def test_keys_belong_to_keystone_alone(host: Host) -> None:
    for name in ("fernet-keys", "credential-keys"):
        directory = host.file(f"/etc/keystone/{name}")
        assert (directory.user, oct(directory.mode)) == ("keystone", "0o700")
        for key in directory.listdir():
            file = host.file(f"/etc/keystone/{name}/{key}")
            assert (file.user, oct(file.mode)) == ("keystone", "0o600")


def test_databases_hold_the_schemas(host: Host) -> None:
    assert {"keystone", "glance", "placement", "neutron"} <= databases(host)


def test_no_database_account_is_without_a_password(host: Host) -> None:
    query = (
        "SELECT User FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.plugin') = 'mysql_native_password'"
        " AND JSON_VALUE(Priv, '$.authentication_string') = ''"
        " AND COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0) = 0"
    )
    assert host.check_output("mariadb --batch --skip-column-names --execute %s", query) == ""


def test_the_message_queue_has_no_packaged_guest(host: Host) -> None:
    lines = host.check_output("rabbitmqctl --silent list_users").splitlines()
    assert [line.split()[0] for line in lines] == ["openstack"]


@pytest.mark.usefixtures("openstack")
def test_no_token_lies_open_in_the_cache(host: Host) -> None:
    """keystonemiddleware keeps a token under its hash; one that it encrypts has a key of another form."""
    keys = host.check_output("python3 -c %s", _CACHED_KEYS).split()
    tokens = [key for key in keys if key.startswith("tokens/")]
    assert tokens
    assert [key for key in tokens if re.fullmatch(r"tokens/[0-9a-f]{64}", key)] == []


@pytest.mark.parametrize("name", ["keystone", "neutron-api"])
def test_api_whose_threads_get_in_each_others_way_has_one(host: Host, name: str) -> None:
    assert uwsgi_threads(host, name) == ["threads=1"]


def test_root_reaches_the_cloud_as_its_administrator(host: Host) -> None:
    """With the password that is in force, however often it was replaced; nobody else may read it."""
    assert ownership(host, "/etc/openstack/clouds.yaml") == ("root", "root", "0o600")
    assert host.check_output("openstack --os-cloud admin token issue -f value -c project_id")
