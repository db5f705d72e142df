# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind instance_proof: boot an instance, see what it says and where it goes, remove it all."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

from .._clients.http import tls_context
from .._clients.microversions import CHOSEN_HOST
from .._clients.openstack import connect
from .._clients.openstack_api import Cloud
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Step
from .._engine.proof import MISSING, SKIPPED, Part, require_proven
from .._engine.redaction import Redactor
from .._engine.waiting import Clock
from . import find, novnc, outside
from .client import Halt, Prover
from .parameters import Desired, desired
from .plan import plan
from .resources import Resources
from .state import State

_KEPT = Part("cleanup", SKIPPED, "all is kept for a look; the next proof removes it")


@dataclass
class InstanceProof(Operation[State, Plan[Prover]]):
    """Boots instances in a cloud and leaves nothing behind.

    ``connect`` makes the connection to the cloud; ``look`` opens the console under a URL (novnc.look);
    ``viewpoint`` is from where floating IPs are looked at.
    """

    desired: Desired
    connect: Callable[[], Cloud]
    redactor: Redactor
    look: Callable[..., novnc.Screen] = novnc.look
    viewpoint: outside.Outside = field(default_factory=outside.ThisHost)
    clock: Clock = time

    def read(self) -> State:
        """What is there already. Fails on what would end the proof anyway, before anything is made."""
        desired, cloud = self.desired, self.connect()
        self._cloud = cloud
        self._resources = Resources(cloud, desired.name, self.clock)
        paths = desired.files.paths.values() if desired.files else ()
        return State(
            leftovers=tuple(self._resources.own()),
            image=find.image(cloud.image, desired.image) if desired.image else None,
            external_network=find.external_network(cloud.network, desired.external_network),
            missing_files=tuple(path for path in paths if not os.path.isfile(path)),
            available=find.compute_hosts(cloud) if desired.moves else (),
        )

    def nothing(self) -> State:
        """A cloud that is not there yet; the hosts that are named will be up in it."""
        return State(available=self.desired.hosts)

    def plan(self, current: State) -> Plan[Prover]:
        """See ``plan.plan``."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[Prover]) -> Mapping[str, Any]:
        """Prove; whatever happens, remove what was made. Raises CollectionError where a part is missing."""
        *proof, cleanup = plan.steps
        prover = Prover(
            self.desired,
            self._cloud.compute(CHOSEN_HOST),
            self._resources,
            self.redactor,
            self.look,
            self.viewpoint,
            self.clock,
        )
        try:
            for step in proof:
                self.carry_out(step, prover)
        except Halt:
            # All leftovers were tried: most of them are gone, whatever failed.
            self.journal.changed = plan.changed
        except CollectionError as error:
            prover.parts.append(Part.from_error("instance", error))
        finally:
            self._finish(cleanup, prover)
        instances = [guest.as_dict() for guest in prover.guests]
        require_proven("instance", self.desired.name, prover.parts, instances=instances)
        return {
            "proven": True,
            "parts": [part.as_dict() for part in prover.parts],
            "instances": instances,
        }

    def _finish(self, cleanup: Step[Prover], prover: Prover) -> None:
        if self.desired.keep_failed and any(part.state == MISSING for part in prover.parts):
            self.journal.changed = True
            prover.parts.append(_KEPT)
            return
        failed_command = self.journal.failed_command
        try:
            self.carry_out(cleanup, prover)
        except Halt:
            # Something of the proof is still there, and that the proof itself failed before says more.
            self.journal.changed = True
            self.journal.failed_command = failed_command or self.journal.failed_command


def build(task: Task) -> InstanceProof:
    """The operation of one call of the module."""
    params = task.params

    def look(url: str, timeout: float, picture: bool) -> novnc.Screen:
        context = tls_context(params["ca_cert"], params["validate_certs"])
        return novnc.look(url, timeout=timeout, context=context, picture=picture)

    return InstanceProof(desired(params), partial(connect, params, task.redactor), task.redactor, look)
