# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Database URLs out of a service's configuration, read by the same oslo.config that the service uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..engine.errors import CollectionError, UnreachableError


def read_connections(
    service: str, program: str, files: Sequence[str], sections: Iterable[str]
) -> dict[str, str | None]:
    """The option ``connection`` of each section, None where it is not set.

    Directories such as /etc/nova/nova.conf.d count as they do for the service itself.
    """
    try:
        from oslo_config import cfg
    except ImportError as error:
        raise UnreachableError(
            "read",
            "configuration of",
            service,
            "the Python library oslo.config is missing",
            "Install the service's packages first",
        ) from error
    conf = cfg.ConfigOpts()
    try:
        conf([word for path in files for word in ("--config-file", path)], project=service, prog=program)
        for section in sections:
            conf.register_opt(cfg.StrOpt("connection", secret=True), group=section)
        return {section: _value(cfg, conf, section) for section in sections}
    except cfg.ConfigFilesNotFoundError as error:
        raise UnreachableError(
            "read", "configuration of", service, str(error), "Write the configuration first"
        ) from error
    except cfg.Error as error:
        raise CollectionError(
            "read",
            "configuration of",
            service,
            str(error),
            "Correct the file; the service cannot read it either",
            code="configuration",
        ) from error


def _value(cfg: Any, conf: Any, section: str) -> str | None:
    """The URL, its references to other options filled in as far as the files set these."""
    while True:
        try:
            return conf[section].connection
        except cfg.NoSuchGroupError as error:
            conf.register_group(cfg.OptGroup(error.group_name))
        except cfg.NoSuchOptError as error:
            group, _dot, name = error.opt_name.rpartition(".")
            conf.register_opt(cfg.StrOpt(name), group or None)
            if (conf[group] if group else conf)[name] is None:
                raise CollectionError(
                    "read",
                    "option connection in section",
                    section,
                    f"it refers to option {name} of {group or 'DEFAULT'}, which no file sets",
                    "Set that option, or write \\$ for a dollar sign",
                    code="configuration",
                ) from error
