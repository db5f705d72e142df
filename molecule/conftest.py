# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of deployed clouds ask their hosts, in all scenarios; nothing here uses the collection's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deployed.nova_login import CLIENT, LOGIN
from deployed.questions import LISTS
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

_RECORD = Path(__file__).parents[1] / "tests/deployed/host_record.py"


@pytest.fixture(scope="module")
def openstack(host: Host) -> dict[str, list[dict[str, Any]]]:
    """What the command-line client, run once on the host, answers to each of the commands."""
    questions = "\n".join(f"{command} -f json" for command in LISTS)
    # What it returns says nothing where it is not given one command: that of Debian 13 always returns 1.
    told = host.run("echo %s | python3 -c %s", questions, LOGIN + CLIENT)
    text, answers = told.stdout.lstrip(), []
    while text:
        answer, end = json.JSONDecoder().raw_decode(text)
        answers.append(answer)
        text = text[end:].lstrip()
    assert len(answers) == len(LISTS), told.stderr
    return dict(zip(LISTS, answers, strict=True))


@pytest.fixture(scope="module")
def service_roles(
    openstack: dict[str, list[dict[str, Any]]], variables: dict[str, Any]
) -> dict[str, set[str]]:
    """The roles of each user in the project of the services."""
    project = f"{variables.get('site_project', 'service')}@Default"
    roles: dict[str, set[str]] = {}
    for one in openstack["role assignment list --names"]:
        if one["Project"] == project:
            roles.setdefault(one["User"].split("@")[0], set()).add(one["Role"])
    return roles


@pytest.fixture(scope="module")
def units(host: Host) -> dict[str, dict[str, str]]:
    """Properties of all service units of the host, by name."""
    output = host.check_output(
        "systemctl show --no-pager '*.service'"
        " --property=Id,ActiveState,SubState,UnitFileState,NRestarts,RuntimeDirectory,RuntimeDirectoryPreserve"
    )
    blocks = (dict(line.split("=", 1) for line in block.splitlines()) for block in output.split("\n\n"))
    return {block["Id"].removesuffix(".service"): block for block in blocks}


@pytest.fixture(scope="module")
def mechanism(host: Host, variables: dict[str, Any]) -> str:
    """What connects instances: what the scenario asks for, or what goes with the release of the hosts."""
    own = "linuxbridge" if host.system_info.codename == "bookworm" else "openvswitch"
    asked = str(variables.get("neutron_mechanism", "auto"))
    return own if asked == "auto" else asked


@pytest.fixture(scope="module")
def message_queue_port(variables: dict[str, Any]) -> int:
    """Where RabbitMQ listens: with TLS, or without."""
    return 5671 if variables.get("cloud_tls") else 5672


@pytest.fixture(scope="module")
def listening(host: Host) -> dict[int, set[str]]:
    """The addresses on which TCP ports are open, by port."""
    ports: dict[int, set[str]] = {}
    for line in host.check_output("ss --tcp --listening --numeric --no-header").splitlines():
        address, port = line.split()[3].rsplit(":", 1)
        ports.setdefault(int(port), set()).add(address)
    return ports


@pytest.fixture(scope="module")
def before(host: Host) -> dict[str, Any]:
    """What tests/deployed/host_record.py said of the host when the scenario had prepared it."""
    record: dict[str, Any] = json.loads(host.file("/root/record.json").content_string)
    return record


@pytest.fixture(scope="module")
def after(host: Host) -> dict[str, Any]:
    """What it says now."""
    record: dict[str, Any] = json.loads(host.check_output("python3 -c %s", _RECORD.read_text()))
    return record


@pytest.fixture(scope="session")
def inventory(runner: AnsibleRunner) -> dict[str, list[str]]:
    """The hosts of each group."""
    return {group: sorted(runner.get_hosts(group)) for group in ("controller", "compute", "cell_controller")}


@pytest.fixture(scope="session")
def cells(runner: AnsibleRunner, inventory: dict[str, list[str]]) -> dict[str, str]:
    """The cell of each compute host."""
    return {host: runner.get_variables(host).get("cloud_cell", "cell1") for host in inventory["compute"]}


@pytest.fixture(scope="session")
def variables(runner: AnsibleRunner) -> dict[str, Any]:
    """What the scenario's inventory says of the first controller."""
    found: dict[str, Any] = runner.get_variables("controller1")
    return found


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest) -> AnsibleRunner:
    """The scenario's inventory."""
    return AnsibleRunner(request.config.option.ansible_inventory)
