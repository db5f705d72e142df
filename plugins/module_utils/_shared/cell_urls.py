# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The URLs of cell mappings: templates, secrets, and what follows from what."""

from __future__ import annotations

import re
from string import Formatter
from urllib.parse import urlparse, urlsplit

from .._engine.errors import CollectionError
from .._engine.redaction import Redactor, masked_url
from . import database_url

_PLACEHOLDER = re.compile(r"\{(scheme|username|password|hostname|port|path|query|fragment)\d*\}")
# A template without literal text where a password could be: each @ ends one place for it.
_WITHOUT_SECRET = re.compile(
    r"(\{scheme\}|[\w+.-]+)://(\{username\d*\}|[\w.-]*):\{password\d*\}@"
    r"([^@?]*:\{password\d*\}@)*[^@?]*(\?\{query\})?"
)
_PASSWORD = re.compile(r"(?:://|,)[^:/@,]*:([^@]*)@")
_DATABASE = re.compile(r"(?P<server>[\w+.-]+://(?:[^@]*@)?[^/?@]*/)(?P<name>[^?]*)(?P<query>\?.*)?")
_CREDENTIALS = re.compile(r"(?P<scheme>[\w+.-]+://)(?P<user>[^:/@]*):(?P<password>.*)@(?P<rest>[^@]*)")


def masked(url: str | None) -> str | None:
    """The URL without its passwords."""
    return None if url is None else masked_url(url)


def is_template(url: str) -> bool:
    """Whether Nova fills the URL in with parts of the one in its configuration."""
    return bool(_PLACEHOLDER.search(url))


def learn_secrets(redactor: Redactor, *urls: str | None) -> None:
    """Make the secrets in URLs of cells known. A template that leaves them to the configuration can be shown."""
    for url in urls:
        if url and _WITHOUT_SECRET.fullmatch(url):
            redactor.exempt(url)
        else:
            redactor.learn_urls(url)


def carries_secret(url: str) -> bool:
    """Whether a password is written out in the URL."""
    return any(password and not _PLACEHOLDER.fullmatch(password) for password in _PASSWORD.findall(url))


def expand(url: str, default: str | None) -> str:
    """The URL that Nova uses for a stored one: a template filled in from ``default``, its configuration's.

    Like Nova, a URL that cannot be filled in is taken as it stands.
    """
    if not default or "{" not in url:
        return url
    try:
        return url.format(**_parts(default))
    except (ValueError, LookupError, AttributeError):
        return url


def unfilled(template: str, default: str | None) -> list[str]:
    """The placeholders that Nova would not fill in: it writes None for a part that ``default`` lacks.

    Where it cannot fill in one, for braces that are none, say, it fills in none.
    """
    try:
        parts = _parts(default) if default else {}
        template.format(**parts)
        fields = [field for _text, field, _spec, _conversion in Formatter().parse(template) if field]
    except (ValueError, LookupError, AttributeError):
        return [match[0] for match in _PLACEHOLDER.finditer(template)]
    return [f"{{{field}}}" for field in fields if parts[field] is None]


def require_filled(url: str, default: str | None, name: str, kind: str, source: str) -> None:
    """Refuse a template that Nova cannot fill in; see ``template_gap``."""
    gap = template_gap(url, default, name, kind, source)
    if gap:
        raise gap


def template_gap(url: str, default: str | None, name: str, kind: str, source: str) -> CollectionError | None:
    """The error of a template that Nova cannot fill in: it would write None for a part, and then connect nowhere.

    ``name`` is the cell's, ``kind`` says which of its URLs this is, and ``source`` is where ``default`` is from.
    """
    gaps = ", ".join(unfilled(url, default)) if is_template(url) else ""
    if not gaps:
        return None
    return CollectionError(
        "write",
        "cell",
        name,
        f"its {kind} asks for {gaps}, which {source} does not have",
        "Leave it out, or set it there (any other brace is written twice)",
        code="invalid_template",
    )


