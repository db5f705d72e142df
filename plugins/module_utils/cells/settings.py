# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration of a host says about cells, as its own oslo.config reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..engine.errors import CollectionError, UnreachableError


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
    """Read ``config_file`` with all that Nova's services read besides, such as /etc/nova/nova.conf.d."""
    cfg = _oslo_config(config_file)
    options = cfg.ConfigOpts()
    options.register_opts([cfg.StrOpt("transport_url", secret=True), cfg.StrOpt("my_ip"), cfg.StrOpt("host")])
    for group in ("api_database", "database"):
        options.register_opt(cfg.StrOpt("connection", secret=True), group=group)
    try:
        options(["--config-file", config_file], project="nova", prog="nova-manage")
        return Settings(
            config_file,
            options.api_database.connection,
            options.database.connection,
            options.transport_url,
        )
    except cfg.ConfigFilesNotFoundError as error:
        raise UnreachableError(
            "read", "file", config_file, "it does not exist", "Install and configure Nova first"
        ) from error
    except cfg.ConfigFilesPermissionDeniedError as error:
        raise CollectionError(
            "read", "file", config_file, "permission denied", "Run the task as root (become)"
        ) from error
    except cfg.Error as error:
        raise CollectionError(
            "read", "file", config_file, _bare(error), "Correct the file; nova_conf_ini finds the line"
        ) from error


def _bare(error: Exception) -> str:
    return " ".join(str(error).split())


def _oslo_config(config_file: str) -> Any:
    try:
        from oslo_config import cfg
    except ImportError as error:
        raise UnreachableError(
            "read",
            "file",
            config_file,
            "the Python library oslo.config is missing",
            "Install nova-common (or python3-oslo.config) on the host",
        ) from error
    return cfg
