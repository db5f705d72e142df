# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lossless editor for the files that oslo.config reads, with exactly oslo.config's reading rules.

The last value of a repeated key counts, unless the option is multi-valued; a section may be opened again;
section names are compared in lower case, except DEFAULT; an indented line continues the value above it, even
when it looks like a comment; nothing behind a value is a comment; one outer pair of quotes is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from io import StringIO

Mask = Callable[[str, str, str], str]

# "#key = sample" is what oslo.config's generator writes; "# key = ..." is what people write.
_SAMPLE = re.compile(r"[#;](?P<blank>[ \t]*)(?P<key>[A-Za-z][\w.-]*)[ \t]*[=:]")


class IniError(ValueError):
    """A file that oslo.config refuses; ``line`` counts from 1."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(f"line {line}: {cause}")
        self.line = line
        self.cause = cause


def normalized(section: str) -> str:
    """The section's name as oslo.config compares it."""
    return section if section == "DEFAULT" else section.lower()


@dataclass
class Block:
    """Lines that belong together, with their endings: an assignment, a section's header, or anything else."""

    lines: list[str]
    number: int
    section: str | None
    is_header: bool = False
    sample_of: str = ""


@dataclass
class Assignment(Block):
    """``key`` and its value; ``text`` is the value as oslo.config reads it, before substitution."""

    key: str = ""
    text: str = ""
    start: int = 0
    """Where the value begins in the first line."""

    @property
    def written(self) -> str:
        """The value's text as it stands in the file."""
        first = self.lines[0][self.start :]
        return "".join([first, *self.lines[1:]]).rstrip()


@dataclass
class IniFile:
    """A parsed file. Edits keep every byte that they do not have to change."""

    blocks: list[Block] = field(default_factory=list)
    newline: str = "\n"

    @classmethod
    def parse(cls, text: str) -> IniFile:
        """Read a file's text (endings untranslated). Raises IniError where oslo.config would refuse it."""
        lines = list(StringIO(text, newline=""))
        blocks: list[Block] = []
        section: str | None = None
        current: Assignment | None = None
        for number, raw in enumerate(lines, 1):
            line = raw.rstrip()
            if current is not None and line.startswith((" ", "\t")):
                current.lines.append(raw)
                current.text += "\n" + line.lstrip()
                continue
            current = None
            if not line:
                blocks.append(Block([raw], number, section))
            elif line.startswith((" ", "\t")):
                raise IniError(number, "an indented line continues a value, but there is none above it")
            elif line.startswith("["):
                section = normalized(_section_name(line, number))
                blocks.append(Block([raw], number, section, is_header=True))
            elif line.startswith(("#", ";")):
                sample = _SAMPLE.match(line)
                blocks.append(Block([raw], number, section, sample_of=_sample(sample) if sample else ""))
            else:
                current = _assignment(raw, line, number, section)
                blocks.append(current)
        return cls(blocks, _newline(lines))

    def render(self, mask: Mask | None = None) -> str:
        """The file's text; ``mask(section, key, written)`` may replace the values, for showing it."""
        if mask is None:
            return "".join(line for block in self.blocks for line in block.lines)
        return "".join(_masked(block, mask) for block in self.blocks)

    def assignments(self) -> Iterator[Assignment]:
        """Every active assignment, in the file's order."""
        return (block for block in self.blocks if isinstance(block, Assignment))

    def sections(self) -> list[str]:
        """The sections' names, lower-cased except DEFAULT, each once, in the file's order."""
        return list(dict.fromkeys(b.section for b in self.blocks if b.is_header and b.section))

    def find(self, section: str, key: str) -> list[Assignment]:
        """The assignments of one option, in the file's order."""
        name = normalized(section)
        return [block for block in self.assignments() if block.section == name and block.key == key]

    def assign(self, section: str, key: str, written: Sequence[str]) -> None:
        """Make these, in this order, the option's values; each is one line's text as it is to be written."""
        existing = self.find(section, key)
        old = [block.written for block in existing]
        for kind, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, written, False).get_opcodes()):
            if kind == "equal":
                continue
            shared = min(i2 - i1, j2 - j1)
            for block, text in zip(existing[i1 : i1 + shared], written[j1:]):
                self._rewrite(block, text)
            for block in existing[i1 + shared : i2]:
                self._take_out(block)
            after = existing[i1 + shared - 1] if i1 + shared else None
            self._insert(section, key, written[j1 + shared : j2], after)

    def assign_last(self, section: str, key: str, written: str) -> None:
        """Write a single-valued option: its last line counts, lines before it stay."""
        existing = self.find(section, key)
        if existing:
            self._rewrite(existing[-1], written)
        else:
            self._insert(section, key, [written], None)

    def remove(self, section: str, key: str) -> None:
        """Take every assignment of the option out."""
        for block in self.find(section, key):
            self._take_out(block)

    def _rewrite(self, block: Assignment, written: str) -> None:
        if block.written == written:
            return
        head = block.lines[0][: block.start]
        if written and head.endswith(("=", ":")) and head[-2:-1] in (" ", "\t"):
            head += head[-2]
        elif not written:
            head = head.rstrip()
        ending = block.lines[-1][len(block.lines[-1].rstrip("\r\n")) :]
        self.blocks[self._index(block)] = _assignment(
            head + written + ending, head + written, block.number, block.section
        )

    def _take_out(self, block: Block) -> None:
        del self.blocks[self._index(block)]

    def _insert(self, section: str, key: str, written: Iterable[str], after: Block | None) -> None:
        lines = [f"{key} = {text}".rstrip() + self.newline for text in written]
        if not lines:
            return
        name = normalized(section)
        index = self._index(after) if after is not None else self._place(name, key)
        if index is None:
            self._finish_last_line()
            if self.blocks and self.blocks[-1].lines[-1].strip():
                self.blocks.append(Block([self.newline], 0, self.blocks[-1].section))
            self.blocks.append(Block([f"[{section}]{self.newline}"], 0, name, is_header=True))
            index = len(self.blocks) - 1
        elif index == len(self.blocks) - 1:
            self._finish_last_line()
        new = [_assignment(line, line.rstrip(), 0, name) for line in lines]
        self.blocks[index + 1 : index + 1] = new

    def _place(self, section: str, key: str) -> int | None:
        """The block behind which a new option belongs: its sample, the last option, or the header."""
        best: tuple[int, int] | None = None
        for index, block in enumerate(self.blocks):
            if block.section != section:
                continue
            rank = _rank(block, key)
            if rank and (best is None or rank >= best[0]):
                best = (rank, index)
        return None if best is None else best[1]

    def _index(self, block: Block) -> int:
        return next(i for i, candidate in enumerate(self.blocks) if candidate is block)

    def _finish_last_line(self) -> None:
        if self.blocks and not self.blocks[-1].lines[-1].endswith(("\n", "\r")):
            self.blocks[-1].lines[-1] += self.newline


