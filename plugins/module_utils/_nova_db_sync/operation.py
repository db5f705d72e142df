# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``nova_db_sync``, which ``cell_v2`` offers too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Stage
from .._shared.cell_urls import learn_secrets
from .._shared.services import subproject
from .client import HostClient, SchemaClient
from .online import Migrated
from .parameters import Desired, desired, desired_for_cells
from .plan import DATA, describe, plan
from .state import SchemaState, State


@dataclass
class NovaDbSync(Operation[Desired, State, SchemaClient]):
    """A service's schemas, brought to the heads of the installed code."""

    decide = staticmethod(plan)

    warn: Callable[[str], None]

    def read(self) -> State:
        """Stamps and heads of the desired schemas."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """The service's schemas, all of them behind; subprojects are taken at their word."""
        service = self.desired.service
        schemas = {schema.name: schema for schema in service.schemas}
        if service.migration_plugins:
            schemas.update({name: subproject(name) for name in self.desired.schemas if name not in schemas})
        return State({name: SchemaState(schema) for name, schema in self.desired.choose(schemas).items()})

    def take(self, current: State, stage: Stage[SchemaClient], client: SchemaClient) -> Mapping[str, Any]:
        """Sync and prove that nothing is behind any more, or migrate data."""
        if stage.subject != DATA:
            super().take(current, stage, client)
            return {"schemas": self._proven()}
        migrated: Migrated
        for step in stage.steps:
            migrated = self.carry_out(step, client)
        self._warn_of_rest(migrated)
        return {
            "online_data_migrations": migrated.counts,
            "changed": self.journal.changed or migrated.completed > 0,
        }

    def _proven(self) -> dict[str, Any]:
        """The schemas as they are after a sync; an error where it had no effect."""
        current = self.read()
        if current.behind:
            raise CollectionError(
                "sync",
                "schema",
                f"{', '.join(current.behind)} of {self.desired.service.name}",
                "the program reported success, but the database is still behind the installed code",
                "See whether the program reads the same configuration and the same code",
                code="not_effective",
                schemas=describe(current),
            )
        return describe(current)

    def _warn_of_rest(self, migrated: Migrated) -> None:
        service = self.desired.service
        if migrated.remaining:
            rest = ", ".join(f"{name} ({rows} rows)" for name, rows in migrated.remaining.items())
            self.warn(
                f"Online data migrations of {service.name} could not migrate all they found: {rest}. "
                f"See the log of {service.program} before the next upgrade."
            )


def build(task: Task) -> NovaDbSync:
    """The operation that the parameters describe."""
    learn_secrets(task.redactor, task.params["cell0_connection"])
    return NovaDbSync(desired(task.params), HostClient(task.redactor, task.warn), task.warn)


def build_for_cells(task: Task, cell0_connection: str | None) -> NovaDbSync:
    """The schemas that cells need, for a task with ``config_file``, ``run_as`` and the like that then maps them.

    ``cell0_connection`` is where it maps cell0 to, None for the default.
    """
    return NovaDbSync(
        desired_for_cells(task.params, cell0_connection), HostClient(task.redactor, task.warn), task.warn
    )
