# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``nova_db_sync``, which ``cell_v2`` offers too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ..cells.urls import learn_secrets
from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .catalogue import CELL0, SERVICES, Service, choose, subproject
from .client import HostClient, SchemaClient
from .online import Migrated
from .planning import Desired, SchemaState, State, described, plan


class SchemaOperation(Operation):
    """A service's schemas, brought to the heads of the installed code."""

    def __init__(self, desired: Desired, client: SchemaClient, warn: Callable[[str], None]) -> None:
        self._desired = desired
        self.client = client
        self._warn = warn

    def read(self) -> State:
        """Stamps and heads of the desired schemas."""
        return self.client.read(self._desired)

    def nothing(self) -> State:
        """The service's schemas, all of them behind; subprojects are taken at their word."""
        service = self._desired.service
        schemas = {schema.name: schema for schema in service.schemas}
        if service.plugins:
            schemas.update({name: subproject(name) for name in self._desired.schemas if name not in schemas})
        chosen = choose(service, self._desired.schemas, schemas)
        return {name: SchemaState(schema) for name, schema in chosen.items()}

    def plan(self, current: State) -> Plan:
        """See ``planning.plan``."""
        return plan(self._desired, current)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Sync, prove that nothing is behind any more, then migrate data."""
        outcome: dict[str, Any] = {}
        if plan.changed:
            outcome = dict(self._sync(plan))
        if self._desired.online_data_migrations:
            migrated = self.client.migrate_online(self._desired)
            self._warn_of_rest(migrated)
            outcome["online_data_migrations"] = migrated.counts
            outcome["changed"] = plan.changed or migrated.completed > 0
        return outcome

    def _warn_of_rest(self, migrated: Migrated) -> None:
        service = self._desired.service
        if migrated.remaining:
            rest = ", ".join(f"{name} ({rows} rows)" for name, rows in migrated.remaining.items())
            self._warn(
                f"Online data migrations of {service.name} could not migrate all they found: {rest}. "
                f"See the log of {service.program} before the next upgrade."
            )

    def _sync(self, plan: Plan) -> Mapping[str, Any]:
        for step in plan.steps:
            if step.action == "sync":
                self.client.sync(self._desired, step.arguments["schema"])
        current = self.read()
        behind = [name for name, state in current.items() if state.behind]
        if behind:
            raise CollectionError(
                "sync",
                "schema",
                f"{', '.join(behind)} of {self._desired.service.name}",
                "the program reported success, but the database is still behind the installed code",
                "See whether the program reads the same configuration and the same code",
                code="not_effective",
                schemas=_described(current),
            )
        return {"schemas": _described(current)}


def _described(current: State) -> dict[str, Any]:
    return {name: described(state) for name, state in current.items()}


def build(module: AnsibleModule, redactor: Redactor) -> SchemaOperation:
    """The operation that the module's parameters describe."""
    params = module.params
    service = SERVICES[params["service"]]
    learn_secrets(redactor, params["cell0_connection"])
    _refuse_what_it_has_not(service, params)
    others = service.other_files if params["other_files"] is None else params["other_files"]
    desired = Desired(
        service=service,
        schemas=tuple(dict.fromkeys(params["schemas"])),
        files=(params["config_file"] or service.config_file, *others),
        online_data_migrations=params["online_data_migrations"],
    )
    client = HostClient(redactor, params["run_as"] or service.name, params["cell0_connection"])
    return SchemaOperation(desired, client, module.warn)


def schemas_of_cells(
    module: AnsibleModule, redactor: Redactor, cell0_connection: str | None
) -> SchemaOperation:
    """All schemas of Nova, with that of cell0 where the module ``cell_v2`` is about to map cell0 to."""
    params = module.params
    desired = Desired(SERVICES["nova"], files=(params["config_file"],))
    client = HostClient(redactor, params["run_as"], cell0_connection, maps_cell0=True)
    return SchemaOperation(desired, client, module.warn)


def _refuse_what_it_has_not(service: Service, params: Mapping[str, Any]) -> None:
    if params["online_data_migrations"] and not service.online_data_migrations:
        raise CollectionError(
            "migrate",
            "data of",
            service.name,
            "this service has no online data migrations",
            "Take online_data_migrations out",
            code="arguments",
        )
    if params["cell0_connection"] and CELL0 not in (schema.name for schema in service.schemas):
        raise CollectionError(
            "sync",
            "schemas of",
            service.name,
            "this service has no cell0",
            "Take cell0_connection out",
            code="arguments",
        )
