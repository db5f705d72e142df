# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``compute_peers``."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.operation import Operation, Task
from .client import LocalPeerFiles, program
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class ComputePeers(Operation[Desired, State, LocalPeerFiles]):
    """The compute hosts that this one lets in."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """OpenSSH's files."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """A host without Nova's user; what its home will be called makes no difference."""
        return State("~", program())


def build(task: Task) -> ComputePeers:
    """The operation that the module's parameters describe."""
    return ComputePeers(desired(task.params), LocalPeerFiles())
