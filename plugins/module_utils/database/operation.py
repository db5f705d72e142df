# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``nova_db``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.redact import Redactor
from ..engine.runner import Operation
from . import sql
from .client import DatabaseClient, MysqlClient
from .connection import Login
from .planning import Desired, State, canonical, password_holds, plan

# A year, beyond which PyMySQL takes nothing.
_LONGEST_TIMEOUT = 31536000


class DatabaseOperation(Operation):
    """Databases, one user, its accounts and their grants."""

    def __init__(self, desired: Desired, client: DatabaseClient) -> None:
        self._desired = desired
        self.client = client

    def read(self) -> State:
        """Databases, accounts and grants; with a password to check, one login as the user besides."""
        desired = self._desired
        current = self.client.read(desired.databases, desired.user)
        probing = desired.present and desired.update_password and desired.password is not None
        if not probing or not set(current.accounts) & set(desired.hosts):
            return current
        return replace(current, proven=self.client.log_in(str(desired.user), str(desired.password)))

    def nothing(self) -> State:
        """An empty server."""
        return State()

    def plan(self, current: State) -> Plan:
        """See ``planning.plan``."""
        return plan(self._desired, current)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Write, then read again: the result is what the server says, and every password is proven again."""
        for step in plan.steps:
            self.client.write(step.action, step.arguments)
        current = self.read()
        self._require_passwords(current)
        return self.plan(current).result

    def _require_passwords(self, current: State) -> None:
        desired = self._desired
        if not desired.present or not desired.user or not desired.update_password or desired.password is None:
            return
        for host in desired.hosts:
            if host not in current.accounts or password_holds(desired, current, host) is False:
                raise CollectionError(
                    "set the password of",
                    "database user",
                    f"{desired.user}@{host}",
                    "the server took it and yet does not accept it",
                    "See whether another task or a replica changes the same account",
                    code="not_effective",
                )


def build(module: AnsibleModule, redactor: Redactor) -> DatabaseOperation:
    """The operation that the module's parameters describe."""
    params = module.params
    for secret in filter(None, (params["password"], params["login_password"])):
        redactor.learn(secret, sql.literal(secret)[1:-1])
    desired = Desired(
        databases=tuple(dict.fromkeys(params["databases"] or ())),
        encoding=canonical(params["encoding"].lower()),
        collation=params["collation"] and params["collation"].lower(),
        repair_encoding=params["repair_encoding"],
        user=params["user"],
        password=params["password"],
        hosts=tuple(dict.fromkeys(host.lower() for host in params["hosts"])),
        exclusive_hosts=params["exclusive_hosts"],
        update_password=params["update_password"] == "always",
        retain_current_password=params["retain_current_password"],
        present=params["state"] == "present",
        drop_databases=params["drop_databases"],
    )
    _require_sense(desired)
    return DatabaseOperation(desired, MysqlClient(_login(params)))


def _login(params: Mapping[str, Any]) -> Login:
    login = Login(
        user=params["login_user"],
        password=(params["login_password"] or "").encode(),
        host=params["login_host"],
        port=params["login_port"],
        unix_socket=params["login_unix_socket"],
        ca_cert=params["ca_cert"],
        client_cert=params["client_cert"],
        client_key=params["client_key"],
        check_hostname=params["check_hostname"],
        timeout=params["connect_timeout"],
    )
    if not 0 < login.timeout <= _LONGEST_TIMEOUT:
        raise CollectionError(
            "connect to",
            "database server",
            login.place,
            f"connect_timeout is {login.timeout}",
            f"Give a number of seconds from 1 to {_LONGEST_TIMEOUT}",
            code="arguments",
        )
    return login


def _require_sense(desired: Desired) -> None:
    if desired.user is not None and desired.present and not desired.hosts:
        raise _senseless(desired.user, "hosts is empty", "Name at least one host")
    if desired.user == "":
        raise _senseless(
            "''", "the name is empty", "Name the user, or leave user out to manage databases only"
        )
    if desired.present and desired.password == "":
        raise _senseless(str(desired.user), "the password is empty", "Give the user a password")


def _senseless(user: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("manage", "database user", user, cause, remedy, code="arguments")
