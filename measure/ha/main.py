# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes controllers away below a client of the cloud, and writes what it saw into docs/high-availability.md."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pages
import yaml
from lab.guest_network import NETWORK, provider

from .client import Client, Cloud
from .controllers import COMPUTES, CONTROLLERS, ROOT, Controllers, playbook, wait_for
from .measured import Result
from .networks import Networks
from .results import record, report

_PAGE = pages.DOCS / "high-availability.md"
_FOLDER = ROOT / ".cache/ha"
# Seconds: all is as it should be, then something is lost for a time, then it comes back.
_BEFORE, _LOST = 20.0, 60.0
# A host boots, its database copies what it missed, and Nova looks for its services.
_BACK = 600.0
_SETTLED = 300.0
_GUEST = "/var/cache/stackwright/guest/disk.qcow2"
_ADMIN = ("openstack", "--os-cloud", "admin")
# What instances are made of, and those that stay: one on each compute host, so that both have the image.
_MADE = (
    *NETWORK,
    "flavor create ha --ram 128 --disk 1 --vcpus 1",
    f"image create ha --container-format bare --disk-format qcow2 --file {_GUEST}",
)
_STAYS = {host: f"stays-{host}" for host in COMPUTES}


def _change() -> dict[str, Any]:
    """An option of each API that does nothing to what the client asks, with a value that no earlier run has set."""
    options = {"oslo_middleware": {"max_request_body_size": 114_000 + int(time.time()) % 100_000}}
    roles = ("keystone_options", "glance_options", "placement_options", "controller_options")
    return dict.fromkeys(roles, options) | {"neutron_options": {"neutron": options}}


@dataclass(frozen=True)
class Failure:
    """What happens to whom, and how it is set right again, unless it does that by itself."""

    name: str
    subject: Callable[[Controllers], str]
    happen: Callable[[Controllers, str], None]
    mend: Callable[[Controllers, str], None] | None = None
    lost: float = _LOST


def _without_the_address(controllers: Controllers) -> str:
    # The last of the others: the first has the images.
    return [name for name in CONTROLLERS if name != controllers.with_the_address][-1]


FAILURES = {
    "cut_without_address": Failure(
        "a controller without the address loses its power, and has it back a minute later",
        _without_the_address,
        Controllers.cut,
        Controllers.boot,
    ),
    "cut_with_address": Failure(
        "the controller with the address loses its power, and has it back a minute later",
        lambda controllers: controllers.with_the_address,
        Controllers.cut,
        Controllers.boot,
    ),
    "message_queue": Failure(
        "a node of RabbitMQ is killed",
        lambda controllers: CONTROLLERS[1],
        lambda controllers, name: controllers.kill(name, "beam.smp"),
    ),
    "database": Failure(
        "the node of MariaDB that is written to is killed",
        lambda controllers: controllers.with_the_database,
        lambda controllers, name: controllers.kill(name, "mariadbd"),
    ),
}
CHANGE = "change"


