# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's schemas in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.online import Migrated
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import (
    AlembicCode,
    Stamp,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.state import SchemaState, State
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES, subproject

CODE = AlembicCode({"first": (), "second": ("first",)})


@dataclass
class FakeSchemas:
    """``lost`` are the schemas whose sync reports success and does nothing; ``subprojects`` have their code.

    ``broken`` is the schema whose sync fails. ``misread`` says that the program would misread the URLs in its
    configuration. ``when_synced`` is called with the name of each schema that was brought up.
    """

    stamps: dict[str, Stamp] = field(default_factory=dict)
    synced: list[str] = field(default_factory=list)
    rows: int = 0
    stuck: Mapping[str, int] = field(default_factory=dict)
    lost: Sequence[str] = ()
    broken: str = ""
    misread: bool = False
    subprojects: Mapping[str, AlembicCode] = field(default_factory=dict)
    when_synced: Callable[[str], object] = lambda name: None

    def read(self, desired: Desired) -> State:
        service = SERVICES[desired.service.name]
        own = {schema.name: schema for schema in service.schemas}
        chosen = desired.choose({**own, **{name: subproject(name) for name in self.subprojects}})
        return State(
            {
                name: SchemaState(
                    schema,
                    f"it_{name}",
                    self.stamps.get(name, Stamp()),
                    self.subprojects.get(name, CODE),
                    self.misread,
                )
                for name, schema in chosen.items()
            }
        )

    def sync(self, desired: Desired, name: str) -> None:
        if name == self.broken:
            raise CollectionError("sync", f"schema {name} of", "nova", "status 1", "See the log")
        self.synced.append(name)
        if name not in self.lost:
            self.stamps[name] = Stamp(frozenset({"second"}))
            self.when_synced(name)

    def migrate_online(self, desired: Desired) -> Migrated:
        migrated, self.rows = self.rows, 0
        return Migrated(migrated, self.stuck)
