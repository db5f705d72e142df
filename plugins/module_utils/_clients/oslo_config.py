# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a service: read by the same oslo.config that the service uses, and written so that it reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._engine.errors import CollectionError, UnreachableError
from .._engine.file_errors import file_cause, file_remedy

Place = tuple[str, str]
"""Section and name of an option."""


def escaped(value: str) -> str:
    """The text that a file or the environment must hold for oslo.config to read ``value``."""
    return value.replace("$", "\\$")


def environment_variable(section: str, name: str) -> str:
    """The variable that a service reads an option from before it reads any file."""
    return f"OS_{section}__{name}".upper()


def connections(urls: Mapping[str, str] | None) -> dict[Place, str]:
    """URLs by section as settings: [DEFAULT] has a transport_url, any other section a connection."""
    return {
        (section, "transport_url" if section == "DEFAULT" else "connection"): url
        for section, url in (urls or {}).items()
    }


def read_assumed_settings(
    service: str, program: str, files: Sequence[str], places: Sequence[Place], assumed: Mapping[Place, str]
) -> dict[Place, str | None]:
    """As ``read_service_settings``, with what is ``assumed`` to be in the files before long."""
    try:
        found = read_service_settings(service, program, files, places)
    except UnreachableError:
        if not set(places) <= assumed.keys():
            raise
        found = {}
    return {place: assumed.get(place, found.get(place)) for place in places}


def read_service_settings(
    service: str, program: str, files: Sequence[str], places: Iterable[Place]
) -> dict[Place, str | None]:
    """The values at these places as ``program`` reads them from ``files``, None where nothing is set.

    Directories such as /etc/nova/nova.conf.d count too, for what the files leave open, and references such as
    $my_ip are filled in; defaults that the service computes itself are not known here. Raises UnreachableError
    where oslo.config or a file is not there (yet), and CollectionError for what cannot be read.
    """
    cfg = _oslo_config(service)
    conf = cfg.ConfigOpts()
    try:
        conf([word for path in files for word in ("--config-file", path)], project=service, prog=program)
        return {place: _value(cfg, conf, service, place) for place in places}
    except cfg.ConfigFilesNotFoundError as error:
        missing = ", ".join(error.config_files)
        raise UnreachableError(
            "read",
            "configuration of",
            service,
            f"there is no {missing}",
            f"Install and configure {service} first",
        ) from error
    except cfg.ConfigFilesPermissionDeniedError as error:
        raise _unreadable(
            service, f"permission denied to {', '.join(error.config_files)}", "Run the task as root (become)"
        ) from error
    # What these exceptions say of a file may be the line with the password.
    except cfg.ConfigFileParseError as error:
        line = getattr(error.__context__, "lineno", "of unknown number")
        raise _unreadable(
            service,
            f"oslo.config does not understand line {line} of {error.config_file}",
            "Correct the file, which the service cannot read either; nova_conf_ini says what is wrong there",
        ) from None
    except UnicodeDecodeError as error:
        raise _unreadable(
            service,
            f"one of its files is not text in {error.encoding}",
            "Save the file as UTF-8",
        ) from None
    except cfg.Error as error:
        raise _unreadable(
            service, f"oslo.config ends with {type(error).__name__}", "Correct the files of the service"
        ) from None
    except OSError as error:
        path = str(error.filename)
        raise _unreadable(service, f"{path}: {file_cause(error)}", file_remedy(error, path)) from error


def _value(cfg: Any, conf: Any, service: str, place: Place) -> str | None:
    """The option's value; what it refers to is declared as soon as oslo.config misses it."""
    section, name = place
    conf.register_opt(cfg.StrOpt(name, secret=True), group=section)
    while True:
        try:
            value: str | None = conf[section][name]
            return value
        except RecursionError:
            raise _unreadable(
                service,
                f"[{section}] {name} refers to itself",
                "Write the value, or \\$ for a dollar sign",
            ) from None
        except cfg.NoSuchGroupError as error:
            conf.register_group(cfg.OptGroup(error.group_name))
        except cfg.NoSuchOptError as error:
            group, _dot, missing = error.opt_name.rpartition(".")
            conf.register_opt(cfg.StrOpt(missing, secret=True), group or None)
            group = group or "DEFAULT"
            if _value(cfg, conf, service, (group, missing)) is None:
                raise _unreadable(
                    service,
                    f"[{section}] {name} refers to [{group}] {missing}, which no file sets",
                    "Set that option there even if the service has a default, or write \\$ for a dollar sign",
                ) from error


def _unreadable(service: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("read", "configuration of", service, cause, remedy, code="configuration")


def _oslo_config(service: str) -> Any:
    try:
        from oslo_config import cfg
    except ImportError as error:
        raise UnreachableError(
            "read",
            "configuration of",
            service,
            f"the Python library oslo.config cannot be imported ({error})",
            "Install the service's packages first",
        ) from error
    return cfg
