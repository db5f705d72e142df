# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof consists of: parts that each say what was looked at, what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .errors import CollectionError

PROVEN = "proven"
MISSING = "missing"
SKIPPED = "skipped"


@dataclass(frozen=True)
class Part:
    """One row of a proof.

    ``state`` is PROVEN, MISSING or SKIPPED; ``subject`` is the host that the part is about ("" for none);
    ``evidence`` are lines that show what is wrong, as a log or a program has them.
    """

    name: str
    state: str
    detail: str
    subject: str = ""
    seconds: float = 0.0
    evidence: tuple[str, ...] = ()
    remedy: str = ""

    @classmethod
    def from_error(
        cls, name: str, error: CollectionError, *, subject: str = "", seconds: float = 0.0
    ) -> Part:
        """The row of a part that an error ended; its evidence is the error's detail of that name."""
        detail = error.failure.rstrip(".")
        evidence = tuple(error.details.get("evidence", ()))
        return cls(name, MISSING, detail, subject, seconds, evidence, error.remedy)

    @property
    def title(self) -> str:
        """The part's name with its host."""
        return f"{self.name} on {self.subject}" if self.subject else self.name

    def as_dict(self) -> dict[str, Any]:
        """The row as the modules return it."""
        row = {**asdict(self), "seconds": round(self.seconds, 1), "evidence": list(self.evidence)}
        return {"part": row.pop("name"), **row}


def require_proven(kind: str, name: str, parts: Sequence[Part], **details: Any) -> None:
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
