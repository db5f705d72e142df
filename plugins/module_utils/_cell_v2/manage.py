# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing cells through nova-manage, with their URLs where no other user of the host can read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Callable, Protocol

from .._clients.oslo_config import escaped
from .._clients.service_program import ServiceProgram
from .._engine.errors import CollectionError
from .._engine.process import last_words
from .._engine.secret_file import secret_file
from .._shared.cell_mappings import CELL0_TRANSPORT, CELL0_UUID, Cell
from .._shared.cell_urls import carries_secret, without_secret
from .._shared.services import CELL0

_SOURCES = {"transport_url": "DEFAULT", "database_connection": "database"}
_KEYS = {"transport_url": "transport_url", "database_connection": "connection"}
_OPTIONS = {"transport_url": "--transport-url", "database_connection": "--database_connection"}


class CellWriter(Protocol):
    """What the steps write with. Every method raises CollectionError where Nova refuses."""

    def map_cell0(self, database_connection: str) -> None:
        """Map cell0 to its database."""

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        """Make a cell."""

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        """Set a cell's name and URLs, and whether it is disabled (None: as it is)."""

    def delete_cell(self, uuid: str) -> None:
        """Remove an empty cell."""

    def discover_hosts(self, cell: Cell | None, by_service: bool) -> None:
        """Map the hosts with unmapped compute nodes, of one cell or (None) of all.

        A cell without a uuid was made by a step before this one.
        """

    def delete_host(self, cell: Cell, host: str) -> None:
        """Take away a host's mapping; the cell is given as for ``discover_hosts``."""


class NovaManage:
    """The installed nova-manage, run as Nova's user.

    A URL that carries a password reaches it in a configuration file of mode 0600 that is read after the
    others and removed at once: where nova-manage is given no URL, it takes the configured one. ``uuid_of``
    finds the uuid of a cell by its name.
    """

    def __init__(self, program: ServiceProgram, uuid_of: Callable[[str], str]) -> None:
        self._program = program
        self._uuid_of = uuid_of

    def map_cell0(self, database_connection: str) -> None:
        """See ``CellWriter``.

        Without a URL nova-manage would decode the configured one, password included, and a password must not
        be in the command line: so cell0 is made with a template of its URL and then given the URL itself.
        """
        template = without_secret(database_connection)
        self._call("map", "cell", CELL0, "map_cell0", "--database_connection", template)
        if template != database_connection:
            self.update_cell(CELL0_UUID, CELL0, None, CELL0_TRANSPORT, database_connection)

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        """See ``CellWriter``."""
        words = ["create_cell", "--name", name, *(["--disabled"] if disabled else [])]
        self._call("create", "cell", name, *words, urls=_urls(transport_url, database_connection))

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        """See ``CellWriter``. Both URLs are always given: one left out would become the configured one."""
        words = ["update_cell", "--cell_uuid", uuid, "--name", name]
        if disabled is not None:
            words.append("--disable" if disabled else "--enable")
        self._call("update", "cell", name, *words, urls=_urls(transport_url, database_connection))

    def delete_cell(self, uuid: str) -> None:
        """See ``CellWriter``."""
        self._call("remove", "cell", uuid, "delete_cell", "--cell_uuid", uuid)

    def discover_hosts(self, cell: Cell | None, by_service: bool) -> None:
        """See ``CellWriter``."""
        words = ["discover_hosts", *(["--cell_uuid", self._uuid(cell)] if cell else [])]
        self._call("discover", "hosts", "", *words, *(["--by-service"] if by_service else []))

    def delete_host(self, cell: Cell, host: str) -> None:
        """See ``CellWriter``."""
        self._call("remove", "host", host, "delete_host", "--cell_uuid", self._uuid(cell), "--host", host)

    def _uuid(self, cell: Cell) -> str:
        return cell.uuid or self._uuid_of(cell.name)

    def _call(
        self, verb: str, kind: str, name: str, *words: str, urls: Mapping[str, str] | None = None
    ) -> None:
        urls = urls or {}
        secret = {field: url for field, url in urls.items() if carries_secret(url)}
        plain = [
            word for field, url in urls.items() if field not in secret for word in (_OPTIONS[field], url)
        ]
        with self._secret_files(secret) as files:
            output = self._program.run("cell_v2", *words, *plain, more_files=files)
        if output.code:
            message = last_words(output.stdout, output.stderr)
            raise CollectionError(
                verb,
                kind,
                name,
                f"nova-manage cell_v2 {words[0]} ended with status {output.code}: {message}",
                "See the log of nova-manage and run again",
                code="nova_manage",
                status=output.code,
            )

    @contextmanager
    def _secret_files(self, secret: Mapping[str, str]) -> Iterator[list[str]]:
        """The configuration file with the secret URLs, there for as long as nova-manage runs; none for no secret."""
        if not secret:
            yield []
            return
        text = "".join(
            f"[{_SOURCES[field]}]\n{_KEYS[field]} = {escaped(url)}\n" for field, url in secret.items()
        )
        with secret_file(text, self._program.run_as, ".conf", prefix="cell_v2-") as path:
            yield [path]


def _urls(transport_url: str, database_connection: str) -> dict[str, str]:
    return {"transport_url": transport_url, "database_connection": database_connection}
