# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``clouds_file``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._clients.openstack_secrets import learn_secrets
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._engine.redaction import Redactor
from .client import CloudsFiles
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class CloudsFile(Operation[Desired, State, CloudsFiles]):
    """One cloud of a clouds.yaml."""

    redactor: Redactor

    decide = staticmethod(plan)

    def read(self) -> State:
        """The file."""
        return self.client.read(self.desired.path)

    def nothing(self) -> State:
        """No client, and no file for it."""
        return State()

    def plan(self, current: State) -> Plan[CloudsFiles]:
        """The file with the cloud; its secrets are learnt first, so that no diff has them."""
        for entry in (self.desired.entry, current.clouds.get(self.desired.name)):
            if isinstance(entry, Mapping) and isinstance(entry.get("auth"), Mapping):
                learn_secrets(self.redactor, entry["auth"])
        return plan(self.desired, current)


def build(task: Task) -> CloudsFile:
    """The operation that the module's parameters describe."""
    return CloudsFile(desired(task.params), CloudsFiles(), task.redactor)
