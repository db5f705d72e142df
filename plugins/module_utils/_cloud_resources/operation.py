# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind cloud_resources: read once, write what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._clients.openstack import connect
from .._engine.draft import Pending
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import OpenStackResources
from .parameters import Desired, desired
from .plan import plan
from .rules import NEW_GROUP_RULES
from .sources import read_files
from .state import CloudResource, State
from .writer import ResourceWriter


@dataclass
class CloudResources(Operation[Desired, State, ResourceWriter]):
    """What an operator makes in a cloud: flavors, networks, images and the like."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """What the cloud has of it, and the files that it needs."""
        return self._with_files(self.client.api.read(self.desired))

    def nothing(self) -> State:
        """A cloud that has the projects, and in them what Neutron makes by itself; the files are here all the same."""
        names = (None, *self.desired.projects)
        projects = {name: Pending("project", name or "") for name in names}
        groups = tuple(
            CloudResource(
                "security group",
                Pending("security group", "default", project),
                "default",
                project,
                {"description": "Default security group"},
                rules=dict.fromkeys(NEW_GROUP_RULES, ""),
            )
            for project in projects.values()
        )
        return self._with_files(State(dict(projects), groups))

    def apply(self, current: State, plan: Plan[ResourceWriter]) -> Mapping[str, Any]:
        """Take the steps; the result then has the IDs of what they made."""
        super().apply(current, plan)
        # The same plan once more, which also knows what was new.
        return self.decide(self.desired, current).result_with(self.client.created)

    def _with_files(self, current: State) -> State:
        return replace(current, files=read_files(self.desired, current))


def build(task: Task) -> CloudResources:
    """The operation of one call of the module."""
    params = task.params
    api = OpenStackResources(connect(params, task.redactor))
    return CloudResources(desired(params), ResourceWriter(api))
