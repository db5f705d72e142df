# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One release on two bare hosts, and on a third that comes later: what each column of the table asks of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from watched.runs import Lab, LabError, Run, TaskRecord

from .table import Row

HOSTS = ("controller1", "compute1")
NEWCOMER = "compute2"
# Services of all hosts start on the cores of one machine.
PATIENCE = {"cloud_start_timeout": 900, "verify_timeout": 300, "verify_instance_timeout": 900}
# What a second run may not touch, by the words that begin the names of its tasks.
COLUMNS = {
    "options": ("Write configuration",),
    "databases and accounts": (
        "Ensure databases",
        "Ensure schemas",
        "Ensure the services' message queue account",
        "Register",
        "Map",
    ),
}
LIMIT = 7200.0


def lab(row: Row) -> Lab:
    """The local hosts of a row."""
    return Lab(f"release-{row.name.replace('.', '-')}", HOSTS)


def pace(row: Row) -> float:
    """The seconds that a deployment takes on new hosts, which are gone afterwards."""
    hosts = lab(row)
    try:
        hosts.up("--suite", row.suite)
        began = time.monotonic()
        Run(hosts, "stackwright.nova.site", "--extra-vars", json.dumps(dict(row.variables))).succeed(LIMIT)
        return time.monotonic() - began
    finally:
        hosts.down()


def carry_out(row: Row, hosts: Lab) -> Iterator[str]:
    """Name each column as soon as it has passed; raises LabError at the first that does not."""
    hosts.up("--suite", row.suite)
    _prepare(row, hosts, hosts.hosts)
    settings = ("--extra-vars", json.dumps({**PATIENCE, **row.variables}))
    first = Run(hosts, "stackwright.nova.site", *settings).succeed(LIMIT)
    yield "deploy"
    Run(hosts, "stackwright.nova.verify", *settings).succeed(LIMIT)
    yield "boot with network"
    warned = warnings(first)
    again = Run(hosts, "stackwright.nova.site", *settings).succeed(LIMIT)
    tasks = again.tasks()
    for column, beginnings in COLUMNS.items():
        touched = [task.name for task in tasks if task.changed and _short(task).startswith(beginnings)]
        if column == "options":
            touched += warned
        if touched:
            raise LabError(f"{column}: {touched}")
        yield column
    unchanged(again)
    yield "again unchanged"
    _add_and_remove(row, replace(hosts, hosts=(*HOSTS, NEWCOMER)), settings)
    yield "add and remove"


def _prepare(row: Row, lab: Lab, hosts: Iterable[str]) -> None:
    for host in hosts if row.prepare else ():
        lab.ssh(host, row.prepare)


def warnings(run: Run) -> list[str]:
    """What Ansible and the modules warned of: options that the release does not know or no longer wants among it."""
    return [line for line in run.output.read_text().splitlines() if "[WARNING]" in line]


def _add_and_remove(row: Row, hosts: Lab, settings: tuple[str, ...]) -> None:
    """A second compute host comes, the first one goes, and the cloud is proven on the second."""
    hosts.tool("up", *hosts.hosts, "--suite", row.suite)
    hosts.write_inventory()
    _prepare(row, hosts, (NEWCOMER,))
    added = ("--extra-vars", json.dumps({"add_compute_hosts": NEWCOMER}))
    Run(hosts, "stackwright.nova.add_compute", *settings, *added).succeed(LIMIT)
    unchanged(Run(hosts, "stackwright.nova.add_compute", *settings, *added).succeed(LIMIT))
    removed = ("--extra-vars", json.dumps({"remove_compute_hosts": HOSTS[1]}))
    Run(hosts, "stackwright.nova.remove_compute", *settings, *removed).succeed(LIMIT)
    unchanged(Run(hosts, "stackwright.nova.remove_compute", *settings, *removed).succeed(LIMIT))
    left = ("--extra-vars", json.dumps({"cloud_compute_hosts": [NEWCOMER]}))
    Run(hosts, "stackwright.nova.verify", *settings, *left).succeed(LIMIT)


def unchanged(run: Run) -> None:
    """Raise LabError where a second run has changed something."""
    if changed := [
        f"{task.name} ({', '.join(sorted(task.changed))})" for task in run.tasks() if task.changed
    ]:
        raise LabError(f"a second run changes: {changed}")


def _short(task: TaskRecord) -> str:
    return task.name.rpartition(" : ")[2]
