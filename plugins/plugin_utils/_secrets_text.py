# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a file of secrets: values go in, and everything else in it stays. Pure.

No error shows anything of the text: YAML's own errors quote it, and it is made of secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

HEADER = "---\n# Secrets of the cloud, generated once; this file is their only copy.\n"

_TEXT = "tag:yaml.org,2002:str"
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPACE_BEHIND = re.compile(r"\s*\Z")
_SECOND_DOCUMENT = "expected a single document in the stream"

Content = Mapping[Any, Any]
Edit = tuple[int, int, str]


class RefusedTextError(Exception):
    """Why a text cannot be read or edited: says where, shows nothing of it."""


def place_of(error: BaseException) -> str:
    """Where in the text YAML gave up, for an error of PyYAML or one that has such an error as its cause."""
    seen: BaseException | None = error
    while seen is not None:
        mark = getattr(seen, "problem_mark", None)
        if mark is not None:
            return f"line {mark.line + 1}, column {mark.column + 1}"
        seen = seen.__cause__ or seen.__context__
    return ""


def spelling(text: str, name: str) -> str | None:
    """How the value of ``name`` is written; None for one that is no single value."""
    value = _entries(_root(text)).get(name)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else None


def line_of(text: str, name: str) -> int:
    """The line on which the value of ``name`` begins."""
    return int(_entries(_root(text))[name].start_mark.line) + 1


def is_vaulted(text: str, name: str) -> bool:
    """Whether the value of ``name`` is encrypted with Ansible Vault."""
    value = _entries(_root(text)).get(name)
    return value is not None and value.tag in ("!vault", "!vault-encrypted")


def with_values(text: str, values: Content, load: Callable[[str], Content]) -> str:
    """The text with the values in it; ``load`` reads a text as the next run will.

    What comes out is read again and compared before anybody may write it: RefusedTextError where a value would
    be lost, added or changed that is not among ``values``.
    """
    text = text or HEADER
    root = _root(text)
    expected = {**load(text), **values}
    for edits in _ways(text, root, values):
        candidate = _edited(text, edits)
        if _holds(root, candidate, values, expected, load):
            return candidate
    raise RefusedTextError("the text around its values has a form that cannot be edited without a loss")


def _root(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        cause = "it is no valid YAML there"
        if error.context == _SECOND_DOCUMENT:
            cause = "a second document begins there"
        refusal = RefusedTextError(f"{place_of(error)}: {cause}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        refusal = RefusedTextError(f"line {line}: it has a character that YAML does not allow")
    # Outside of the handler, so that no traceback shows the text with YAML's error.
    raise refusal


def _entries(root: yaml.Node | None) -> dict[str | None, yaml.Node]:
    """The values by name; of two with the same name the last one counts, as it does for Ansible."""
    if not isinstance(root, yaml.MappingNode):
        return {}
    return {_name(key): value for key, value in root.value if key.tag == _TEXT}


def _name(key: yaml.Node) -> str | None:
    return str(key.value) if key.tag == _TEXT else None


def _ways(text: str, root: yaml.Node | None, values: Content) -> Iterator[list[Edit]]:
    """The edits that may do it, the one that leaves the text most as it is first."""
    entries = _entries(root)
    replaced = [_replacement(text, entries[name], value) for name, value in values.items() if name in entries]
    new = {name: value for name, value in values.items() if name not in entries}
    if not new:
        yield replaced
        return
    for insertion in _insertions(text, root, new):
        yield [*replaced, insertion]


def _insertions(text: str, root: yaml.Node | None, new: Content) -> Iterator[Edit]:
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{_key(name)}: {_written(value)}" for name, value in new.items()]
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        at = text.index("{", root.start_mark.index) + 1
        yield (
            at,
            at,
            ", ".join(f"{json.dumps(name)}: {_written(value)}" for name, value in new.items())
            + (", " if root.value else ""),
        )
    elif isinstance(root, yaml.MappingNode):
        first = root.value[0][0].start_mark
        indent = " " * first.column
        end = root.end_mark.index
        yield (
            end,
            end,
            _on_a_new_line(text[:end], "".join(indent + line + line_end for line in lines), line_end),
        )
        # Where the last value would swallow what comes after it.
        yield first.index, first.index, "".join(line + line_end + indent for line in lines)
    else:
        block = "".join(line + line_end for line in lines)
        end = len(text)
        yield end, end, _on_a_new_line(text, block, line_end)
        if root is not None:
            start = root.start_mark.index
            yield start, root.end_mark.index, _on_a_new_line(text[:start], block, line_end)


def _on_a_new_line(before: str, lines: str, line_end: str) -> str:
    return lines if not before or before.endswith(("\n", "\r")) else line_end + lines


def _replacement(text: str, node: yaml.Node, value: Any) -> Edit:
    start, end = node.start_mark.index, node.end_mark.index
    # A block of lines ends where the next entry begins.
    behind = _SPACE_BEHIND.search(text[start:end])
    space = "" if text[:start].endswith((" ", "\t")) else " "
    return start, end, space + _written(value) + (behind[0] if behind else "")


def _edited(text: str, edits: list[Edit]) -> str:
    """The text after the edits; an insertion comes behind a replacement at the same place."""
    in_reverse = sorted(enumerate(edits), key=lambda numbered: (numbered[1][0], numbered[0]), reverse=True)
    for _number, (start, end, new) in in_reverse:
        text = text[:start] + new + text[end:]
    return text


def _key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and isinstance(yaml.safe_load(name), str)
    return name if plain else _written(name)


def _written(value: Any) -> str:
    # JSON is YAML on one line, whatever is in the value.
    return json.dumps(value, ensure_ascii=False)


def _holds(
    root: yaml.Node | None,
    candidate: str,
    values: Content,
    expected: Content,
    load: Callable[[str], Content],
) -> bool:
    """Whether the candidate reads as the old text with the values in it, encrypted values untouched."""
    try:
        return _others(_root(candidate), values) == _others(root, values) and _same(load(candidate), expected)
    except RefusedTextError:
        return False


def _others(root: yaml.Node | None, values: Content) -> list[Any]:
    """The entries other than ``values`` as they are written, tags included."""
    entries = root.value if isinstance(root, yaml.MappingNode) else []
    return [(_shape(key), _shape(value)) for key, value in entries if _name(key) not in values]


def _shape(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return node.tag, [(_shape(key), _shape(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return node.tag, [_shape(item) for item in node.value]
    return node.tag, node.value


def _same(one: Content, other: Content) -> bool:
    """Whether both hold the same, types included; the order of names does not matter."""
    return one.keys() == other.keys() and all(repr(one[name]) == repr(other[name]) for name in one)
