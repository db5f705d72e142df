# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain words, as docs/style.md wants them: in names, messages, comments, docstrings and documents."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDERS = ("docs", "measure", "molecule", "playbooks", "plugins", "roles", "tests", "tools")
# Data that others wrote, and the two files that quote the words.
EXEMPT = (
    "docs/style.md",
    "plugins/plugin_utils/_option_catalogues",
    "tests/plans/kept",
    "tests/seeds",
    "tests/unit/house/test_words.py",
)
CALQUES = {
    "mend": r"\bmend(s|ed|ing)?\b",
    "anew": r"\banew\b",
    "told": r"\b(is|are|was|were|be|been) told\b(?! (apart|from|to)\b)|\btold (in|by|at|as)\b",
    "tells": r"\btell(s|ing)? of\b",
    "by which": r"\bby (which|whom)\b",
    "goes by": r"\b(go|goes|going|went) by\b(?! the name)",
    "besides": r"\bbesides\b",
    "of its own": r"\b(a|an|no|any) ([\w-]+ ){1,3}of (its|their) own\b",
    "comes to TLS": r"\bcom(e|es|ing) to TLS\b|\bby the switch\b",
    "at rest": r"(?<!data )(?<!encrypted )\bat rest\b",
    "by itself": r"\b(ends?|sees?|comes?|goes|starts?|heals?) (\w+ )?by (itself|themselves)\b",
    "to be had": r"\b(not|nowhere|longer|more) to be had\b|\bto be had (no|any)\b",
    "another make": r"\bof (another|other) make\b",
    "last words": r"\blast words\b",
    "further cell": r"\bfurther cells?\b",
    "British spelling": r"\b(behaviour|colour|favour|honour|neighbour|licens|initialis|organis|recognis|serialis)"
    r"(s|ed|es|ing|ation)?\b(?!\.yml)",
}
FOUND = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in CALQUES.items()}
LONGEST = 30
# Files and folders that are not rewritten yet. Take a line out when its last finding is gone.
NOT_YET: tuple[str, ...] = (
    "docs/reliability.md",
    "measure/releases/rows.yml",
    "molecule/cells/molecule.yml",
    "roles/cloud/vars",
    "roles/compute/vars/main.yml",
)
SENTENCES_NOT_YET: tuple[str, ...] = ()


def texts() -> list[Path]:
    paths = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".md", ".py", ".yml"} and "__pycache__" not in path.parts
    ]
    return [
        path
        for path in [*paths, ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
        if not any(of(path).startswith(name) for name in EXEMPT)
    ]


def of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def words(path: Path) -> list[str]:
    """What a person reads in the file, without code."""
    text = path.read_text(encoding="utf-8")
    parts = list(of_python(text)) if path.suffix == ".py" else [text]
    return [plain(part) for part in parts]


def of_python(text: str) -> Iterator[str]:
    """Strings of several words, whole however many lines they are written on, and comments."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
    comments = [
        token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    yield "\n".join(comments)


def plain(text: str) -> str:
    """On one line, without blocks and words of code."""
    text = re.sub(r"^```.*?^```", " ", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"``[^`]*``|`[^`\n]*`|\b[A-Z]\([^)]*\)|https?://\S+", "X", text)
    return re.sub(r"\s+(# )?", " ", text)


def calques(text: str) -> list[str]:
    return [
        f"{name}: {text[max(0, hit.start() - 30) : hit.end() + 20]}"
        for name, found in FOUND.items()
        for hit in found.finditer(text)
    ]


def long_sentences(text: str) -> list[str]:
    """Sentences of more words than an operator reads at a glance."""
    return [one for one in re.split(r"(?<=[.:;?!])\s+", plain(text)) if len(one.split()) > LONGEST]


def for_operators(path: Path) -> list[str]:
    """Paragraphs and cells of a document, descriptions of a module, messages of a task."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        return re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.) |\n#+ |\|", text)
    if path.suffix == ".py":
        found = re.search(r'^DOCUMENTATION = r?"""(.*?)"""', text, re.MULTILINE | re.DOTALL)
        return list(descriptions(yaml.safe_load(found[1]))) if found else []
    return (
        list(descriptions(yaml.safe_load(text))) if "tasks" in path.parts or "playbooks" in path.parts else []
    )


def descriptions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"description", "fail_msg", "msg", "name", "notes", "short_description"}:
                yield from (
                    [inner] if isinstance(inner, str) else filter(lambda one: isinstance(one, str), inner)
                )
            yield from descriptions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from descriptions(inner)


def listed(path: str, names: tuple[str, ...]) -> bool:
    return any(path == name or path.startswith(f"{name}/") for name in names)


OPERATORS = [
    path
    for path in texts()
    if path.suffix == ".md" or of(path).startswith(("plugins/modules", "playbooks", "roles"))
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mend it, and run again.", ["mend"]),
        ("The error is told in a warning.", ["told"]),
        ("The name cannot be told from the password.", []),
        ("HAProxy is told to leave.", []),
        ("It has a disk of its own.", ["of its own"]),
        ("Data at rest is encrypted.", []),
        ("The host is at rest.", ["at rest"]),
        ("The neighbours' behaviour", ["British spelling", "British spelling"]),
        ("`cloud_neighbours` and neighbours.yml", []),
        ("He stood beside it.", []),
    ],
)
def test_a_calque_is_found(text: str, found: list[str]) -> None:
    assert [one.partition(":")[0] for one in calques(plain(text))] == found


def test_a_long_sentence_is_found() -> None:
    assert long_sentences(" ".join(["word"] * 30) + ". Short.") == []
    assert len(long_sentences("Short. " + " ".join(["word"] * 31) + ".")) == 1


def test_texts_say_it_in_plain_words() -> None:
    found = {of(path): [one for text in words(path) for one in calques(text)] for path in texts()}
    found = {path: hits for path, hits in found.items() if hits}
    assert {path: hits for path, hits in found.items() if not listed(path, NOT_YET)} == {}
    assert [name for name in NOT_YET if not any(listed(path, (name,)) for path in found)] == []


def test_sentences_for_operators_are_short() -> None:
    found = {
        of(path): [one for text in for_operators(path) for one in long_sentences(text)] for path in OPERATORS
    }
    found = {path: hits for path, hits in found.items() if hits}
    assert {path: hits for path, hits in found.items() if not listed(path, SENTENCES_NOT_YET)} == {}
    assert [name for name in SENTENCES_NOT_YET if not any(listed(path, (name,)) for path in found)] == []
