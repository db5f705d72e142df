# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Database URLs as SQLAlchemy reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from .._clients.sql import DEFAULT_PORT, Login
from .._engine.errors import CollectionError

_URL = re.compile(
    r"(?P<dialect>[\w+]+)://"
    r"(?P<credentials>(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?"
    r"(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<database>[^?]*))?"
    r"(?:\?(?P<query>.*))?"
)
# What SQLAlchemy makes PyMySQL's TLS options of.
_TLS = frozenset({"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "ssl_check_hostname"})
_BACKENDS = ("mysql", "mariadb")
_FALSE = ("false", "no", "off", "n", "f", "0")
ENCODE_PASSWORD = (
    "Percent-encode user and password: @ as %40, / as %2F, : as %3A, % as %25 "
    "(the filter stackwright.nova.{} does it)"
)
"""What to do about a URL whose parts cannot be told from each other; names the filter that makes it."""


@dataclass(frozen=True)
class DatabaseUrl:
    """Which database, and how its user logs in."""

    login: Login
    database: str


def parse(url: str, origin: str) -> DatabaseUrl:
    """The parts of ``url``; ``origin`` says in errors where it was read. No error shows a part of the URL.

    The login is the one that a service with this URL makes, but never without TLS where the URL speaks of it.
    CollectionError for a URL that is none of MariaDB's or MySQL's.
    """
    match = _matched(url, origin)
    dialect = match["dialect"].split("+")[0]
    if dialect not in _BACKENDS:
        raise CollectionError(
            "read",
            "database URL in",
            origin,
            f"{dialect} is not supported",
            "Use MariaDB or MySQL (mysql+pymysql://…)",
            code="unsupported_database",
        )
    port = match["port"] or str(DEFAULT_PORT)
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise _invalid(origin, "its port is not a number")
    query = {key: values[-1] for key, values in parse_qs(match["query"] or "").items()}
    socket = query.get("unix_socket")
    login = Login(
        user=unquote(match["user"] or ""),
        password=_on_the_wire(match["password"] or "", origin),
        host=None if socket else match["ipv6"] or match["host"] or "localhost",
        port=int(port),
        unix_socket=socket,
        tls=not _TLS.isdisjoint(query),
        ca_cert=query.get("ssl_ca"),
        ca_path=query.get("ssl_capath"),
        client_cert=query.get("ssl_cert"),
        client_key=query.get("ssl_key"),
        check_hostname=query.get("ssl_check_hostname", "true").lower() not in _FALSE,
    )
    return DatabaseUrl(login, match["database"] or "")


def require_encoded(url: str, origin: str) -> None:
    """Refuse a URL whose password cannot be told from its host; it may be any dialect's."""
    _matched(url, origin)


def with_option_file(url: str, path: str) -> str:
    """The same URL without credentials: PyMySQL takes them from an option file."""
    match = _URL.fullmatch(url)
    credentials = match["credentials"] if match else None
    bare = url.replace(f"://{credentials or ''}", "://", 1)
    return f"{bare}{'&' if '?' in bare else '?'}read_default_file={path}"


def _matched(url: str, origin: str) -> re.Match[str]:
    match = _URL.fullmatch(url)
    if match is None:
        raise _invalid(origin, "it has not the form mysql+pymysql://user:password@host/database")
    # SQLAlchemy up to 1.3 ends the password at the last @, newer ones at the first: what follows is no host then, but
    # the rest of the password. All other characters are read alike, encoded or not, and are accepted.
    if any("@" in (match[part] or "") for part in ("ipv6", "host", "port", "database")):
        raise _invalid(origin, "its host cannot be told from its password, which has an @ in it")
    return match


def _on_the_wire(password: str, origin: str) -> bytes:
    try:
        return unquote(password).encode("latin-1")
    except UnicodeEncodeError as error:
        raise _invalid(
            origin,
            "its password has characters that PyMySQL cannot send",
            "Beyond ASCII, percent-encode a Latin-1 character for each byte of UTF-8 (the filter "
            "stackwright.nova.database_url does it)",
        ) from error


def _invalid(
    origin: str, cause: str, remedy: str = ENCODE_PASSWORD.format("database_url")
) -> CollectionError:
    return CollectionError("read", "database URL in", origin, cause, remedy, code="invalid_url")
