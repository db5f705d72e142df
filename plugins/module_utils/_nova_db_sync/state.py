# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of schemas: the stamps of their databases, beside the revisions of the installed code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from .._engine.errors import CollectionError
from .._shared.services import DatabaseSchema
from .revisions import AlembicCode, MigrateCode, Stamp


@dataclass(frozen=True)
class SchemaState:
    """One schema: its database, the database's stamp, and the code's revisions (None: not installed yet).

    ``url_in_environment`` says that the program would misread the URL in its files, and gets it there instead.
    """

    schema: DatabaseSchema
    database: str | None = None
    stamp: Stamp = field(default_factory=Stamp)
    code: Union[AlembicCode, MigrateCode, None] = None
    url_in_environment: bool = False

    @property
    def behind(self) -> bool:
        """Whether a sync has something to do."""
        return self.code is None or self.code.behind(self.stamp)

    @property
    def without_scripts(self) -> bool:
        """Whether this is a subproject whose package came without migration scripts, as some do."""
        return isinstance(self.code, AlembicCode) and not self.code.follows


@dataclass(frozen=True)
class State:
    """The desired schemas by name, in the order in which they are synced.

    ``refusals`` are the service's logins that were turned away, while an administrator could read.
    """

    schemas: Mapping[str, SchemaState] = field(default_factory=dict)
    refusals: tuple[CollectionError, ...] = ()

    @property
    def behind(self) -> list[str]:
        """The names of the schemas that a sync has something to do for."""
        return [name for name, state in self.schemas.items() if state.behind]
