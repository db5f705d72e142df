# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's values as the texts that stand behind ``option =``, and when two texts are read alike."""

from __future__ import annotations

from typing import Any

from .catalogue import Option
from .ini import IniFile
from .literal import decode, encode
from .values import RefusedError, parse


def texts(place: tuple[str, str], option: Option | None, value: Any, raw: bool) -> list[str]:
    """One text for each line that the option takes.

    ``option`` is None where nothing is known about it; a list then gets a line for every item. Raises
    ValueError with the end of a sentence that begins with the option, where a value cannot be written.
    """
    _check_place(*place)
    if isinstance(value, dict):
        items = [_joined(option, "dict", value)]
    elif isinstance(value, list) and option and not option.multi:
        items = [_joined(option, "list", value)]
    else:
        items = [_scalar(option, item) for item in (value if isinstance(value, list) else [value])]
    if not raw:
        return [encode(item) for item in items]
    if any(mark in item for item in items for mark in "\n\r"):
        raise ValueError("cannot hold a line break")
    return [item.strip() for item in items]


def comparable(option: Option | None, text: str) -> Any:
    """Equal for two texts from which the service reads the same."""
    (line,) = IniFile.parse(f"[s]\nk = {text}\n").find("s", "k")
    value = decode(line.text)
    if value is None:
        return "raw", line.text
    if option:
        try:
            return "read", repr(parse(option.kind, value))
        except RefusedError:
            pass
    return "text", value


def _scalar(option: Option | None, value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise ValueError("takes plain values, not lists or dictionaries in them")
    if not isinstance(value, bool):
        return "" if value is None else str(value)
    text = str(value).lower()
    choices = option.kind.get("choices", ()) if option else ()
    return next((str(choice) for choice in choices if str(choice).lower() == text), text)


def _joined(option: Option | None, kind: str, value: Any) -> str:
    if option is None or option.kind["is"] not in (kind, "any"):
        raise ValueError("takes one value, not a " + {"list": "list", "dict": "dictionary"}[kind])
    separator = option.kind.get("separator", ":")
    items = value if kind == "list" else [f"{key}{separator}{_scalar(None, v)}" for key, v in value.items()]
    text = ",".join(_scalar(None, item) for item in items)
    if option.kind.get("bounds"):
        text = f"[{text}]" if kind == "list" else f"{{{text}}}"
    if option.kind["is"] == kind and not _reads_back(option, text, value):
        raise ValueError("has an item that cannot be told from the next one when they are joined with commas")
    return text


def _reads_back(option: Option, text: str, value: Any) -> bool:
    try:
        read = parse(option.kind, text)
    except RefusedError:
        # What is wrong with the items themselves the check of the whole value finds.
        return True
    if isinstance(value, dict):
        return [str(key) for key in value] == list(read)
    plain = option.kind["item"]["is"] == "string"
    return len(read) == len(value) and (not plain or read == [_scalar(None, item) for item in value])


def _check_place(section: str, name: str) -> None:
    if not name or name != name.strip() or name[0] in "[#;" or any(mark in name for mark in "=:\n\r"):
        raise ValueError("has a name that cannot be written")
    if not section or any(mark in section for mark in "\n\r"):
        raise ValueError("is in a section whose name cannot be written")