def _rank(block: Block, key: str) -> int:
    if block.sample_of in (key, f" {key}"):
        return 4 if block.sample_of == key else 3
    if isinstance(block, Assignment):
        return 2
    return 1 if block.is_header else 0


def _sample(match: re.Match[str]) -> str:
    return (" " if match["blank"] else "") + match["key"]


def _section_name(line: str, number: int) -> str:
    if not line.endswith("]"):
        raise IniError(number, f"the section {line!r} does not end with ]; nothing may follow the bracket")
    if len(line) <= 2:
        raise IniError(number, "the section has no name")
    return line[1:-1]


def _assignment(raw: str, line: str, number: int, section: str | None) -> Assignment:
    delimiter = re.search("[:=]", line)
    if delimiter is None:
        raise IniError(number, "neither a section, nor a comment, nor an assignment (there is no = in it)")
    key = line[: delimiter.start()].strip()
    if not key:
        raise IniError(number, "there is no option's name before the =")
    if section is None:
        raise IniError(number, f"the option {key!r} stands before the first section")
    rest = raw[delimiter.end() :]
    start = delimiter.end() + len(rest) - len(rest.lstrip()) if rest.strip() else delimiter.end()
    value = line[delimiter.end() :].strip()
    if value and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return Assignment([raw], number, section, key=key, text=value, start=start)


def _newline(lines: Sequence[str]) -> str:
    first = lines[0] if lines else ""
    return first[len(first.rstrip("\r\n")) :] or "\n"


def _masked(block: Block, mask: Mask) -> str:
    if not isinstance(block, Assignment):
        return "".join(block.lines)
    shown = mask(block.section or "", block.key, block.written)
    if shown == block.written:
        return "".join(block.lines)
    ending = block.lines[-1][len(block.lines[-1].rstrip("\r\n")) :]
    return block.lines[0][: block.start] + shown + ending
