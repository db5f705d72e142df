# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services whose schemas are kept up to date: their programs, their configuration, their migrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..engine.errors import CollectionError

_Any = TypeVar("_Any")


@dataclass(frozen=True)
class Schema:
    """One schema of a service, kept in one database.

    ``section`` holds the option ``connection`` that names it, or from which cell0's follows. ``alembic`` is the
    directory of the migration scripts within the package, ``migrate`` are the repositories that releases before
    Alembic have instead. ``plain_url`` says that ``sync`` fails on a URL with a percent sign.
    """

    name: str
    sync: tuple[str, ...]
    alembic: str
    migrate: tuple[str, ...] = ()
    section: str = "database"
    version_table: str = "alembic_version"
    package: str | None = None
    plain_url: bool = False


@dataclass(frozen=True)
class Service:
    """A service; its name is also that of its user and of its Python package."""

    name: str
    program: str
    config_file: str
    schemas: tuple[Schema, ...]
    other_files: tuple[str, ...] = ()
    online_data_migrations: tuple[str, ...] = ()
    plugins: str | None = None


CELL0 = "cell0"

_NOVA_MAIN = "db/main/migrations/versions"
_NOVA_MAIN_MIGRATE = ("db/sqlalchemy/migrate_repo",)
_ONLINE = ("db", "online_data_migrations")

SERVICES = {
    service.name: service
    for service in (
        Service(
            name="nova",
            program="nova-manage",
            config_file="/etc/nova/nova.conf",
            schemas=(
                Schema(
                    name="api",
                    sync=("api_db", "sync"),
                    alembic="db/api/migrations/versions",
                    migrate=("db/sqlalchemy/api_migrations/migrate_repo",),
                    section="api_database",
                ),
                Schema("main", ("db", "sync", "--local_cell"), _NOVA_MAIN, _NOVA_MAIN_MIGRATE),
                Schema(
                    name=CELL0,
                    sync=("db", "sync", "--local_cell"),
                    alembic=_NOVA_MAIN,
                    migrate=_NOVA_MAIN_MIGRATE,
                    section="api_database",
                ),
            ),
            online_data_migrations=_ONLINE,
        ),
        Service(
            name="keystone",
            program="keystone-manage",
            config_file="/etc/keystone/keystone.conf",
            schemas=(
                Schema(
                    name="main",
                    sync=("db_sync",),
                    alembic="common/sql/migrations/versions",
                    migrate=(
                        "common/sql/migrate_repo",
                        "common/sql/expand_repo",
                        "common/sql/data_migration_repo",
                        "common/sql/contract_repo",
                    ),
                    # Keystone 21 and 22 hand the URL to alembic.ini, where % would interpolate.
                    plain_url=True,
                ),
            ),
        ),
        Service(
            name="glance",
            program="glance-manage",
            config_file="/etc/glance/glance-api.conf",
            schemas=(Schema("main", ("db_sync",), "db/sqlalchemy/alembic_migrations/versions"),),
        ),
        Service(
            name="placement",
            program="placement-manage",
            config_file="/etc/placement/placement.conf",
            schemas=(
                Schema(
                    name="main",
                    sync=("db", "sync"),
                    alembic="db/sqlalchemy/alembic/versions",
                    section="placement_database",
                ),
            ),
            online_data_migrations=_ONLINE,
        ),
        Service(
            name="neutron",
            program="neutron-db-manage",
            config_file="/etc/neutron/neutron.conf",
            other_files=("/etc/neutron/plugins/ml2/ml2_conf.ini",),
            schemas=(
                Schema(
                    name="main",
                    sync=("--subproject", "neutron", "upgrade", "heads"),
                    alembic="db/migration/alembic_migrations/versions",
                ),
            ),
            plugins="neutron.db.alembic_migrations",
        ),
    )
}
"""Every service by name. ``plugins`` names the entry points by which other packages add schemas to it."""


def subproject(name: str, alembic: str = "", package: str = "", version_table: str = "") -> Schema:
    """A schema that another package adds to Neutron's database; only its name is known before that is there."""
    return Schema(
        name=name,
        sync=("--subproject", name, "upgrade", "heads"),
        alembic=alembic,
        version_table=version_table,
        package=package,
    )


def choose(service: Service, names: Iterable[str], available: Mapping[str, _Any]) -> dict[str, _Any]:
    """What is named of ``available``, in the order of the names; all of it where nothing is named."""
    wanted = tuple(names) or tuple(available)
    unknown = sorted(set(wanted) - set(available))
    if unknown:
        raise CollectionError(
            "sync",
            "schema",
            ", ".join(unknown),
            f"{service.name} has no such schema",
            f"Choose among {', '.join(available)}",
            code="arguments",
        )
    return {name: available[name] for name in wanted}
