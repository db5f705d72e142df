# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controllers as local hosts: who has what, how they are lost, and whether they are whole again."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.hosts import HostError, hosts

from .client import Cloud, cause_of

ROOT = Path(__file__).parents[2]
CONTROLLERS = ("controller1", "controller2", "controller3")
COMPUTES = ("compute1", "compute2")
_COMMAND_PATIENCE = 120.0
# What one of those that are left thinks of another: Galera, RabbitMQ, and each API as the load balancer sees it.
_WHOLE = r"""
import json, subprocess, sys, urllib.request
name = sys.argv[1]
def ask(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout
lacking = []
rows = ask("mariadb", "--batch", "--skip-column-names", "-e", "SHOW STATUS LIKE 'wsrep_cluster_size'")
if rows.split()[-1:] != ["3"]:
    lacking.append(f"the cluster of the database has {rows.split()[-1]} nodes")
nodes = json.loads(ask("rabbitmqctl", "--quiet", "--formatter", "json", "cluster_status"))["running_nodes"]
if len(nodes) != 3:
    lacking.append(f"the cluster of the message queue has {len(nodes)} nodes")
for service in ("keystone", "glance", "placement", "neutron", "nova", "metadata", "console", "database"):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:9202/{service}/{name}", timeout=10)
    except OSError as error:
        lacking.append(f"{service}: {error}")
print("; ".join(lacking))
"""


class Controllers:
    """Those of a lab."""

    def __init__(self, lab: str, address: str) -> None:
        self._lab = lab
        self._address = address

    def run(self, host: str, *argv: str) -> str:
        """A command on a host."""
        return hosts("ssh", self._lab, host, shlex.join(argv))

    @property
    def with_the_address(self) -> str:
        """The one that clients reach now."""
        return next(name for name in CONTROLLERS if self._address in self.run(name, "ip", "-4", "address"))

    @property
    def with_the_database(self) -> str:
        """The one whose node of the database is written to."""

        def connections(name: str) -> int:
            return len(self.run(name, "ss", "-Htn", "state", "established", "( sport = :3306 )").splitlines())

        # The load balancer's own side of these connections has the same port where the address is.
        backend = {
            name: connections(name) - (connections(name) // 2 if name == self.with_the_address else 0)
            for name in CONTROLLERS
        }
        return max(backend, key=backend.__getitem__)

    def cut(self, name: str) -> None:
        """Its power is gone."""
        hosts("cut", self._lab, name)

    def boot(self, name: str) -> None:
        """Its power is back."""
        hosts("up", self._lab, name, "--baked", "--suite", os.environ.get("PLATFORM", "bookworm"))

    def kill(self, name: str, program: str) -> None:
        """A process on it ends at once."""
        self.run(name, "pkill", "--signal", "KILL", "--exact", program)

    def lacks(self, cloud: Cloud, name: str) -> str:
        """What it has not come back with; "" where it is whole."""
        other = next(one for one in CONTROLLERS if one != name)
        try:
            lacking = self.run(other, "python3", "-c", _WHOLE, name).strip()
            services = cloud.compute("GET", "os-services")["services"]
            agents = cloud.network("agents")["agents"]
        except (HostError, OSError, ValueError, KeyError) as error:
            return str(error) if isinstance(error, HostError) else cause_of(error)
        down = [
            *(one["binary"] for one in services if one["host"] == name and one["state"] != "up"),
            *(one["binary"] for one in agents if one["host"] == name and not one["alive"]),
        ]
        return "; ".join(filter(None, [lacking, f"down: {', '.join(down)}" if down else ""]))


def wait_for(lacking: Callable[[], str], patience: float) -> tuple[float | None, str]:
    """The seconds until nothing is lacking, or None and what still is."""
    began = time.monotonic()
    while True:
        missing = lacking()
        if not missing:
            return time.monotonic() - began, ""
        if time.monotonic() - began > patience:
            return None, missing
        time.sleep(2)


def playbook(inventory: Path, name: str, variables: Sequence[str]) -> list[str]:
    """The command that runs a playbook of the collection on the lab."""
    given = [word for one in variables for word in ("--extra-vars", one)]
    return [str(ROOT / ".venv/bin/ansible-playbook"), "--inventory", str(inventory), *given, name]
