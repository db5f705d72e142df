# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a first sync leaves that was cut: tables, which the server keeps one by one, and no row in any of them.

The program cannot begin again where it was, because it makes a table before it notes that it did, nor from the start,
because the table is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from .._clients.sql import QueryError, SqlConnections, identifier, literal
from .._engine.errors import CollectionError
from .._shared.database_url import DatabaseUrl
from .._shared.services import DatabaseSchema
from .stamps import MIGRATE_TABLE


def clear_remains(schema: DatabaseSchema, place: DatabaseUrl) -> int:
    """Drop all tables of a database in which nothing but the schema's own stamp has rows; their number.

    0 where there is a row, or a table that the login may not read: then nothing is touched.
    """
    with closing(SqlConnections()) as connections:
        try:
            names = [
                str(row[0])
                for row in connections.rows(
                    place.login,
                    "SELECT table_name FROM information_schema.tables "
                    f"WHERE table_schema = {literal(place.database)} AND table_type = 'BASE TABLE'",
                )
            ]
            stamps = {schema.version_table, MIGRATE_TABLE}
            if not names or _hold_rows(connections, place, set(names) - stamps):
                return 0
            tables = ", ".join(_in(place, name) for name in names)
            for statement in ("SET foreign_key_checks = 0", f"DROP TABLE {tables}"):
                connections.rows(place.login, statement)
        except (QueryError, CollectionError):
            # What the program said is what to report.
            return 0
    return len(names)


def _hold_rows(connections: SqlConnections, place: DatabaseUrl, names: Iterable[str]) -> bool:
    looks = [f"EXISTS (SELECT 1 FROM {_in(place, name)})" for name in sorted(names)]
    return bool(looks) and bool(connections.rows(place.login, f"SELECT {' OR '.join(looks)}")[0][0])


def _in(place: DatabaseUrl, table: str) -> str:
    return f"{identifier(place.database)}.{identifier(table)}"
