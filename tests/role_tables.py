# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of each role as a table in its README, made of its argument specification and its defaults.

    python tests/role_tables.py     # or make readmes

A test holds the tables against both files, so that no README tells of a variable what is no longer true.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pages
import yaml

ROOT = Path(__file__).parents[1]
ROLES = sorted(path.parents[1] for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
COMMAND = "make readmes"
TITLES = ("variable", "type", "default", "meaning")
# What an operator sets the variables of, whatever file of tasks is taken.
MAIN = ("main", "description")
# A longer default is for the file to show.
WIDEST = 60


def written(role: Path) -> str:
    """The README of a role with its tables as they should be."""
    return pages.merge((role / "README.md").read_text(), COMMAND, lines(role))


def lines(role: Path) -> list[str]:
    """The tables of a role: one for all of its tasks, one for each entry point that has variables of its own."""
    entries = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((role / "defaults/main.yml").read_text()) or {}
    common = {name for entry in MAIN for name in entries.get(entry, {}).get("options", {})}
    found: list[str] = []
    for name, entry in entries.items():
        own = {
            option: spec
            for option, spec in entry["options"].items()
            if not option.startswith("__") and (name in MAIN or option not in common)
        }
        if own and name not in MAIN:
            found += ["", f"With `tasks_from: {name}`: {_sentence(entry['short_description'])}", ""]
        if own:
            found += pages.table(TITLES, _rows(own, defaults))
    return found


def _rows(options: Mapping[str, Any], defaults: Mapping[str, Any], above: str = "") -> Iterator[list[str]]:
    for name, spec in options.items():
        path = f"{above}{name}"
        yield [f"`{path}`", _type(spec), _default(name, spec, {} if above else defaults), _meaning(spec)]
        yield from _rows(spec.get("options", {}), {}, f"{path}.")


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
    # Names with two underscores tell an operator nothing.
    is_plain = len(shown) <= WIDEST and "\n" not in shown and "__" not in shown
    return f"`{shown}`" if is_plain else "see defaults"


def _meaning(spec: Mapping[str, Any]) -> str:
    description = spec.get("description", "")
    text = " ".join(description if isinstance(description, list) else [description]).strip()
    choices = ", ".join(f"`{choice}`" for choice in spec.get("choices", ()) if choice)
    return f"{text} One of {choices}." if choices else text


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    for one in ROLES:
        (one / "README.md").write_text(written(one))
