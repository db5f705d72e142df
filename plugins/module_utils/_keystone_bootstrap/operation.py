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
class KeystoneBootstrap(Operation[Desired, State, KeystoneHost]):
    """Repositories that hold keys; or an administrator who can log in with the given password."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Look at the keys, or try to authenticate."""
        if self.desired.administrator:
            return State(access=self.client.access())
        return State(repositories=self.client.repositories())

    def nothing(self) -> State:
        """No keys where the packages expect them, and a Keystone that knows nobody."""
        return State(repositories=DEFAULT_REPOSITORIES)

    def apply(self, current: State, plan: Plan[KeystoneHost]) -> Mapping[str, Any]:
        """Run the commands; an administrator logs in for proof."""
        super().apply(current, plan)
        if self.desired.administrator is None:
            return {}
        access = self.client.access()
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
    return KeystoneBootstrap(desired(params), keystone)


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
