# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What three controllers share is one, asked with the programs of what they run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller"]

SIZE = 3
AUTHORITY = "/etc/stackwright/tls/ca.crt"
# Prints the status of the answer to a URL, over TLS with this authority alone.
_STATUS = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
print(urllib.request.urlopen(sys.argv[1], context=context).status)
"""
# How HAProxy asks the APIs whether they are about to stop.
_DEPARTURE = r"""
import socket, sys
with socket.create_connection((sys.argv[1], 9201), timeout=9) as connection:
    connection.sendall(b"nova\n")
    print(connection.makefile().readline().strip())
"""


def test_the_database_is_one_cluster(host: Host) -> None:
    rows = host.check_output("mariadb --batch --skip-column-names -e \"SHOW STATUS LIKE 'wsrep%%'\"")
    status = dict(line.split("\t", 1) for line in rows.splitlines())
    assert status["wsrep_cluster_status"] == "Primary"
    assert status["wsrep_cluster_size"] == str(SIZE)
    assert status["wsrep_local_state_comment"] == "Synced"


def test_the_message_queue_is_one_cluster(host: Host) -> None:
    status = json.loads(host.check_output("rabbitmqctl --quiet --formatter json cluster_status"))
    assert len(status["running_nodes"]) == SIZE


def test_the_queues_of_services_are_on_several_nodes(host: Host) -> None:
    listed = host.check_output(
        "rabbitmqctl --quiet --formatter json list_queues --vhost cloud name type members"
    )
    queues = {queue["name"]: queue for queue in json.loads(listed)}
    assert (queues["conductor"]["type"], len(queues["conductor"]["members"])) == ("quorum", SIZE)


def test_tokens_of_each_are_understood_by_all(host: Host, runner: AnsibleRunner) -> None:
    # The first two, and the one that the scenario has had made.
    assert host.check_output("ls /etc/keystone/fernet-keys").split() == ["0", "1", "2"]
    digests = host.check_output("cd /etc/keystone && sha256sum fernet-keys/* credential-keys/*")
    first = runner.get_host("controller1")
    assert digests == first.check_output("cd /etc/keystone && sha256sum fernet-keys/* credential-keys/*")


@pytest.fixture(scope="module")
def shared_address(variables: dict[str, Any], host: Host) -> str:
    """The address that the controllers share."""
    own = host.check_output("ip -4 -json address show dev eth0")
    prefix = json.loads(own)[0]["addr_info"][0]["local"].rpartition(".")[0]
    return f"{prefix}.200"


def test_each_answers_under_the_address_whoever_has_it(host: Host, shared_address: str) -> None:
    url = f"https://{shared_address}:5000/v3"
    assert host.check_output("python3 -c %s %s %s", _STATUS, url, AUTHORITY) == "200"


@pytest.mark.parametrize(
    "service", ["keystone", "glance", "placement", "neutron", "nova", "metadata", "database"]
)
def test_each_load_balancer_has_all_controllers(host: Host, service: str) -> None:
    ask = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).status)"
    for number in range(1, SIZE + 1):
        url = f"http://127.0.0.1:9202/{service}/controller{number}"
        assert host.check_output("python3 -c %s %s", ask, url) == "200"


def test_apis_can_say_that_they_are_about_to_stop(host: Host) -> None:
    for unit in ("keystone", "glance-api", "placement-api", "neutron-api", "nova-api", "nova-api-metadata"):
        assert "stackwright-departure leave" in host.check_output(
            "systemctl show --property ExecStop %s", unit
        )
    own = host.check_output("ip -4 -json address show dev eth0")
    address = json.loads(own)[0]["addr_info"][0]["local"]
    assert host.check_output("python3 -c %s %s", _DEPARTURE, address) == "ready"


def test_services_leave_that_address_to_the_load_balancer(host: Host, listening: dict[int, set[str]]) -> None:
    for port in (5000, 8774, 8775, 8778, 9696, 6080, 3306):
        assert len(listening[port]) == 2, port
        assert not {"0.0.0.0", "*", "[::]"} & listening[port], port
