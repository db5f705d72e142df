# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's parameters, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .._clients.oslo_config import Place, connections
from .._clients.service_program import ServiceProgram
from .._clients.sql import Login
from .._engine.errors import CollectionError
from .._shared.database_login import LOGIN_ARGUMENTS, administrator
from .._shared.services import CELL0, SERVICES, Service

ARGUMENTS: dict[str, Any] = {
    "service": {"type": "str", "choices": list(SERVICES), "default": "nova"},
    "schemas": {"type": "list", "elements": "str", "default": []},
    "config_file": {"type": "path"},
    "other_files": {"type": "list", "elements": "path"},
    "cell0_connection": {"type": "str", "no_log": True},
    "online_data_migrations": {"type": "bool", "default": False},
    "run_as": {"type": "str"},
    "assumed_urls": {"type": "dict", "no_log": True},
    "administrator": {"type": "dict", "options": LOGIN_ARGUMENTS},
}

AvailableT = TypeVar("AvailableT")


@dataclass(frozen=True)
class Desired:
    """Which schemas are to be at the heads of the installed code (none named: all that the service has).

    ``files`` is the configuration in order, ``run_as`` the user of the service's program. ``cell0_connection``
    counts more than Nova's mapping of cell0, and may be a template as that may. With ``maps_cell0`` the mapping
    will be rewritten and does not count either. ``assumed`` is what the files are about to say, and
    ``administrator`` reads where the service's own account is turned away.
    """

    service: Service
    schemas: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    online_data_migrations: bool = False
    run_as: str = ""
    cell0_connection: str | None = field(default=None, repr=False)
    maps_cell0: bool = False
    assumed: Mapping[Place, str] = field(default_factory=dict, repr=False)
    administrator: Login | None = None

    @property
    def program(self) -> ServiceProgram:
        """The service's program as it is called for this."""
        return ServiceProgram(self.service.program, self.files, self.run_as or self.service.name)

    def choose(self, available: Mapping[str, AvailableT]) -> dict[str, AvailableT]:
        """What is named of ``available`` (by schema), in the order of the names; all of it where nothing is named."""
        names = self.schemas or tuple(available)
        unknown = sorted(set(names) - set(available))
        if unknown:
            raise CollectionError(
                "sync",
                "schema",
                ", ".join(unknown),
                f"{self.service.name} has no such schema",
                f"Choose among {', '.join(available)}",
                code="arguments",
            )
        return {name: available[name] for name in names}


def desired(params: Mapping[str, Any]) -> Desired:
    """What the parameters ask for."""
    service = SERVICES[params["service"]]
    _refuse_what_it_lacks(service, params)
    others = service.other_files if params["other_files"] is None else params["other_files"]
    return Desired(
        service=service,
        schemas=tuple(dict.fromkeys(params["schemas"])),
        files=(params["config_file"] or service.config_file, *others),
        online_data_migrations=params["online_data_migrations"],
        run_as=params["run_as"] or service.name,
        cell0_connection=params["cell0_connection"],
        assumed=connections(params["assumed_urls"]),
        administrator=params["administrator"] and administrator(params["administrator"]),
    )


def desired_for_cells(params: Mapping[str, Any], cell0_connection: str | None) -> Desired:
    """All schemas of Nova, with that of cell0 where a task is about to map cell0 to (None: to its default)."""
    return Desired(
        SERVICES["nova"],
        files=(params["config_file"],),
        run_as=params["run_as"],
        cell0_connection=cell0_connection,
        maps_cell0=True,
        assumed=connections(params["assumed_urls"]),
        administrator=params["administrator"] and administrator(params["administrator"]),
    )


def _refuse_what_it_lacks(service: Service, params: Mapping[str, Any]) -> None:
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
