# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration of a host says about cells, as its own oslo.config reads it."""

from __future__ import annotations

import os
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
    """Read ``config_file``, and the directory ``<config_file>.d`` over it, as Nova's services do."""
    cfg = _oslo_config(config_file)
    if not os.path.exists(config_file):
        raise UnreachableError(
            "read", "file", config_file, "it does not exist", "Install and configure Nova first"
        )
    options = cfg.ConfigOpts()
    options.register_opts([cfg.StrOpt("transport_url", secret=True), cfg.StrOpt("my_ip"), cfg.StrOpt("host")])
    for group in ("api_database", "database"):
        options.register_opt(cfg.StrOpt("connection", secret=True), group=group)
    try:
        options(
            args=[],
            project="nova",
            default_config_files=[config_file],
            default_config_dirs=[config_directory(config_file)],
        )
        return Settings(
            config_file,
            options.api_database.connection,
            options.database.connection,
            options.transport_url,
        )
    except cfg.ConfigFilesPermissionDeniedError as error:
        raise CollectionError(
            "read", "file", config_file, "permission denied", "Run the task as root (become)"
        ) from error
    except cfg.Error as error:
        raise CollectionError(
            "read", "file", config_file, _bare(error), "Correct the file; nova_conf_ini finds the line"
        ) from error


def config_directory(config_file: str) -> str:
    """The directory of additional files that belongs to a configuration file."""
    return f"{config_file}.d"


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
