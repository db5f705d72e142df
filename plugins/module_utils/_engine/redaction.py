# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redaction by value: whatever form a secret takes, it does not leave the module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "********"

# Shorter values are masked only where they stand alone: "a" must not blot out every "a" of a message.
SHORTEST_INNER_SECRET = 4
_SCHEME = r"[a-zA-Z][\w+.-]*://"
# In the middle of a text a URL ends at a space or quote, unless only a password with one in it leads to the next @.
_URL = re.compile(rf"{_SCHEME}(?:[^\s\"'<>]*@|\S*@)[^\s\"'<>]*")
_WHOLE_URL = re.compile(rf"(?P<head>\s*{_SCHEME}[^:]*):.*@(?P<place>.*)", re.DOTALL)
# user:password@host[:port], repeated with commas: what a URL with every part percent-encoded looks like
_CREDENTIALS = re.compile(r"(?<=[/,])(?P<user>[^\s:/@,]*):(?P<password>[^\s/@,]*)@")
_SERVERS = (
    r"[^\s:/@,]*(?::[^\s/@,]*)?@[^\s/@,]*|[^\s:/@,]+:[^\s/@,]*@[^\s/@,]+(?:,[^\s:/@,]+:[^\s/@,]*@[^\s/@,]+)+"
)
_PLAIN_URL = re.compile(rf"\w[\w+.-]*://(?:{_SERVERS})(?:[/?][^@]*)?")
_QUERY_PASSWORD = re.compile(r"(?i)(?<=[?&])(?P<name>password|passwd|pwd)=(?P<password>[^&#\s\"'<>]+)")
_NUMBER = re.compile(r"\d+(?=\}$)")
# Where whoever reads a URL may cut a password that is not percent-encoded, and show one of the pieces.
_SEPARATOR = re.compile(r"[@/:?#,;&=\[\]\s]|%(?![0-9a-fA-F]{2})")
_LONGEST_RUN = 50
_CUTS = re.compile(r"[@/:?#,\s]|%(?![0-9a-fA-F]{2})")


class Redactor:
    """Masks the secrets it has learnt, in all their encodings, and the passwords inside URLs."""

    def __init__(self, secrets: Iterable[str | None] = ()) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    @property
    def values(self) -> frozenset[str]:
        """Every form of every secret learnt."""
        return frozenset(self._values)

    def learn(self, *secrets: str | None) -> None:
        """Add secrets: each is masked as it is, percent-encoded, escaped for oslo.config and as JSON."""
        for secret in secrets:
            if secret:
                self._values.update(_forms(secret))
        self._compile()

    def exempt(self, *values: str | None) -> None:
        """Take out values that are no secrets, though they came in a parameter that also holds secrets."""
        for value in values:
            if value:
                self._values -= _forms(value)
        self._compile()

    def _compile(self) -> None:
        inner = sorted((v for v in self._values if len(v) >= SHORTEST_INNER_SECRET), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, inner))) if inner else None

    def learn_urls(self, *urls: str | None) -> None:
        """Add the passwords inside URLs, as written and decoded.

        Of a password that is not percent-encoded each piece is added as well: it may end up as the host, the port
        or the database in somebody's error.
        """
        for url in urls:
            for password in _passwords(url or ""):
                self.learn(password, unquote(password))
                if _CUTS.search(password):
                    self._values.update(_pieces(password))
        self._compile()

    def text(self, value: str) -> str:
        """The text without the secrets."""
        if value in self._values:
            return MASK
        if self._pattern:
            value = self._pattern.sub(MASK, value)
        return _without_query_password(_URL.sub(lambda match: _without_user_password(match[0]), value))

    def __call__(self, value: Any) -> Any:
        """The same structure with every string in it (keys included) redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self(item) for item in value]
        return value


def masked_url(url: str) -> str:
    """One URL without its passwords, whatever characters they have."""
    return _without_query_password(_without_user_password(url))


def _without_query_password(text: str) -> str:
    return _QUERY_PASSWORD.sub(lambda match: f"{match['name']}={MASK}", text)


def _without_user_password(url: str) -> str:
    if _is_plain(url):
        return _CREDENTIALS.sub(lambda match: f"{match['user']}:{MASK}@", url)
    # A password with raw separators in it: all from the first colon to the last @ may belong to it.
    match = _WHOLE_URL.fullmatch(url)
    return f"{match['head']}:{MASK}@{match['place']}" if match else url


def _is_plain(url: str) -> bool:
    """Whether the URL can be read in one way only.

    Servers with users of several names may as well be one, with a password that has @ and commas in it.
    """
    users = {_NUMBER.sub("", match["user"]) for match in _CREDENTIALS.finditer(url)}
    return len(users) < 2 and bool(_PLAIN_URL.fullmatch(url))


def _passwords(url: str) -> list[str]:
    return _user_passwords(url) + [match["password"] for match in _QUERY_PASSWORD.finditer(url)]


def _user_passwords(url: str) -> list[str]:
    if _is_plain(url):
        return [match["password"] for match in _CREDENTIALS.finditer(url)]
    match = _WHOLE_URL.fullmatch(url)
    return [url[match.end("head") + 1 : match.start("place") - 1]] if match else []


def _pieces(password: str) -> Iterator[str]:
    """What stands between any two separators; where that is too short to be masked, with the separators."""
    end_of_all = len(password)
    cuts = [(0, 0), *(match.span() for match in _SEPARATOR.finditer(password)), (end_of_all, end_of_all)]
    for number, (outer_begin, begin) in enumerate(cuts[:-1], 1):
        for end, outer_end in cuts[number : number + _LONGEST_RUN]:
            piece = password[begin:end]
            if len(piece) < SHORTEST_INNER_SECRET:
                around = (
                    password[outer_begin:end],
                    password[begin:outer_end],
                    password[outer_begin:outer_end],
                )
                yield from (wider for wider in around if len(wider) >= SHORTEST_INNER_SECRET)
            else:
                # Names of hosts are put into small letters.
                yield from (piece, unquote(piece), piece.lower())


def _forms(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        secret.replace("$", "\\$"),
        secret.replace("$", "$$"),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
    }
