# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of each role: tables in its README, comments in its defaults, and all of them in docs/variables.md.

    python tools/role_tables.py     # or make readmes

Descriptions come from the argument specifications, values from the defaults; a test compares all of it.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pages
import yaml

ROOT = Path(__file__).parents[1]
ROLES = sorted(path.parents[1] for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
PAGE = ROOT / "docs/variables.md"
COMMAND = "make readmes"
TITLES = ("variable", "type", "default", "meaning")
# The entry points whose variables hold for all of the role.
MAIN = ("main", "description")
# A longer default is described in words.
WIDEST = 60
# A sentence of a description that says what a default is, where its template would say nothing to an operator.
BY_DEFAULT = "By default "
# Of a comment.
_COLUMNS = 118
_SECTION = re.compile(r"^# --- (?P<title>.+?) -+$")
_VARIABLE = re.compile(r"^(?:# )?(?P<name>[a-z]\w*):")
_MARKUP = re.compile(r"\b[CMO]\((?:\w+:)?(?P<text>[^)]+)\)")


@dataclass(frozen=True)
class Variable:
    """A row: its name, with those of the options that it lies in, and what the files say of it."""

    path: str
    kind: str
    default: str
    meaning: str


def written(role: Path) -> str:
    """The README of a role with its tables as they should be."""
    return pages.merge((role / "README.md").read_text(), COMMAND, lines(role, "###"))


def page() -> str:
    """The page of all variables as it should be."""
    found: list[str] = []
    # What all roles share comes first.
    for role in sorted(ROLES, key=lambda role: (role.name != "cloud", role.name)):
        if table := lines(role, "###"):
            found += [
                "",
                f"## {role.name}",
                "",
                f"See [the role](../roles/{role.name}/README.md).",
                "",
                *table,
            ]
    return pages.merge(PAGE.read_text(), COMMAND, found[1:])


def commented(role: Path) -> str:
    """The defaults of a role, with the description of each variable above it.

    A variable that has no default stands there as a comment with an example (``# name: value``).
    """
    options = _options(role)
    found: list[str] = []
    for line in (role / "defaults/main.yml").read_text().splitlines():
        variable = _VARIABLE.match(line)
        if variable and (spec := options.get(variable["name"])):
            while found and _is_comment(found[-1], options):
                found.pop()
            found += _comment(spec)
        found.append(line)
    return "\n".join(found) + "\n"


def _options(role: Path) -> Mapping[str, Any]:
    """The specification of what an operator sets, whatever file of tasks is taken."""
    entries = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    return {name: spec for entry in MAIN for name, spec in entries.get(entry, {}).get("options", {}).items()}


def _is_comment(line: str, options: Mapping[str, Any]) -> bool:
    """Whether a line describes the variable below it, and is no heading and no example of another one."""
    variable = _VARIABLE.match(line)
    is_example = variable is not None and variable["name"] in options
    return line.startswith("#") and not _SECTION.match(line) and not is_example


def _comment(spec: Mapping[str, Any]) -> list[str]:
    words, _by_default = _description(spec)
    text = ("Required. " if spec.get("required") else "") + words.replace("`", "")
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def lines(role: Path, level: str) -> list[str]:
    """The tables of a role: one for each section of its defaults, one for each entry point with more variables."""
    entries = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    text = (role / "defaults/main.yml").read_text()
    defaults = yaml.safe_load(text) or {}
    common = _options(role)
    found: list[str] = []
    for name, entry in entries.items():
        own = {
            option: spec
            for option, spec in entry["options"].items()
            if not option.startswith("__") and (name in MAIN or option not in common)
        }
        if not own:
            continue
        if name in MAIN:
            found += _sections(own, defaults, sections(text), level)
        else:
            found += ["", f"With `tasks_from: {name}`: {_sentence(entry['short_description'])}", ""]
            found += _table(own, defaults)
    return found


def sections(text: str) -> dict[str, str]:
    """The section of each variable in a role's defaults: the last heading above it, or an empty string."""
    found: dict[str, str] = {}
    title = ""
    for line in text.splitlines():
        if heading := _SECTION.match(line):
            title = heading["title"]
        elif variable := _VARIABLE.match(line):
            found[variable["name"]] = title
    return found


def variables(options: Mapping[str, Any], defaults: Mapping[str, Any], above: str = "") -> Iterator[Variable]:
    """The variables, each followed by the options in it."""
    for name, spec in options.items():
        path = f"{above}{name}"
        words, by_default = _description(spec)
        value = _default(name, spec, {} if above else defaults)
        yield Variable(path, _type(spec), by_default or value, words)
        yield from variables(spec.get("options", {}), {}, f"{path}.")


def _sections(
    options: Mapping[str, Any], defaults: Mapping[str, Any], titles: Mapping[str, str], level: str
) -> list[str]:
    groups: dict[str, dict[str, Any]] = {}
    for name, spec in options.items():
        groups.setdefault(titles.get(name, ""), {})[name] = spec
    found: list[str] = []
    for title, group in groups.items():
        found += ["", f"{level} {title}", ""] if title else []
        found += _table(group, defaults)
    return found[1:] if found and not found[0] else found


def _table(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    rows = [[f"`{one.path}`", one.kind, one.default, one.meaning] for one in variables(options, defaults)]
    return pages.table(TITLES, rows)


def _type(spec: Mapping[str, Any]) -> str:
    kind = str(spec.get("type", "str"))
    return f"{kind} of {spec['elements']}" if "elements" in spec else kind


def _default(name: str, spec: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    if spec.get("required"):
        return "required"
    value = spec.get("default", defaults.get(name))
    if value is None:
        return ""
    shown = value.strip() if isinstance(value, str) and value else json.dumps(value)
    # Names with two underscores mean nothing to an operator.
    is_plain = len(shown) <= WIDEST and "\n" not in shown and "__" not in shown
    return f"`{shown}`" if is_plain else "see defaults"


def _description(spec: Mapping[str, Any]) -> tuple[str, str]:
    """What a variable means, and what its description says of its default."""
    given = spec.get("description", "")
    sentences = [_plain(text) for text in (given if isinstance(given, list) else [given])]
    by_default = " ".join(text for text in sentences if text.startswith(BY_DEFAULT))
    words = [text for text in sentences if not text.startswith(BY_DEFAULT)]
    if choices := ", ".join(f"`{choice}`" for choice in spec.get("choices", ()) if choice):
        # Before an example.
        words.insert(1, f"{'Any' if spec.get('type') == 'list' else 'One'} of {choices}.")
    return " ".join(filter(None, words)), by_default.removeprefix(BY_DEFAULT).removesuffix(".")


def _plain(text: str) -> str:
    """A text without the marks of Ansible's documentation."""
    return _MARKUP.sub(r"`\g<text>`", text.strip())


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    for one in ROLES:
        (one / "README.md").write_text(written(one))
        (one / "defaults/main.yml").write_text(commented(one))
    PAGE.write_text(page())
