# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance with a floating IP address, and what its user and its administrator ask of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from deployed.nova_login import CLIENT, LOGIN
from lab.guest_network import NETWORK
from lab.listener import Listener, answer
from testinfra.host import Host

from .measured import Move, add

T = TypeVar("T")

_PATIENCE = 300.0
_LOGIN = LOGIN + 'os.environ["OS_COMPUTE_API_VERSION"] = "2.79"\n'
_COMMAND = _LOGIN + CLIENT
# Waits in one process: the client, started again and again, would take the processors from what is measured.
_SERVER_BY_NAME = r"""
import json, time, openstack
compute = openstack.connect().compute
id = compute.find_server("traveller").id
"""
_WAIT = (
    _LOGIN
    + _SERVER_BY_NAME
    + r"""
deadline = time.monotonic() + float(sys.argv[1])
while True:
    server = compute.get(f"/servers/{id}").json()["server"]
    if server["OS-EXT-STS:task_state"] is None and server["status"] in sys.argv[2:] or time.monotonic() > deadline:
        print(json.dumps(server))
        break
    time.sleep(2)
"""
)
# The client of Zed fails over the answer to its own request.
_EVACUATE = (
    _LOGIN
    + _SERVER_BY_NAME
    + 'compute.post(f"/servers/{id}/action", json={"evacuate": {}}).raise_for_status()'
)
# What it is made of.
_MADE = (
    *NETWORK,
    "flavor create small --ram 128 --disk 1 --vcpus 1",
    "flavor create large --ram 192 --disk 1 --vcpus 1",
    "image create guest --container-format bare --disk-format qcow2 --file /var/cache/stackwright/guest/disk.qcow2",
    "floating ip create public --tag traveller",
)
_SERVER = (
    "server create traveller --image guest --flavor small --network private --security-group web --wait",
    "server add floating ip traveller {address}",
)


@dataclass(frozen=True)
class Place:
    """Where the instance is, and how."""

    status: str
    host: str | None
    task: str | None
    flavor: str


class Traveller:
    """The instance, made with all that belongs to it unless it is there; ``provider`` as in ``NETWORK``."""

    def __init__(self, controller: Host, provider: str) -> None:
        self._controller = controller
        if not self.openstack("image list --name guest -f value"):
            for command in _MADE:
                self.openstack(command.format(provider=provider))
        (floating,) = json.loads(self.openstack("floating ip list --tags traveller -f json"))
        address = floating["Floating IP Address"]
        self.address = address
        if not self.openstack("server list --name traveller -f value"):
            for command in _SERVER:
                self.openstack(command.format(address=address))

    def openstack(self, command: str) -> str:
        """What the command line client answers, as an administrator."""
        return self._controller.check_output(f"python3 -c %s {command}", _COMMAND)

    def can(self, command: str) -> bool:
        """Whether the command line client succeeds."""
        return self._controller.run(f"python3 -c %s {command}", _COMMAND).rc == 0

    def evacuate(self) -> None:
        """Ask for it to be built again on another host."""
        self._controller.check_output("python3 -c %s", _EVACUATE)

    def place(self) -> Place:
        """As Nova sees it now."""
        return self._place(0)

    def at_rest(self, *statuses: str) -> Place:
        """As soon as nothing is under way and it has one of these statuses, or is in error."""
        return self._place(_PATIENCE, *statuses, "ERROR")

    def _place(self, patience: float, *statuses: str) -> Place:
        wait = f"python3 -c %s {patience} {' '.join(statuses)}"
        server = json.loads(self._controller.check_output(wait, _WAIT))
        host, task = server["OS-EXT-SRV-ATTR:host"], server["OS-EXT-STS:task_state"]
        return Place(server["status"], host, task, server["flavor"]["original_name"])

    def boot(self) -> str:
        """What tells this boot of the guest from any other, once it answers."""
        return wait_for(lambda: answer(self.address, "/boot_id"), bool)

    @contextmanager
    def measured(self, name: str, storage: str, keep: Callable[[Move], object] = add) -> Iterator[None]:
        """Keeps what the move took, by default for the documentation."""
        before, began = self.boot(), time.monotonic()
        with Listener(self.address) as listener:
            yield
            seconds = time.monotonic() - began
        keep(Move(name, storage, seconds, listener.silence, kept=self.boot() == before))


def wait_for(ask: Callable[[], T], good: Callable[[T], bool], patience: float = _PATIENCE) -> T:
    """The first good answer; the last one, if none was."""
    deadline = time.monotonic() + patience
    while True:
        found = ask()
        if good(found) or time.monotonic() > deadline:
            return found
        time.sleep(1)
