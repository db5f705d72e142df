# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that build URLs out of their parts, with every part percent-encoded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ansible.errors import AnsibleFilterError

_SERVER = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+)(:(?P<port>\d+))?|(?P<bare>[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)")
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?")
_DATABASE = re.compile(r"[^\s?#/%@]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Filter name to function."""
        return {"transport_url": transport_url, "database_url": database_url}


def transport_url(parts: Mapping[str, Any], **overrides: Any) -> str:
    """The URL of a message queue, as oslo.messaging reads it."""
    merged = _checked_parts(
        "transport_url",
        parts,
        overrides,
        {"scheme", "user", "password", "host", "port", "hosts", "vhost", "query"},
    )
    hosts = merged.get("hosts") or [merged.get("host")]
    if isinstance(hosts, str) or not isinstance(hosts, Sequence):
        raise AnsibleFilterError("transport_url: hosts must be a list")
    servers = ",".join(
        _credentials(merged) + _server("transport_url", host, merged.get("port")) for host in hosts
    )
    vhost = str(merged.get("vhost") or "")
    # The broker's own default virtual host is called "/"; an empty path means it.
    path = "" if vhost == "/" else _encoded(vhost)
    return f"{_scheme('transport_url', merged, 'rabbit')}://{servers}/{path}{_query(merged)}"


def database_url(parts: Mapping[str, Any], **overrides: Any) -> str:
    """The URL of a database, as SQLAlchemy reads it."""
    merged = _checked_parts(
        "database_url",
        parts,
        overrides,
        {"scheme", "user", "password", "host", "port", "database", "query"},
    )
    database = str(merged.get("database") or "")
    if not _DATABASE.fullmatch(database):
        raise AnsibleFilterError(
            f"database_url: {_quoted(database)} cannot be the name of a database in a URL"
        )
    # Without a host the driver connects through the socket that the query names.
    host = merged.get("host")
    server = _server("database_url", host, merged.get("port")) if host else ""
    scheme = _scheme("database_url", merged, "mysql+pymysql")
    if scheme.endswith("+pymysql") and merged.get("password") is not None:
        # PyMySQL sends a password's letters as Latin-1, while the server knows it by its UTF-8 bytes.
        merged["password"] = str(merged["password"]).encode().decode("latin-1")
    return f"{scheme}://{_credentials(merged)}{server}/{database}{_query(merged)}"


def _checked_parts(
    name: str, parts: Mapping[str, Any], overrides: Mapping[str, Any], known: set[str]
) -> dict[str, Any]:
    if not isinstance(parts, Mapping):
        raise AnsibleFilterError(f"{name}: the parts of the URL must be a dictionary")
    merged = {**parts, **overrides}
    unknown = sorted(set(merged) - known)
    if unknown:
        raise AnsibleFilterError(
            f"{name}: {', '.join(unknown)} is not a part of the URL; the parts are {', '.join(sorted(known))}"
        )
    if merged.get("password") and not merged.get("user"):
        raise AnsibleFilterError(f"{name}: there is a password, but no user")
    return merged


def _scheme(name: str, parts: Mapping[str, Any], default: str) -> str:
    scheme = str(parts.get("scheme") or default)
    if not _SCHEME.fullmatch(scheme):
        raise AnsibleFilterError(f"{name}: {_quoted(scheme)} is not a scheme")
    return scheme


def _credentials(parts: Mapping[str, Any]) -> str:
    if not parts.get("user"):
        return ""
    password = parts.get("password")
    return _encoded(parts["user"]) + (f":{_encoded(password)}" if password is not None else "") + "@"


def _server(name: str, server: Any, default_port: Any) -> str:
    """``host``, ``host:port``, an IPv6 address with or without brackets, or a dictionary of host and port."""
    port = default_port
    if isinstance(server, Mapping):
        host, port = str(server.get("host") or ""), server.get("port", port)
    else:
        match = _SERVER.fullmatch(str(server or ""))
        host = (match["host"] or match["bare"]) if match else ""
        port = (match["port"] if match else None) or port
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if _IPV6.fullmatch(host):
        host = f"[{host}]"
    elif not _HOST.fullmatch(host):
        raise AnsibleFilterError(f"{name}: {_quoted(server)} is not a host")
    if port is None:
        return host
    if not str(port).isdigit() or not 0 < int(port) < 65536:
        raise AnsibleFilterError(f"{name}: {_quoted(port)} is not a port")
    return f"{host}:{port}"


def _quoted(part: Any) -> str:
    """What was given, unless it is more than that part: a URL or credentials put there may hold a password."""
    text = repr(part)
    return "what is given (not shown, for it may hold a password)" if re.search("[@/:]", text) else text


def _query(parts: Mapping[str, Any]) -> str:
    query = parts.get("query") or {}
    # Paths stay as they are: Keystone hands its URL on to a reader that stumbles over %.
    pairs = [
        f"{_encoded(key)}={quote(str(_lower_case_boolean(value)), safe='/')}"
        for key, value in query.items()
        if value is not None
    ]
    return "?" + "&".join(pairs) if pairs else ""


def _lower_case_boolean(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _encoded(part: Any) -> str:
    return quote(str(part), safe="")
