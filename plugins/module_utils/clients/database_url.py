# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Database URLs as SQLAlchemy reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from ..engine.errors import CollectionError
from .sql import DEFAULT_PORT, Login

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
_FALSE = ("false", "no", "off", "n", "f", "0")


@dataclass(frozen=True)
class DatabaseUrl:
    """Which database, and how its user logs in; ``backend`` is mysql, postgresql, sqlite …"""

    backend: str
    login: Login
    database: str


def parse(url: str, origin: str) -> DatabaseUrl:
    """The parts of ``url``; ``origin`` says in errors where it was read.

    The login is the one that a service with this URL makes, but never without TLS where the URL speaks of it.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _invalid(origin, "it has not the form mysql+pymysql://user:password@host/database")
    port = match["port"] or str(DEFAULT_PORT)
    if not port.isdigit():
        raise _invalid(origin, f"its port {port!r} is not a number")
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
    return DatabaseUrl(match["dialect"].split("+")[0], login, match["database"] or "")


def with_option_file(url: str, path: str) -> str:
    """The same URL without credentials: PyMySQL takes them from an option file."""
    match = _URL.fullmatch(url)
    credentials = match["credentials"] if match else None
    bare = url.replace(f"://{credentials or ''}", "://", 1)
    return f"{bare}{'&' if '?' in bare else '?'}read_default_file={path}"


def _on_the_wire(password: str, origin: str) -> bytes:
    try:
        return unquote(password).encode("latin-1")
    except UnicodeEncodeError as error:
        raise _invalid(origin, "its password has characters that PyMySQL cannot send") from error


def _invalid(origin: str, cause: str) -> CollectionError:
    return CollectionError(
        "read",
        "database URL in",
        origin,
        cause,
        "Percent-encode user and password, beyond ASCII with a Latin-1 character for each byte of UTF-8",
        code="invalid_url",
    )
