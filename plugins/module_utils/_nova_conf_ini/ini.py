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

    def __post_init__(self) -> None:
        self._lines: dict[tuple[str, str], list[Assignment]] = {}
        for block in self.blocks:
            if isinstance(block, Assignment):
                self._lines.setdefault((block.section or "", block.key), []).append(block)

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

    def find(self, section: str, key: str) -> Sequence[Assignment]:
        """The assignments of one option, in the file's order."""
        return tuple(self._lines.get((normalized(section), key), ()))

    def names(self) -> list[tuple[str, str]]:
        """The (section, option) pairs that are set, each once."""
        return list(self._lines)

    def assign(self, section: str, key: str, written: Sequence[str]) -> None:
        """Make these, in this order, the option's values; each is one line's text as it is to be written."""
        existing = self.find(section, key)
        old = [block.written for block in existing]
        for kind, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, written, False).get_opcodes()):
            if kind == "equal":
                continue
            shared = min(i2 - i1, j2 - j1)
            at = i1 + shared
            if not existing:
                place = self._place(section, key)
            elif at:
                place = self._index(existing[at - 1]) + 1
            else:
                place = self._index(existing[0])
            self._insert(place, section, key, written[j1 + shared : j2])
            for block, text in zip(existing[i1:at], written[j1:]):
                self._rewrite(block, text)
            for block in existing[at:i2]:
                self._take_out(block)

    def assign_last(self, section: str, key: str, written: str) -> None:
        """Write a single-valued option: its last line counts, lines before it stay."""
        existing = self.find(section, key)
        if existing:
            self._rewrite(existing[-1], written)
        else:
            self._insert(self._place(section, key), section, key, [written])

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
        line = head + written
        new = _assignment(line + _ending(block.lines[-1]), line.rstrip(), block.number, block.section)
        block.lines, block.text, block.start = new.lines, new.text, new.start

    def _take_out(self, block: Assignment) -> None:
        del self.blocks[self._index(block)]
        name = (block.section or "", block.key)
        left = [line for line in self._lines[name] if line is not block]
        if left:
            self._lines[name] = left
        else:
            del self._lines[name]

    def _insert(self, index: int, section: str, key: str, written: Iterable[str]) -> None:
        if index and written:
            self._finish(self.blocks[index - 1])
        lines = [f"{key} = {text}".rstrip() for text in written]
        new = [_assignment(line + self.newline, line, 0, normalized(section)) for line in lines]
        known = self._lines.get((normalized(section), key), [])
        behind = sum(1 for block in known if self._index(block) < index)
        self.blocks[index:index] = new
        if new:
            self._lines[normalized(section), key] = [*known[:behind], *new, *known[behind:]]

    def _place(self, section: str, key: str) -> int:
        """Where a new option belongs: behind its sample, the section's last option, or its header."""
        best: tuple[int, int] | None = None
        name = normalized(section)
        for index, block in enumerate(self.blocks):
            rank = _rank(block, key) if block.section == name else 0
            if rank and (best is None or rank >= best[0]):
                best = (rank, index)
        if best is None:
            self._open(section)
            return len(self.blocks)
        return best[1] + 1

    def _open(self, section: str) -> None:
        """Begin the section at the end of the file, with an empty line before it."""
        ending = self.newline
        if self.blocks:
            last = self.blocks[-1]
            self._finish(last)
            ending = _ending(last.lines[-1])
            if last.lines[-1].strip():
                self.blocks.append(Block([ending], 0, last.section))
        self.blocks.append(Block([f"[{section}]{ending}"], 0, normalized(section), is_header=True))

    def _index(self, block: Block) -> int:
        return next(i for i, candidate in enumerate(self.blocks) if candidate is block)

    def _finish(self, block: Block) -> None:
        """Give the last line of a file its missing end."""
        if not _ending(block.lines[-1]):
            block.lines[-1] += self.newline


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
    return (_ending(lines[0]) if lines else "") or "\n"


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _masked(block: Block, mask: Mask) -> str:
    if not isinstance(block, Assignment):
        return "".join(block.lines)
    masked = mask(block.section or "", block.key, block.written)
    if masked == block.written:
        return "".join(block.lines)
    return block.lines[0][: block.start] + masked + _ending(block.lines[-1])
