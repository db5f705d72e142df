# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing cells through nova-manage, with their URLs where no other user of the host can read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Callable, Protocol

from ..engine.errors import CollectionError
from ..engine.process import Output, last_words, run_command
from ..engine.secret_file import secret_file
from .state import CELL0_TRANSPORT, CELL0_UUID
from .urls import carries_secret, without_secret

_PROGRAM = "nova-manage"
_SOURCES = {"transport_url": "DEFAULT", "database_connection": "database"}
_KEYS = {"transport_url": "transport_url", "database_connection": "connection"}
_OPTIONS = {"transport_url": "--transport-url", "database_connection": "--database_connection"}


class CellWriter(Protocol):
    """What the operation writes with. Every method raises CollectionError where Nova refuses."""

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

    def discover_hosts(self, uuid: str | None, by_service: bool) -> None:
        """Map the hosts with unmapped compute nodes, of all cells or of one."""

    def delete_host(self, uuid: str, host: str) -> None:
        """Take away a host's mapping."""


class NovaManage:
    """The installed nova-manage, run as Nova's user.

    A URL that carries a password reaches it in a configuration file of mode 0600 that is read after the
    others and removed at once: where nova-manage is given no URL, it takes the configured one.
    """

    def __init__(self, config_file: str, run_as: str, run: Callable[..., Output] = run_command) -> None:
        self._config_file = config_file
        self._run_as = run_as
        self._run = run

    def map_cell0(self, database_connection: str) -> None:
        """See ``CellWriter``.

        Without a URL nova-manage would decode the configured one, password included, and a password must not
        be in the command line: so cell0 is made with a template of its URL and then given the URL itself.
        """
        template = without_secret(database_connection)
        self._call("map cell", "cell0", ["map_cell0", "--database_connection", template])
        if template != database_connection:
            self.update_cell(CELL0_UUID, "cell0", None, CELL0_TRANSPORT, database_connection)

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        """See ``CellWriter``."""
        words = ["create_cell", "--name", name, *(["--disabled"] if disabled else [])]
        self._call("create cell", name, words, _urls(transport_url, database_connection))

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        """See ``CellWriter``. Both URLs are always given: one left out would become the configured one."""
        words = ["update_cell", "--cell_uuid", uuid, "--name", name]
        if disabled is not None:
            words.append("--disable" if disabled else "--enable")
        self._call("update cell", name, words, _urls(transport_url, database_connection))

    def delete_cell(self, uuid: str) -> None:
        """See ``CellWriter``."""
        self._call("remove cell", uuid, ["delete_cell", "--cell_uuid", uuid])

    def discover_hosts(self, uuid: str | None, by_service: bool) -> None:
        """See ``CellWriter``."""
        words = ["discover_hosts", *(["--cell_uuid", uuid] if uuid else [])]
        self._call("discover hosts", "", [*words, *(["--by-service"] if by_service else [])])

    def delete_host(self, uuid: str, host: str) -> None:
        """See ``CellWriter``."""
        self._call("remove host", host, ["delete_host", "--cell_uuid", uuid, "--host", host])

    def _call(
        self, deed: str, name: str, words: Sequence[str], urls: Mapping[str, str] | None = None
    ) -> None:
        urls = urls or {}
        secret = {field: url for field, url in urls.items() if carries_secret(url)}
        plain = [
            word for field, url in urls.items() if field not in secret for word in (_OPTIONS[field], url)
        ]
        with self._configuration(secret) as options:
            output = self._run([_PROGRAM, *options, "cell_v2", *words, *plain], run_as=self._run_as)
        if output.code:
            verb, kind = deed.split(" ", 1)
            said = last_words(output.stdout, output.stderr)
            raise CollectionError(
                verb,
                kind,
                name,
                f"nova-manage cell_v2 {words[0]} ended with status {output.code}: {said}",
                "See the log of nova-manage and run again",
                code="nova_manage",
                status=output.code,
            )

    @contextmanager
    def _configuration(self, secret: Mapping[str, str]) -> Iterator[list[str]]:
        """The options for nova-manage's configuration, the secret URLs on top for as long as it runs."""
        options = ["--config-file", self._config_file]
        if not secret:
            yield options
            return
        text = "".join(
            f"[{_SOURCES[field]}]\n{_KEYS[field]} = {_escaped(url)}\n" for field, url in secret.items()
        )
        with secret_file(text, self._run_as, ".conf", prefix="cell_v2-") as path:
            yield [*options, "--config-file", path]


def _urls(transport_url: str, database_connection: str) -> dict[str, str]:
    return {"transport_url": transport_url, "database_connection": database_connection}


def _escaped(url: str) -> str:
    """The value as oslo.config has to find it to read the URL."""
    return url.replace("$", "\\$")
