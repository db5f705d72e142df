# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of the database: its server, its files, and its unit."""

from __future__ import annotations

import re
from pathlib import Path

from .._clients.sql import Login, QueryError, SqlConnections
from .._clients.systemd import Systemd, log_remedy
from .._engine.errors import CollectionError, UnreachableError
from .._engine.process import last_words, run_command
from .state import State

# What a server has without anybody's doing.
_OWN_DATABASES = {"mysql", "performance_schema", "sys", "test", "lost+found"}
_NOBODY = "00000000-0000-0000-0000-000000000000"
_NOTED = re.compile(r"^(?P<name>\w+):\s*(?P<value>\S+)\s*$", re.MULTILINE)


class LocalNode:
    """The node on this host."""

    def __init__(self, unit: str, data_directory: str, timeout: float) -> None:
        self._unit = unit
        self._directory = Path(data_directory)
        self._timeout = timeout
        self._systemd = Systemd(timeout)

    def read(self) -> State:
        """Its files, and its server's status where that answers. Raises UnreachableError where none is installed."""
        if not self._directory.is_dir():
            raise UnreachableError(
                "read", "database", str(self._directory), "it is not there", "Install the database first"
            )
        noted = grastate(self._text("grastate.dat"))
        status = self._status()
        saved = noted.get("uuid", _NOBODY)
        return State(
            runs=status is not None,
            part=(status or {}).get("wsrep_cluster_status", "") if self._is_clustered(status) else "",
            cluster_id=(status or {}).get("wsrep_cluster_state_uuid", "")
            if self._is_clustered(status)
            else "",
            saved_id="" if saved == _NOBODY else saved,
            saved_position=int(noted.get("seqno", "-1")),
            is_last=noted.get("safe_to_bootstrap") == "1",
            has_data=any(
                path.is_dir() and path.name not in _OWN_DATABASES and not path.name.startswith(("#", "."))
                for path in self._directory.iterdir()
            ),
            speaks_tls=provider_options((status or {}).get("options", "")).get("socket.ssl") == "YES",
        )

    def begin(self) -> None:
        """The program that the packages have for it restarts the unit with what a first node needs."""
        output = run_command(["galera_new_cluster", self._unit], timeout=self._timeout)
        if output.code:
            logs = self._systemd.logs([self._unit])
            raise CollectionError(
                "begin",
                "cluster of the database with unit",
                self._unit,
                last_words(output.stderr, output.stdout),
                log_remedy(logs),
                code="command_failed",
                log=logs,
            )

    def join(self) -> None:
        """A start that ends when the data is there."""
        self._systemd.systemctl("restart", [self._unit])

    def _status(self) -> dict[str, str] | None:
        """The server's status; None where it does not answer."""
        connections = SqlConnections()
        try:
            rows = connections.rows(Login("root"), "SHOW GLOBAL STATUS LIKE 'wsrep%'")
            # Of a node without a majority nothing else can be asked.
            variables = dict(
                connections.rows(
                    Login("root"),
                    "SHOW GLOBAL VARIABLES WHERE variable_name IN ('wsrep_on', 'wsrep_provider_options')",
                )
            )
        except (UnreachableError, QueryError):
            return None
        finally:
            connections.close()
        return {
            **{str(name): str(value) for name, value in rows},
            "on": str(variables.get("wsrep_on")),
            "options": str(variables.get("wsrep_provider_options")),
        }

    def _is_clustered(self, status: dict[str, str] | None) -> bool:
        return status is not None and status["on"] == "ON"

    def _text(self, name: str) -> str:
        try:
            return (self._directory / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""


def grastate(text: str) -> dict[str, str]:
    """What a node has noted of its cluster, by name."""
    return {match["name"]: match["value"] for match in _NOTED.finditer(text)}


def provider_options(text: str) -> dict[str, str]:
    """The options of Galera's own, by name, of a text as the server's variable has it."""
    pairs = (pair.partition("=") for pair in text.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}
