# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commands of keystone-manage a Keystone needs before its API can do the rest."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .._engine.process import Output, last_words
from .._engine.redaction import MASK
from .client import PASSWORD_VARIABLE, KeystoneHost
from .parameters import Administrator, Desired
from .state import Access, KeyRepository, State

_ROLE = "admin"
# What the setup commands leave: the staged key and the primary one.
_FIRST_KEYS = (0, 1)


def plan(desired: Desired, current: State) -> Plan[KeystoneHost]:
    """The keys that are missing; or the administrator, where it cannot log in or lacks its role."""
    if desired.administrator:
        return _plan_administrator(desired, desired.administrator, current.access)
    return _plan_keys(desired, current.repositories)


def administrator_result(access: Access | None) -> dict[str, Any]:
    """The module's result about the administrator; of one who has yet to be made the IDs are None."""
    return {
        "user_id": access and access.user_id,
        "project_id": access and access.project_id,
        "roles": list(access.roles) if access else [_ROLE],
    }


def administrator_error(administrator: Administrator, cause: str, remedy: str) -> CollectionError:
    """Why there is no administrator."""
    return CollectionError("create", "administrator", administrator.username, cause, remedy)


def _plan_keys(desired: Desired, current: Sequence[KeyRepository]) -> Plan[KeystoneHost]:
    """One command for each repository without keys. Existing keys are never touched: rotation is another task."""
    filled = [one if one.keys else replace(one, keys=_FIRST_KEYS) for one in current]
    return Plan(
        stages=in_order(_make_keys(desired, one) for one in current if not one.keys),
        before={one.path: list(one.keys) for one in current if one.keys},
        after={one.path: list(one.keys) for one in filled},
        result={"key_repositories": [{"path": one.path, "keys": list(one.keys)} for one in filled]},
    )


def _make_keys(desired: Desired, repository: KeyRepository) -> Step[KeystoneHost]:
    argv = ["keystone-manage", "--config-file", desired.config_file, repository.setup]
    argv += ["--keystone-user", desired.run_as, "--keystone-group", desired.run_as]
    path = repository.path

    def call(keystone: KeystoneHost) -> None:
        output = keystone.make_keys(path, argv)
        if output.code:
            remedy = "Correct what it complains about; without keys Keystone issues no tokens"
            raise CollectionError("make", "keys in", path, _failure(output), remedy)

    return Step(shlex.join(argv), call)


def _plan_administrator(
    desired: Desired, administrator: Administrator, access: Access | None
) -> Plan[KeystoneHost]:
    """One command, unless the user has the role on the project and logs in with the password."""
    steps: tuple[Step[KeystoneHost], ...] = ()
    if access is None or _ROLE not in access.roles:
        steps = (_bootstrap(desired, administrator),)
    return Plan(
        stages=in_order(steps),
        before=_summary(administrator, access) if access else {},
        after=_summary(administrator, None if steps else access),
        result=administrator_result(None if steps else access),
    )


def _bootstrap(desired: Desired, administrator: Administrator) -> Step[KeystoneHost]:
    argv = ["keystone-manage", "--config-file", desired.config_file, "bootstrap"]
    argv += ["--bootstrap-username", administrator.username]
    argv += ["--bootstrap-project-name", administrator.project]
    argv += ["--bootstrap-role-name", _ROLE, "--bootstrap-service-name", "keystone"]
    argv += ["--bootstrap-region-id", administrator.region]
    for interface, url in administrator.endpoints.items():
        argv += [f"--bootstrap-{interface}-url", url]

    def call(keystone: KeystoneHost) -> None:
        output = keystone.bootstrap(argv, administrator.password)
        if output.code:
            remedy = "See whether the database is reachable and its schema is in place (nova_db_sync)"
            raise administrator_error(administrator, _failure(output), remedy)

    return Step(f"{PASSWORD_VARIABLE}={MASK} {shlex.join(argv)}", call)


def _failure(output: Output) -> str:
    return f"keystone-manage ended with status {output.code}: {last_words(output.stderr, output.stdout)}"


def _summary(administrator: Administrator, access: Access | None) -> dict[str, Any]:
    return {
        "user": administrator.username,
        "project": administrator.project,
        "roles": list(access.roles) if access else [_ROLE],
    }
