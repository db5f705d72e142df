# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a deployed cloud ask its hosts; nothing here uses the collection's own code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from nova_login import CLIENT, LOGIN
from testinfra.host import Host

_COMMANDS = (
    "compute service list",
    "hypervisor list",
    "endpoint list",
    "service list",
    "network agent list",
    "role assignment list --names",
    "server list --all-projects",
    "image list",
    "flavor list --all",
    "network list",
    "router list",
    "security group list",
)


@pytest.fixture(scope="module")
def openstack(host: Host) -> dict[str, list[dict[str, Any]]]:
    """What the command-line client, run once on the host, answers to each of the commands."""
    questions = "\n".join(f"{command} -f json" for command in _COMMANDS)
    text = host.check_output("echo %s | python3 -c %s", questions, LOGIN + CLIENT).lstrip()
    answers = []
    while text:
        answer, end = json.JSONDecoder().raw_decode(text)
        answers.append(answer)
        text = text[end:].lstrip()
    return dict(zip(_COMMANDS, answers, strict=True))


@pytest.fixture(scope="module")
def units(host: Host) -> dict[str, dict[str, str]]:
    """Properties of all service units of the host, by name."""
    output = host.check_output(
        "systemctl show --no-pager --property=Id,ActiveState,SubState,UnitFileState,NRestarts '*.service'"
    )
    blocks = (dict(line.split("=", 1) for line in block.splitlines()) for block in output.split("\n\n"))
    return {block["Id"].removesuffix(".service"): block for block in blocks}


@pytest.fixture(scope="module")
def listening(host: Host) -> dict[int, set[str]]:
    """The addresses on which TCP ports are open, by port."""
    ports: dict[int, set[str]] = {}
    for line in host.check_output("ss --tcp --listening --numeric --no-header").splitlines():
        address, port = line.split()[3].rsplit(":", 1)
        ports.setdefault(int(port), set()).add(address)
    return ports


@pytest.fixture(scope="session")
def inventory(request: pytest.FixtureRequest) -> Iterator[dict[str, list[str]]]:
    """The hosts of each group."""
    from testinfra.utils.ansible_runner import AnsibleRunner

    runner = AnsibleRunner(request.config.option.ansible_inventory)
    yield {group: sorted(runner.get_hosts(group)) for group in ("controller", "compute")}
