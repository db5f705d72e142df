# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind keystone_bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._clients import openstack
from .._clients.openstack_api import Cloud
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import KeystoneHost, LocalKeystone
from .parameters import Desired, desired
from .plan import administrator_error, administrator_result, plan
from .state import DEFAULT_REPOSITORIES, State


@dataclass
class KeystoneBootstrap(Operation[State, Plan[KeystoneHost]]):
    """Repositories that hold keys; or an administrator who can log in with the given password."""

    keystone: KeystoneHost
    desired: Desired

    def read(self) -> State:
        """Look at the keys, or try to authenticate."""
        if self.desired.administrator:
            return State(access=self.keystone.access())
        return State(repositories=self.keystone.repositories())

    def nothing(self) -> State:
        """No keys where the packages expect them, and a Keystone that knows nobody."""
        return State(repositories=DEFAULT_REPOSITORIES)

    def plan(self, current: State) -> Plan[KeystoneHost]:
        """See plan.plan."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[KeystoneHost]) -> Mapping[str, Any]:
        """Run the commands; an administrator logs in for proof."""
        for step in plan.steps:
            self.carry_out(step, self.keystone)
        if self.desired.administrator is None:
            return {}
        access = self.keystone.access()
        if access is None:
            raise administrator_error(
                self.desired.administrator,
                "keystone-manage succeeded, but the API still refuses this user and password",
                "See whether auth_url leads to the Keystone that reads the same configuration and database",
            )
        return administrator_result(access)


def build(task: Task) -> KeystoneBootstrap:
    """The operation of a task."""
    params = task.params
    keystone = LocalKeystone(params["config_file"], params["run_as"], partial(_connect, task))
    return KeystoneBootstrap(keystone, desired(params))


def _connect(task: Task) -> Cloud:
    params = task.params
    auth = {
        "auth_url": params["auth_url"],
        "username": params["username"],
        "password": params["password"],
        "project_name": params["project"],
    }
    options = {name: argument.get("default") for name, argument in openstack.ARGUMENTS.items()}
    trust = {"validate_certs": params["validate_certs"], "ca_cert": params["ca_cert"]}
    return openstack.connect({**options, **trust, "auth": auth}, task.redactor)