def require_encoded(url: str, option: str, origin: str) -> None:
    """Refuse a URL for the option transport_url or database_connection whose password cannot be told from its host.

    ``origin`` says in errors where it was read; they show nothing of it.
    """
    # What Nova fills in is encoded where it comes from.
    filled = _PLACEHOLDER.sub("1", url.replace("{scheme}", "scheme"))
    if option == "database_connection":
        database_url.require_encoded(filled, origin)
    elif not _is_queue(filled):
        raise CollectionError(
            "read",
            "transport URL in",
            origin,
            "its hosts cannot be told from a password that is not percent-encoded",
            database_url.ENCODE_PASSWORD.format("transport_url"),
            code="invalid_url",
        )


def cell0_connection(api_connection: str) -> str:
    """The database URL of cell0 that belongs to an API database's; nothing else in it is touched."""
    match = _DATABASE.fullmatch(api_connection)
    if match is None:
        return ""
    name = match["name"]
    base = name[: -len("_api")] if name.endswith("_api") else name
    return f"{match['server']}{base}_cell0{match['query'] or ''}"


def same_database(one: str, other: str) -> bool:
    """Whether two database URLs name the same database, whoever logs in and how."""
    first, second = _DATABASE.fullmatch(one), _DATABASE.fullmatch(other)
    if first is None or second is None:
        return one == other
    return _place(first) == _place(second)


def as_template(url: str, default: str | None) -> str | None:
    """The URL with user and password left to the configuration's; None where those differ.

    It needs no secret, and Nova makes the same URL of it.
    """
    mine, theirs = _CREDENTIALS.fullmatch(url), _CREDENTIALS.fullmatch(default or "")
    if not mine or not theirs or (mine["user"], mine["password"]) != (theirs["user"], theirs["password"]):
        return None
    template = f"{mine['scheme']}{{username}}:{{password}}@{_literal(mine['rest'])}"
    return template if expand(template, default) == url else None


def without_secret(url: str) -> str:
    """The URL with its password left to the configuration's."""
    match = _CREDENTIALS.fullmatch(url)
    if match is None or not carries_secret(url):
        return url
    return f"{match['scheme']}{_literal(match['user'])}:{{password}}@{_literal(match['rest'])}"


def _is_queue(url: str) -> bool:
    """Whether oslo.messaging finds hosts: for it they all end at the first /, ? or #, and each begins after an @."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    bare = False
    for server in parts.netloc.split(","):
        _credentials, at, place = server.rpartition("@") if server.count("@") < 2 else ("", "", "@")
        port = place.rpartition("]")[2].partition(":")[2]
        if "@" in place or (port and not (port.isascii() and port.isdigit())):
            return False
        bare = bare or not at
    # What looks like a host and its port may be a user and the beginning of the password.
    return not (bare and "@" in parts.path + parts.query + parts.fragment)


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _place(match: re.Match[str]) -> tuple[str, str]:
    host = match["server"].split("://", 1)[1].rpartition("@")[2].rstrip("/")
    return (host if re.search(r":\d+$", host) else f"{host}:3306"), match["name"]


def _parts(default: str) -> dict[str, object]:
    parsed = urlparse(default)
    parts: dict[str, object] = {
        "scheme": parsed.scheme,
        "username": parsed.username,
        "password": parsed.password,
        "hostname": parsed.hostname,
        "port": parsed.port,
        "path": parsed.path.lstrip("/"),
        "query": parsed.query,
        "fragment": parsed.fragment,
    }
    if "," in parsed.netloc:
        for index, piece in enumerate(parsed.netloc.split(","), 1):
            parts.update({f"{key}{index}": value for key, value in _piece(piece).items()})
    return parts


def _piece(netloc: str) -> dict[str, str | None]:
    credentials, at, place = netloc.partition("@")
    if not at:
        credentials, place = "", netloc
    user, colon, password = credentials.partition(":")
    host, port = _host_and_port(place)
    return {
        "username": user if colon or at else "",
        "password": password if colon else None,
        "hostname": host,
        "port": port,
    }


def _host_and_port(place: str) -> tuple[str, str | None]:
    if place.startswith("["):
        host, _bracket, port = place[1:].partition("]")
        return host, port.lstrip(":") or None
    host, colon, port = place.partition(":")
    return host, port if colon else None
