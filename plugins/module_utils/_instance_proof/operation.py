# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind instance_proof: boot an instance, see what it says and where it goes, remove it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._clients.http import tls_context
from .._clients.openstack import connect
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Stage
from .._engine.proof import MISSING, SKIPPED, Part, require_proven
from . import novnc
from .client import Halt, Prover
from .parameters import Desired, desired
from .plan import plan
from .state import State

_KEPT = Part("cleanup", SKIPPED, "all is kept for a look; the next proof removes it")


@dataclass
class InstanceProof(Operation[Desired, State, Prover]):
    """Boots instances in a cloud and leaves nothing behind."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """What is there already."""
        return self.client.read()

    def nothing(self) -> State:
        """A cloud that is not there yet; the hosts that are named will be up in it."""
        return State(available=self.desired.hosts)

    def apply(self, current: State, plan: Plan[Prover]) -> Mapping[str, Any]:
        """Prove; whatever happens, remove what was made. Raises CollectionError where a part is missing."""
        super().apply(current, plan)
        parts, instances = self.client.parts, [guest.as_dict() for guest in self.client.guests]
        require_proven("instance", self.desired.name, parts, instances=instances)
        return {
            "proven": True,
            "parts": [part.as_dict() for part in parts],
            "instances": instances,
        }

    def take(self, current: State, stage: Stage[Prover], client: Prover) -> Mapping[str, Any]:
        """What fails is a part that is missing, and the cleanup follows all the same."""
        if stage.always and self.desired.keep_failed and any(part.state == MISSING for part in client.parts):
            self.journal.changed = True
            client.parts.append(_KEPT)
            return {}
        failed_command = self.journal.failed_command
        try:
            super().take(current, stage, client)
        except Halt:
            # Of the leftovers most are gone, whatever failed; of a proof that is not cleaned up something is there.
            self.journal.changed = self.journal.changed or stage.always or bool(current.leftovers)
            # That the proof itself failed before says more.
            self.journal.failed_command = failed_command or self.journal.failed_command
        except CollectionError as error:
            client.parts.append(Part.from_error("instance", error))
        return {}


def build(task: Task) -> InstanceProof:
    """The operation of one call of the module."""
    params = task.params

    def look(url: str, timeout: float, picture: bool) -> novnc.Screen:
        context = tls_context(params["ca_cert"], params["validate_certs"])
        return novnc.look(url, timeout=timeout, context=context, picture=picture)

    wish, cloud = desired(params), partial(connect, params, task.redactor)
    return InstanceProof(wish, Prover(wish, cloud, task.redactor, look))
