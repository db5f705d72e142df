# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""oslo.config's types, from their plain description: what an option makes of a text, or why it refuses it."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from typing import Any, Callable
from urllib.parse import urlsplit

Kind = Mapping[str, Any]

TRUE = ("true", "1", "on", "yes")
FALSE = ("false", "0", "off", "no")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_RANGE = re.compile(r"^(0|-?[1-9][0-9]*)(?:-(0|-?[1-9][0-9]*))?$")


class RefusedError(ValueError):
    """The reason for which an option refuses a text, as the end of a sentence that begins with the option."""


def parse(kind: Kind, text: str) -> Any:
    """What an option of this kind makes of ``text``. Raises RefusedError."""
    parser = _PARSERS.get(kind["is"])
    return text if parser is None else parser(kind, text)


def _string(kind: Kind, text: str) -> str:
    if kind.get("quotes") and text and text[0] in "\"'":
        if len(text) == 1 or text[-1] != text[0]:
            raise RefusedError("must have its quote closed")
        text = text[1:-1]
    longest = kind.get("max_length")
    if longest and len(text) > longest:
        raise RefusedError(f"must have at most {longest} characters, not {len(text)}")
    flags = re.IGNORECASE if kind.get("ignore_case") else 0
    if "regex" in kind and not re.search(kind["regex"], text, flags):
        raise RefusedError(f"must match {kind['regex']!r}")
    choices = kind.get("choices")
    if choices is None:
        return text
    fold = str.lower if flags else str
    if fold(text) not in [fold(str(choice)) for choice in choices]:
        raise RefusedError("must be one of " + _listed(choices))
    return text


def _boolean(kind: Kind, text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise RefusedError("must be true or false")


def _number(number: type, name: str) -> Callable[[Kind, str], Any]:
    def convert(kind: Kind, text: str) -> Any:
        if not text.strip():
            return None
        try:
            value = number(text.strip())
        except ValueError:
            raise RefusedError(f"must be {name}") from None
        choices = kind.get("choices")
        if choices is not None:
            if value not in choices:
                raise RefusedError("must be one of " + _listed(choices))
            return value
        least, most = kind.get("min"), kind.get("max")
        if (least is not None and value < least) or (most is not None and value > most):
            raise RefusedError(f"must be {name} {_between(least, most)}")
        return value

    return convert


def _list(kind: Kind, text: str) -> list[Any]:
    text = text.strip().rstrip(",")
    if kind.get("bounds"):
        text = _unbound(text, "[]")
    return _joined(text.split(","), lambda part: parse(kind["item"], part.strip())) if text else []


def _dict(kind: Kind, text: str) -> dict[str, Any]:
    text = text.strip()
    if kind.get("bounds"):
        text = _unbound(text, "{}")
    if not text:
        return {}
    separator = kind.get("separator", ":")

    def pair(part: str) -> tuple[str, Any]:
        key, found, value = part.partition(separator)
        if not found:
            raise RefusedError(f"must be key{separator}value pairs with commas between them")
        return key.strip(), parse(kind["value"], value.strip())

    pairs = _joined(text.split(","), pair)
    keys = [key for key, _value in pairs]
    if "" in keys or len(set(keys)) < len(keys):
        raise RefusedError("must have every key once, and none empty")
    return dict(pairs)


def _joined(parts: list[str], convert: Callable[[str], Any]) -> list[Any]:
    """Parts that are refused alone are tried together with the next: their values may hold commas."""
    result = []
    while parts:
        part = parts.pop(0)
        while True:
            try:
                result.append(convert(part))
                break
            except RefusedError:
                if not parts:
                    raise
            part += "," + parts.pop(0)
    return result


def _unbound(text: str, bounds: str) -> str:
    if not (text.startswith(bounds[0]) and text.endswith(bounds[1])):
        raise RefusedError(f"must begin with {bounds[0]} and end with {bounds[1]}")
    return text[1:-1]


def _range(kind: Kind, text: str) -> tuple[int, int]:
    match = _RANGE.match(text)
    if not match:
        raise RefusedError("must be a range such as 10-20")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    low, high = min(first, last), max(first, last)
    least, most = kind.get("min"), kind.get("max")
    if (least is not None and low < least) or (most is not None and high > most):
        raise RefusedError(f"must be a range {_between(least, most)}")
    return first, last


def _ip_address(kind: Kind, text: str) -> str:
    families = {4: [socket.AF_INET], 6: [socket.AF_INET6]}.get(
        kind.get("version", 0), [socket.AF_INET, socket.AF_INET6]
    )
    for family in families:
        try:
            socket.inet_pton(family, text)
            return text
        except (OSError, ValueError):
            continue
    raise RefusedError(
        f"must be an IPv{kind['version']} address" if "version" in kind else "must be an IP address"
    )


def _hostname(kind: Kind, text: str, extra: str = "") -> str:
    label = re.compile(rf"(?!-)[A-Z0-9{extra}-]{{1,63}}(?<!-)$", re.IGNORECASE)
    too_long = len(text) > 253
    text = text[:-1] if text.endswith(".") else text
    labels = text.split(".")
    if too_long or not all(map(label.match, labels)) or not re.search("[a-zA-Z-]", labels[-1]):
        raise RefusedError("must be a host's name")
    return text


def _host(extra: str) -> Callable[[Kind, str], str]:
    def convert(kind: Kind, text: str) -> str:
        for accept in (_ip_address, lambda kind, text: _hostname(kind, text, extra)):
            try:
                return accept(kind, text)
            except RefusedError:
                continue
        raise RefusedError("must be an IP address or a host's name")

    return convert


def _uri(kind: Kind, text: str) -> str:
    longest = kind.get("max_length")
    if longest and len(text) > longest:
        raise RefusedError(f"must have at most {longest} characters, not {len(text)}")
    try:
        url = urlsplit(text)
        complete = _SCHEME.fullmatch(url.scheme) and url.hostname
    except ValueError:
        complete = None
    if not complete:
        raise RefusedError("must be a URL with a scheme and a host")
    schemes = kind.get("schemes")
    if schemes and url.scheme.lower() not in [scheme.lower() for scheme in schemes]:
        raise RefusedError("must be a URL whose scheme is one of " + _listed(schemes))
    return text


def _between(least: Any, most: Any) -> str:
    if most is None:
        return f"of at least {least}"
    return f"of at most {most}" if least is None else f"from {least} to {most}"


def _listed(choices: Any) -> str:
    return ", ".join(str(choice) or '""' for choice in choices)


_PARSERS: dict[str, Callable[[Kind, str], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _number(int, "a whole number"),
    "float": _number(float, "a number"),
    "list": _list,
    "dict": _dict,
    "range": _range,
    "ipaddress": _ip_address,
    "hostname": _hostname,
    "hostaddress": _host(""),
    "hostdomain": _host("_"),
    "uri": _uri,
}
