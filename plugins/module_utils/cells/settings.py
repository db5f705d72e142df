# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration of a host says about cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..oslo.service_settings import read_service_settings

_API, _MAIN, _QUEUE = ("api_database", "connection"), ("database", "connection"), ("DEFAULT", "transport_url")


@dataclass(frozen=True)
class Settings:
    """The three URLs that Nova's own defaults for cells come from; None where one is not set."""

    config_file: str
    api_connection: str | None = field(default=None, repr=False)
    connection: str | None = field(default=None, repr=False)
    transport_url: str | None = field(default=None, repr=False)

    @property
    def urls(self) -> tuple[str | None, ...]:
        """All of them."""
        return (self.api_connection, self.connection, self.transport_url)


def read_settings(config_file: str) -> Settings:
    """What ``config_file`` says, with all that Nova's services read besides."""
    found = read_service_settings("nova", "nova-manage", [config_file], (_API, _MAIN, _QUEUE))
    return Settings(config_file, found[_API], found[_MAIN], found[_QUEUE])