class Test:
    """All failures below one client, one after the other."""

    def __init__(self, lab: str, inventory: Path, variables: Sequence[str]) -> None:
        site = _site(variables)
        authority = Path(site["cloud_secrets_file"]).with_suffix("").as_posix() + "-certificates/ca.crt"
        self.cloud = Cloud(site["cloud_internal_address"], site["cloud_admin_password"], authority)
        self.controllers = Controllers(lab, self.cloud.address)
        self._inventory, self._variables = inventory, variables
        self.server: dict[str, Any] = {}
        self.addresses: list[str] = []

    def prepare(self) -> None:
        """Make what instances are made of, and one on each compute host that stays, with a floating IP."""
        if not self._openstack("image", "list", "--name", "ha", "-f", "value"):
            for command in _MADE:
                self._openstack(*command.format(provider=provider(self.cloud.address)).split())
        self.server = {
            "flavorRef": self._id("flavor", "ha"),
            "imageRef": self._id("image", "ha"),
            "networks": [{"uuid": self._id("network", "private")}],
            "security_groups": [{"name": "web"}],
        }
        there = self._staying()
        for host, name in _STAYS.items():
            if name not in there:
                body = {"server": {**self.server, "name": name, "host": host}}
                self.cloud.compute("POST", "servers", body, patience=70.0)
        _seconds, lacking = wait_for(lambda: ", ".join(self._not_active()), _BACK)
        if lacking:
            sys.exit(f"Cannot begin: {lacking}. Look at nova-compute's log on the compute hosts.")
        self.addresses = [self._floating_ip(name) for name in _STAYS.values()]

    def fail(self, failure: Failure) -> Result:
        """One failure, and what the client saw."""
        name = failure.subject(self.controllers)
        processes = self._guests()
        print(f"--- {failure.name} ({name})", flush=True)
        with Networks(self.addresses) as networks, Client(self.cloud, self.server) as client:
            time.sleep(_BEFORE)
            failure.happen(self.controllers, name)
            mended = time.monotonic()
            if failure.mend:
                time.sleep(failure.lost)
                mended = time.monotonic()
                failure.mend(self.controllers, name)
            _seconds, lacking = wait_for(lambda: self.controllers.lacks(self.cloud, name), _BACK)
            whole_again = None if lacking else time.monotonic() - mended
            if not failure.mend:
                time.sleep(max(0.0, failure.lost - (time.monotonic() - mended)))
        client.settle(_SETTLED)
        problems = [lacking] if lacking else []
        problems += self._lost(processes)
        return _result(failure.name, client, networks, whole_again, problems)

    def change(self) -> Result:
        """A run that changes an option of every API."""
        name = "site.yml changes an option of every API"
        print(f"--- {name}", flush=True)
        argv = playbook(self._inventory, "stackwright.nova.site", [*self._variables, json.dumps(_change())])
        processes = self._guests()
        with Networks(self.addresses) as networks, Client(self.cloud, self.server) as client:
            time.sleep(_BEFORE)
            began = time.monotonic()
            done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
            took = time.monotonic() - began
            time.sleep(_BEFORE)
        (_FOLDER / "change.log").write_text(done.stdout + done.stderr)
        client.settle(_SETTLED)
        problems = [f"the run failed ({_FOLDER / 'change.log'})"] if done.returncode else []
        if re.search(r"^controller\d .*changed=0 ", done.stdout, re.MULTILINE):
            problems.append("the run changed nothing on a controller")
        result = _result(name, client, networks, took, [*problems, *self._lost(processes)])
        return replace(result, may_fail=False)

    def _openstack(self, *words: str) -> str:
        return self.controllers.run("controller1", *_ADMIN, *words)

    def _id(self, kind: str, name: str) -> str:
        return self._openstack(kind, "show", name, "-f", "value", "-c", "id").strip()

    def _staying(self) -> dict[str, dict[str, Any]]:
        """Those of the instances that stay which are there, as Nova lists them."""
        servers = self.cloud.compute("GET", "servers/detail")["servers"]
        return {one["name"]: one for one in servers if one["name"] in _STAYS.values()}

    def _not_active(self) -> list[str]:
        there = self._staying()
        status = {name: there[name]["status"] if name in there else "not there" for name in _STAYS.values()}
        return [f"{name} is {now}" for name, now in status.items() if now != "ACTIVE"]

    def _floating_ip(self, name: str) -> str:
        """Its own one; a new one where it has none."""
        found = self._openstack(
            "floating", "ip", "list", "--tags", name, "-f", "value", "-c", "Floating IP Address"
        )
        if not found:
            self._openstack("floating", "ip", "create", "public", "--tag", name)
            return self._floating_ip(name)
        address = found.strip()
        if address not in json.dumps(self._staying()[name]["addresses"]):
            self._openstack("server", "add", "floating", "ip", name, address)
        return address

    def _guests(self) -> dict[str, str]:
        """The processes of the instances that stay, by their hosts: the first instance of each."""
        listing = "pgrep --full --oldest qemu-system.*guest=instance- || true"
        return {host: self.controllers.run(host, "sh", "-c", listing).strip() for host in COMPUTES}

    def _lost(self, before: dict[str, str]) -> list[str]:
        now = self._guests()
        return [
            f"the instance on {host} is not what it was" for host in COMPUTES if now[host] != before[host]
        ]


def _result(
    name: str, client: Client, networks: Networks, whole_again: float | None, problems: Sequence[str]
) -> Result:
    return Result(
        name,
        client.attempts,
        client.boots,
        client.began,
        client.ended,
        whole_again,
        networks.silence,
        problems=[*problems, *networks.problems],
    )


def _site(variables: Sequence[str]) -> dict[str, Any]:
    """The variables, and the secrets of the file that they name."""
    given: dict[str, Any] = {}
    for one in variables:
        given |= yaml.safe_load(Path(one[1:]).read_text() if one.startswith("@") else one)
    return given | yaml.safe_load(Path(given["cloud_secrets_file"]).read_text())


def _causes(result: Result) -> list[str]:
    """Why requests failed, each with when: seconds after the client began."""
    failed = [f"{one.began - result.began:.0f}: {one.cause}" for one in result.failed]
    refused = [f"{boot.asked - result.began:.0f}: {boot.refused}" for boot in result.boots if boot.refused]
    return [f"failed: {'; '.join(failed)}"] * bool(failed) + [f"refused: {'; '.join(refused)}"] * bool(
        refused
    )


def main() -> int:
    """The exit status tells whether all promises were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("failures", nargs="*", metavar="FAILURE", help=f"of {', '.join([*FAILURES, CHANGE])}")
    parser.add_argument("--lab", default="ha")
    parser.add_argument("--inventory", type=Path, required=True)
    parser.add_argument("--extra-vars", action="append", default=[], metavar="VARIABLES")
    options = parser.parse_args()
    chosen = options.failures or [*FAILURES, CHANGE]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    test = Test(options.lab, options.inventory, options.extra_vars)
    test.prepare()
    kept = True
    for name in chosen:
        result = test.change() if name == CHANGE else test.fail(FAILURES[name])
        print(" | ".join(result.row()), *result.broken(), *_causes(result), sep="\n", flush=True)
        record(name, result.row(), list(result.broken()))
        kept = kept and not list(result.broken())
    if lines := report():
        pages.write(_PAGE, "make ha-failures", lines, time.monotonic() - began)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
