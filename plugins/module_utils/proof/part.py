# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a proof: what was looked at, what was found, and what to do where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..engine.errors import CollectionError

PROVEN = "proven"
MISSING = "missing"
SKIPPED = "skipped"


@dataclass(frozen=True)
class Part:
    """One row of the proof.

    ``subject`` is the host that the part is about ("" for the cloud as a whole); ``evidence`` are the lines
    that show it: last words of a console, agents, faults.
    """

    name: str
    state: str
    detail: str
    subject: str = ""
    seconds: float = 0.0
    evidence: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def title(self) -> str:
        """The part's name with its host."""
        return f"{self.name} on {self.subject}" if self.subject else self.name

    def as_dict(self) -> dict[str, Any]:
        """The row as the modules return it."""
        row = {**asdict(self), "seconds": round(self.seconds, 1), "evidence": list(self.evidence)}
        return {"part": row.pop("name"), **row}


def from_error(name: str, error: CollectionError, *, subject: str = "", seconds: float = 0.0) -> Part:
    """The row of a part that an error ended."""
    detail = error.failure.rstrip(".")
    return Part(name, MISSING, detail, subject=subject, seconds=seconds, remedy=error.remedy)


def require(kind: str, name: str, parts: Sequence[Part], **details: Any) -> None:
    """Raise unless no part is missing; the error names all that are, and the remedy of the first."""
    missing = [part for part in parts if part.state == MISSING]
    if missing:
        raise CollectionError(
            "prove",
            kind,
            name,
            "; ".join(f"{part.title}: {part.detail}" for part in missing),
            missing[0].remedy,
            code="unproven",
            proven=False,
            parts=[part.as_dict() for part in parts],
            **details,
        )
