# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redaction by value: whatever form a secret takes, it does not leave the module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "********"

# Shorter values are masked only where they stand alone: "a" must not blot out every "a" of a message.
SHORTEST_INNER_SECRET = 4
_URL = re.compile(r"[a-zA-Z][\w+.-]*://[^\s\"'<>]*@[^\s\"'<>]*")
# user:password@host[:port], repeated with commas: what a URL with every part percent-encoded looks like
_CREDENTIALS = re.compile(r"(?<=[/,])(?P<user>[^\s:/@,]*):(?P<password>[^\s/@,]*)@")
_PLAIN_AUTHORITY = re.compile(r"\w[\w+.-]*://([^\s:/@,]*(:[^\s/@,]*)?@[^\s/@,]*,?)+([/?][^@]*)?")


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
        """Add the passwords inside URLs, as written and decoded."""
        for url in urls:
            for match in _CREDENTIALS.finditer(url or ""):
                self.learn(match["password"], unquote(match["password"]))

    def text(self, value: str) -> str:
        """The text without the secrets."""
        if value in self._values:
            return MASK
        if self._pattern:
            value = self._pattern.sub(MASK, value)
        return _URL.sub(lambda match: _masked_url(match[0]), value)

    def __call__(self, value: Any) -> Any:
        """The same structure with every string in it (keys included) redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self(item) for item in value]
        return value


def _masked_url(url: str) -> str:
    if _PLAIN_AUTHORITY.fullmatch(url):
        return _CREDENTIALS.sub(lambda match: f"{match['user']}:{MASK}@", url)
    # A password with raw separators in it: all from the first colon to the last @ may belong to it.
    scheme, rest = url.split("://", 1)
    credentials, host = rest.rsplit("@", 1)
    user = credentials.split(":", 1)[0]
    return f"{scheme}://{user}:{MASK}@{host}"


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
