# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options that an installed OpenStack service declares.

Run by the Python that runs the service, in a separate process: ``python3 - '{"distribution": ...}'`` with
this file on its standard input prints the option catalogue as JSON. It imports the modules that declare options and
not the service, and needs nothing but the standard library and what the service brings.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import metadata
from typing import Any


def harvest(distribution: str, plugins: Iterable, libraries: Iterable, unlisted: Iterable) -> dict:
    """The option catalogue of one service.

    ``plugins`` and ``libraries`` are globs: distributions whose every namespace counts, and namespaces of
    other distributions that the service uses. ``unlisted`` are [module, attribute, group] of option lists
    that are registered at run time only. ``problems`` of the answer are [namespace, error, whether it is one
    of the service's own].
    """
    groups: dict[str, Any] = {}
    problems: list[list[Any]] = []
    for namespace, (entry_point, own) in _namespaces(distribution, plugins, libraries):
        try:
            declared = _declared(entry_point)
        except Exception as error:
            problems.append([namespace, f"{type(error).__name__}: {error}", own])
            continue
        for group, options in declared:
            _add(groups, getattr(group, "name", group), options)
    for module, attribute, group in unlisted:
        # These differ between releases; one that is not there was not registered either.
        with contextlib.suppress(ImportError, AttributeError):
            _add(groups, group, getattr(importlib.import_module(module), attribute))
    return {
        "version": metadata.version(distribution),
        "groups": groups,
        "auth": _auth_plugins(),
        "problems": problems,
    }


def _declared(entry_point: Any) -> Iterable:
    try:
        return _listed(entry_point)
    except Exception as error:
        if type(error).__name__ != "NotInitializedError":
            raise
    # Some modules read an option while they are imported, which takes a parsed (here: empty) configuration.
    from oslo_config import cfg

    cfg.CONF([], default_config_files=[], default_config_dirs=[])
    try:
        return _listed(entry_point)
    finally:
        cfg.CONF.clear()


def _listed(entry_point: Any) -> Iterable:
    module, _colon, function = entry_point.value.split()[0].partition(":")
    lists = getattr(importlib.import_module(module), function, None)
    # A namespace whose function was removed declares nothing; neutron left one behind.
    return lists() if lists else []


def _namespaces(distribution: str, plugins: Iterable, libraries: Iterable) -> list:
    found: dict[str, Any] = {}
    for dist in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", dist.metadata["Name"] or "").lower()
        own = name == distribution
        all_of_it = own or any(fnmatchcase(name, glob) for glob in plugins)
        for entry_point in dist.entry_points:
            if entry_point.group != "oslo.config.opts" or ".tests." in entry_point.name:
                continue
            if all_of_it or any(fnmatchcase(entry_point.name, glob) for glob in libraries):
                found.setdefault(entry_point.name, (entry_point, own))
    return sorted(found.items())


def _add(groups: dict, group: Any, options: Iterable) -> None:
    name = group or "DEFAULT"
    name = name if name == "DEFAULT" else name.lower()
    known = groups.setdefault(name, {})
    for option in options:
        if not hasattr(option, "dest") or type(option).__name__ == "SubCommandOpt":
            continue
        known.setdefault(option.dest, {}).update(describe(option, name))


def describe(option: Any, group: str) -> dict:
    """One option as plain data: only what differs from a plain, public, single string."""
    known: dict[str, Any] = {"type": type_of(option.type)}
    if option.multi:
        known["multi"] = True
    if option.secret:
        known["secret"] = True
    old = []
    for alias in option.deprecated_opts:
        if not (alias.name or alias.group):
            continue
        alias_group = alias.group or group
        alias_group = alias_group if alias_group == "DEFAULT" else alias_group.lower()
        pair = [alias_group, alias.name or option.dest]
        if pair not in old and pair != [group, option.dest]:
            old.append(pair)
    if old:
        known["old"] = old
    if option.deprecated_for_removal:
        reason = " ".join(str(option.deprecated_reason or "").split())
        known["removal"] = [str(option.deprecated_since or ""), reason]
    return known


def type_of(kind: Any) -> dict:
    """A type as plain data; what oslo.config does not define itself is accepted as it comes."""
    if kind in (str, int, float):
        return {"is": {str: "string", int: "integer", float: "float"}[kind]}
    names = [c.__name__ for c in type(kind).__mro__ if c.__module__ == "oslo_config.types"]
    overridden = "__call__" in vars(type(kind)) and type(kind).__module__ != "oslo_config.types"
    if overridden or not names:
        return {"is": "any"}
    name = {"MultiString": "string", "Port": "integer"}.get(names[0], names[0].lower())
    described: dict[str, Any] = {"is": name}
    for field in ("min", "max", "max_length", "ignore_case", "quotes", "bounds"):
        value = getattr(kind, field, None)
        # A length of 0 is no limit; a minimum of 0 is one.
        if value is not None and value is not False and (field, value) != ("max_length", 0):
            described[field] = value
    if getattr(kind, "choices", None):
        described["choices"] = list(kind.choices)
    regex = getattr(kind, "regex", None)
    if regex is not None and not regex.flags & ~(re.UNICODE | re.IGNORECASE):
        described["regex"] = regex.pattern
        if regex.flags & re.IGNORECASE:
            described["ignore_case"] = True
    if name == "list":
        described["item"] = type_of(kind.item_type)
    if name == "dict":
        described["value"] = type_of(kind.value_type)
        separator = getattr(kind, "key_value_separator", ":")
        if separator != ":":
            described["separator"] = separator
    if name in ("ipaddress", "hostaddress", "hostdomain"):
        checker = getattr(kind, "ip_address", kind).version_checker.__name__
        version = {"_check_ipv4": 4, "_check_ipv6": 6}.get(checker)
        if version:
            described["version"] = version
    if getattr(kind, "schemes", None):
        described["schemes"] = list(kind.schemes)
    return described


def _auth_plugins() -> dict:
    try:
        from keystoneauth1 import loading
    except ImportError:
        return {}
    plugins: dict[str, Any] = {}
    for name in sorted(loading.get_available_plugin_names()):
        with contextlib.suppress(Exception):
            known = plugins.setdefault(name, {})
            for option in loading.get_auth_plugin_conf_options(name):
                known[option.dest] = describe(option, "")
    return plugins


if __name__ == "__main__":
    # What the imported modules print must not get between the lines of the answer.
    with contextlib.redirect_stdout(sys.stderr):
        answer = harvest(**json.loads(sys.argv[1]))
    json.dump(answer, sys.stdout, separators=(",", ":"), sort_keys=True)
