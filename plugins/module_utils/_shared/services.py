# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The five services: what they are called outside, where their schemas and options are declared, their releases.

Nothing but the standard library is imported here: the builder of the option catalogues runs this file by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERIES = (
    *(
        "ocata",
        "pike",
        "queens",
        "rocky",
        "stein",
        "train",
        "ussuri",
        "victoria",
        "wallaby",
        "xena",
        "yoga",
        "zed",
    ),
    *("2023.1", "2023.2", "2024.1", "2024.2", "2025.1", "2025.2", "2026.1", "2026.2"),
)

NAMES = {
    "antelope": "2023.1",
    "bobcat": "2023.2",
    "caracal": "2024.1",
    "dalmatian": "2024.2",
    "epoxy": "2025.1",
    "flamingo": "2025.2",
    "gazpacho": "2026.1",
    "hibiscus": "2026.2",
}

# What every service brings: oslo's namespaces, the middleware, key managers.
LIBRARIES = ("oslo.*", "keystonemiddleware.*", "osprofiler", "castellan.config")

# Registered when a service starts and declared in no namespace: [module, attribute, group].
UNLISTED = (("keystonemiddleware.auth_token._auth", "OPTS", "keystone_authtoken"),)

_STRING: Mapping[str, Any] = {"type": {"is": "string"}}
_LIST: Mapping[str, Any] = {"type": {"is": "list", "item": {"is": "string"}}}
_NUMBER: Mapping[str, Any] = {"type": {"is": "integer"}}
_BOOLEAN: Mapping[str, Any] = {"type": {"is": "boolean"}}

# keystoneauth's session options, which castellan registers when it first talks to a key manager.
_SESSION = {
    **dict.fromkeys(("cafile", "certfile", "keyfile"), _STRING),
    **dict.fromkeys(("insecure", "collect_timing", "split_loggers"), _BOOLEAN),
    "timeout": _NUMBER,
}
_KEY_MANAGERS = {"barbican": _SESSION, "vault": _SESSION}
_METRICS = {
    "oslo_messaging_metrics": {
        "metrics_enabled": _BOOLEAN,
        **dict.fromkeys(("metrics_buffer_size", "metrics_thread_stop_timeout"), _NUMBER),
        **dict.fromkeys(("metrics_socket_file", "metrics_process_name"), _STRING),
    }
}

# Sections with the options of oslo.privsep, one for each set of privileges.
_PRIVILEGES = (
    ("", "", "privsep_*", "privsep"),
    ("", "", "*_sys_admin", "privsep"),
    ("", "", "vif_plug_*_privileged", "privsep"),
)


@dataclass(frozen=True)
class DatabaseSchema:
    """One schema of a service, kept in one database.

    ``section`` holds the option ``connection`` that names it, or from which cell0's follows. ``alembic`` is the
    directory of the migration scripts within the package, ``migrate`` are the repositories that releases before
    Alembic have instead, as far as they are there; ``alembic_since`` is the service's first version that uses
    Alembic, where an earlier one has both. ``plain_url`` says that ``sync`` fails on a URL with a percent sign.
    ``package`` is the Python package with the scripts, None for the service's own.
    """

    name: str
    sync: tuple[str, ...]
    alembic: str
    migrate: tuple[str, ...] = ()
    alembic_since: int = 0
    section: str = "database"
    version_table: str = "alembic_version"
    package: str | None = None
    plain_url: bool = False


@dataclass(frozen=True)
class Service:
    """A service; its name is also that of its user and of its Python package.

    ``distribution`` is its name on PyPI, ``package`` that of Debian's package with its code, and
    ``first_version`` its major version in Ocata, from which each release counts on.

    ``program`` administers it, and reads ``config_file`` and ``other_files``. ``online_data_migrations`` are the
    words for migrating data, where it has such; ``migration_plugins`` names the entry points with which other
    packages add schemas to its database.

    ``libraries`` and ``option_plugins`` are globs: namespaces of options, and distributions all of whose namespaces
    count. ``dynamic_sections`` has the options of the sections whose names (globs) the operator chooses, or that are
    registered at run time. ``modelled_sections`` are sections like another one: (section, option) whose value names
    them, a glob of names that are always theirs, and the section whose options they have.
    """

    name: str
    distribution: str
    package: str
    first_version: int
    program: str
    config_file: str
    schemas: tuple[DatabaseSchema, ...]
    other_files: tuple[str, ...] = ()
    online_data_migrations: tuple[str, ...] = ()
    migration_plugins: str | None = None
    libraries: tuple[str, ...] = LIBRARIES
    option_plugins: tuple[str, ...] = ()
    dynamic_sections: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    modelled_sections: tuple[tuple[str, str, str, str], ...] = ()

    def harvest_arguments(self) -> dict[str, Any]:
        """What ``harvest.harvest`` must know to read the service's options."""
        return {
            "distribution": self.distribution,
            "plugins": self.option_plugins,
            "libraries": self.libraries,
            "unlisted": UNLISTED,
        }


CELL0 = "cell0"

_NOVA_MAIN = "db/main/migrations/versions"
_NOVA_MAIN_MIGRATE = ("db/sqlalchemy/migrate_repo",)
_ONLINE = ("db", "online_data_migrations")

SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        Service(
            name="nova",
            distribution="nova",
            package="python3-nova",
            first_version=15,
            program="nova-manage",
            config_file="/etc/nova/nova.conf",
            schemas=(
                DatabaseSchema(
                    name="api",
                    sync=("api_db", "sync"),
                    alembic="db/api/migrations/versions",
                    migrate=("db/sqlalchemy/api_migrations/migrate_repo",),
                    section="api_database",
                ),
                DatabaseSchema("main", ("db", "sync", "--local_cell"), _NOVA_MAIN, _NOVA_MAIN_MIGRATE),
                DatabaseSchema(
                    name=CELL0,
                    sync=("db", "sync", "--local_cell"),
                    alembic=_NOVA_MAIN,
                    migrate=_NOVA_MAIN_MIGRATE,
                    section="api_database",
                ),
            ),
            online_data_migrations=_ONLINE,
            libraries=(*LIBRARIES, "os_brick", "os_vif", "os_win", "oslo_vmware"),
            dynamic_sections={
                **_KEY_MANAGERS,
                **_METRICS,
                "mdev_*": {"device_addresses": _LIST, "max_instances": _NUMBER, "mdev_class": _STRING},
                "vgpu_*": {"device_addresses": _LIST, "max_instances": _NUMBER, "mdev_class": _STRING},
                "neutron_physnet_*": {"numa_nodes": _LIST},
                "neutron_tunnel": {"numa_nodes": _LIST},
            },
            modelled_sections=_PRIVILEGES,
        ),
        Service(
            name="keystone",
            distribution="keystone",
            package="python3-keystone",
            first_version=11,
            program="keystone-manage",
            config_file="/etc/keystone/keystone.conf",
            schemas=(
                DatabaseSchema(
                    name="main",
                    sync=("db_sync",),
                    alembic="common/sql/migrations/versions",
                    migrate=(
                        "common/sql/migrate_repo",
                        "common/sql/expand_repo",
                        "common/sql/data_migration_repo",
                        "common/sql/contract_repo",
                        "common/sql/legacy_migrations/expand_repo",
                        "common/sql/legacy_migrations/data_migration_repo",
                        "common/sql/legacy_migrations/contract_repo",
                    ),
                    alembic_since=22,
                    # Keystone 21 and 22 hand the URL to alembic.ini, where % would interpolate.
                    plain_url=True,
                ),
            ),
            dynamic_sections=_METRICS,
        ),
        Service(
            name="glance",
            distribution="glance",
            package="python3-glance",
            first_version=14,
            program="glance-manage",
            config_file="/etc/glance/glance-api.conf",
            schemas=(DatabaseSchema("main", ("db_sync",), "db/sqlalchemy/alembic_migrations/versions"),),
            libraries=(*LIBRARIES, "glance.store", "glance.multi_store", "os_brick"),
            dynamic_sections={**_KEY_MANAGERS, **_METRICS},
            modelled_sections=(("DEFAULT", "enabled_backends", "os_glance_*", "glance_store"), *_PRIVILEGES),
        ),
        Service(
            name="placement",
            distribution="openstack-placement",
            package="python3-placement",
            first_version=-3,
            program="placement-manage",
            config_file="/etc/placement/placement.conf",
            schemas=(
                DatabaseSchema(
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
            distribution="neutron",
            package="python3-neutron",
            first_version=10,
            program="neutron-db-manage",
            config_file="/etc/neutron/neutron.conf",
            other_files=("/etc/neutron/plugins/ml2/ml2_conf.ini",),
            schemas=(
                DatabaseSchema(
                    name="main",
                    sync=("--subproject", "neutron", "upgrade", "heads"),
                    alembic="db/migration/alembic_migrations/versions",
                ),
            ),
            migration_plugins="neutron.db.alembic_migrations",
            option_plugins=("neutron-*", "networking-*"),
            dynamic_sections=_METRICS,
            modelled_sections=_PRIVILEGES,
        ),
    )
}
"""Every service by name."""


def subproject(name: str, alembic: str = "", package: str = "", version_table: str = "") -> DatabaseSchema:
    """A schema that another package adds to Neutron's database; only its name is known before that is there."""
    return DatabaseSchema(
        name=name,
        sync=("--subproject", name, "upgrade", "heads"),
        alembic=alembic,
        version_table=version_table,
        package=package,
    )


def series(service: str, version: str) -> str:
    """The series that a version of a service belongs to ("26.2.2" of nova: "zed"); "" for one not known."""
    major = version.split(".", 1)[0]
    index = int(major) - SERVICES[service].first_version if major.isdigit() else -1
    return SERIES[index] if 0 <= index < len(SERIES) else ""


def find_series(service: str, release: str) -> str:
    """The series that a user means by a name ("zed", "Antelope", "2023.1") or by a major version ("26").

    Raises ValueError where there is no such series.
    """
    name = release.strip().lower()
    name = NAMES.get(name, name)
    if name in SERIES:
        return name
    found = series(service, name)
    if not found:
        raise ValueError(f"there is no release {release!r} of {service}")
    return found


def major(service: str, name: str) -> int:
    """A service's major version in a series."""
    return SERVICES[service].first_version + SERIES.index(name)
