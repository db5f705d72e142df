# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of Open vSwitch: read with one query, written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._engine.errors import CollectionError
from .._engine.process import last_words, run_command

_DATABASE = "Open_vSwitch"
_TIMEOUT = 30
# Beyond what ovs-vsctl waits itself.
_GRACE = 10

Row = Mapping[str, Any]


class Ovsdb:
    """The database in a file, and its server behind a socket; `timeout` limits each call, in seconds."""

    def __init__(self, file: str, socket: str, timeout: float = _TIMEOUT) -> None:
        self._file = file
        self._server = f"unix:{socket}"
        self._timeout = timeout

    def select(self, tables: Mapping[str, Sequence[str]], *, served: bool) -> dict[str, list[Row]]:
        """The rows of tables (name to columns), of its server or, where that does not run, of its file.

        What a column refers to is a list of ids, however many, and pairs are a mapping. Raises CollectionError where
        the database cannot be read.
        """
        operations = [
            {"op": "select", "table": table, "where": [], "columns": [*columns]}
            for table, columns in tables.items()
        ]
        program, place = ("ovsdb-client", self._server) if served else ("ovsdb-tool", self._file)
        argv = [program, "query", place, json.dumps([_DATABASE, *operations])]
        done = run_command(argv, timeout=self._timeout)
        if done.code != 0:
            raise CollectionError(
                "read",
                "database of Open vSwitch",
                "",
                last_words(done.stderr, done.stdout),
                f"See whether `{program}` can read {place} there",
                code="command_failed",
            )
        answers = json.loads(done.stdout)
        return {
            table: [{name: _plain(value) for name, value in row.items()} for row in answer["rows"]]
            for table, answer in zip(tables, answers)
        }

    def change(self, commands: Sequence[Sequence[str]], *, wait: bool) -> None:
        """Carry out commands of ovs-vsctl, all or none; `wait` until Open vSwitch has done what they say.

        Raises CollectionError where one is refused, or Open vSwitch does not follow in time.
        """
        done = run_command(self.argv(commands, wait=wait), timeout=self._timeout + _GRACE)
        if done.code != 0:
            raise CollectionError(
                "configure",
                "Open vSwitch",
                "",
                last_words(done.stderr, done.stdout),
                "See the logs in /var/log/openvswitch there",
                code="command_failed",
            )

    def argv(self, commands: Sequence[Sequence[str]], *, wait: bool) -> list[str]:
        """The call of ovs-vsctl that carries out these commands."""
        options = [f"--db={self._server}", f"--timeout={self._timeout:.0f}"]
        return ["ovs-vsctl", *options, *([] if wait else ["--no-wait"]), *joined(commands)]


def joined(commands: Sequence[Sequence[str]]) -> list[str]:
    """Commands of ovs-vsctl as words of one call."""
    return [word for command in commands for word in ("--", *command)]


def _plain(value: Any) -> Any:
    """A value of the database's JSON (RFC 7047) as plain data."""
    if isinstance(value, list) and len(value) == 2:
        kind, content = value
        if kind == "map":
            return {str(_plain(name)): _plain(item) for name, item in content}
        if kind == "set":
            return [item for part in content for item in _several(_plain(part))]
        if kind == "uuid":
            return [content]
    return value


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
