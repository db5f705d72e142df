# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first administrator, whom only keystone-manage can create."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..clients.openstack import ApiError, Cloud
from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.process import Output, last_words, run_command
from ..engine.redact import MASK
from ..engine.runner import Operation

# keystone-manage reads the password from here; on its command line every user of the host could.
_PASSWORD_VARIABLE = "OS_BOOTSTRAP_PASSWORD"
_ROLE = "admin"


@dataclass(frozen=True)
class Administrator:
    """The user wanted, and the catalog entry of Keystone that is made along with it."""

    username: str
    password: str = field(repr=False)
    project: str
    region: str
    endpoints: Mapping[str, str]


@dataclass(frozen=True)
class Access:
    """What authentication as the user on the project gave."""

    user_id: str
    project_id: str
    roles: tuple[str, ...]


class Bootstrap(Protocol):
    """The running Keystone, and the program beside it."""

    def authenticate(self) -> Access | None:
        """Access as the administrator; None if it is refused."""

    def run(self, argv: Sequence[str], password: str) -> Output:
        """Run keystone-manage with the password in its environment."""


class LocalBootstrap:
    """Bootstrap of the Keystone on this host."""

    def __init__(self, cloud: Cloud, run_as: str) -> None:
        self._cloud = cloud
        self._run_as = run_as

    def authenticate(self) -> Access | None:
        """Ask for a token, anew each time."""
        self._cloud.session.invalidate()
        try:
            access = self._cloud.access()
        except ApiError as error:
            if error.status != 401:
                raise
            return None
        return Access(access.user_id, access.project_id, tuple(sorted(access.role_names)))

    def run(self, argv: Sequence[str], password: str) -> Output:
        """Run it as the service's user, who then owns the log."""
        return run_command(argv, run_as=self._run_as, environment={_PASSWORD_VARIABLE: password})


@dataclass
class FirstAdministrator(Operation):
    """An administrator who can log in with the given password; bootstrapped again where that fails."""

    bootstrap: Bootstrap
    wanted: Administrator
    config_file: str

    def read(self) -> Access | None:
        """Try to authenticate."""
        return self.bootstrap.authenticate()

    def nothing(self) -> None:
        """A Keystone that knows nobody."""

    def plan(self, current: Access | None) -> Plan:
        """One command, unless the user has the role on the project and logs in with the password."""
        steps: tuple[Step, ...] = ()
        if current is None or _ROLE not in current.roles:
            argv = self._command()
            steps = (Step(f"{_PASSWORD_VARIABLE}={MASK} {shlex.join(argv)}", arguments={"argv": argv}),)
        return Plan(
            steps=steps,
            before=self._shown(current) if current else {},
            after=self._shown(None if steps else current),
            result=_result(None if steps else current),
        )

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Bootstrap, then log in for proof."""
        for step in plan.steps:
            output = self.bootstrap.run(password=self.wanted.password, **step.arguments)
            if output.code:
                raise self._error(
                    f"keystone-manage ended with status {output.code}: {last_words(output.stderr, output.stdout)}",
                    "See whether the database is reachable and its schema is in place (nova_db_sync)",
                )
        access = self.bootstrap.authenticate()
        if access is None:
            raise self._error(
                "keystone-manage succeeded, but the API still refuses this user and password",
                "See whether auth_url leads to the Keystone that reads the same configuration and database",
            )
        return _result(access)

    def _command(self) -> list[str]:
        wanted = self.wanted
        words = ["keystone-manage", "--config-file", self.config_file, "bootstrap"]
        words += ["--bootstrap-username", wanted.username, "--bootstrap-project-name", wanted.project]
        words += ["--bootstrap-role-name", _ROLE, "--bootstrap-service-name", "keystone"]
        words += ["--bootstrap-region-id", wanted.region]
        for interface, url in wanted.endpoints.items():
            words += [f"--bootstrap-{interface}-url", url]
        return words

    def _shown(self, access: Access | None) -> dict[str, Any]:
        return {
            "user": self.wanted.username,
            "project": self.wanted.project,
            "roles": list(access.roles) if access else [_ROLE],
        }

    def _error(self, cause: str, remedy: str) -> CollectionError:
        return CollectionError("create", "administrator", self.wanted.username, cause, remedy)


def _result(access: Access | None) -> dict[str, Any]:
    return {
        "user_id": access and access.user_id,
        "project_id": access and access.project_id,
        "roles": list(access.roles) if access else [_ROLE],
    }
