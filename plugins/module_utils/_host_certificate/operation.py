# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``host_certificate``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import CertificateStore, LocalCertificateStore
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class HostCertificate(Operation[Desired, State, CertificateStore]):
    """The certificate of the services of a host."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Certificates and keys of the host."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """A host without any, and whose packages are still to come."""
        return State(self.desired.trust)

    def apply(self, current: State, plan: Plan[CertificateStore]) -> Mapping[str, Any]:
        """Write it, and return the request for the key that was made."""
        super().apply(current, plan)
        after = self.plan(self.client.read(replace(self.desired, issued="")))
        return {"request": after.result["request"]}


def build(task: Task) -> HostCertificate:
    """The operation that the module's parameters describe."""
    return HostCertificate(desired(task.params), LocalCertificateStore())
