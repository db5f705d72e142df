# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that a module shows to a person: what failed, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any


class CollectionError(Exception):
    """A failure reported as "Cannot <verb> <kind> <name>: <cause>. <remedy>.".

    ``details`` become fields of the failed result beside ``code``, for programs that read it.
    """

    def __init__(
        self,
        verb: str,
        kind: str,
        name: str,
        cause: str,
        remedy: str,
        *,
        code: str = "failed",
        **details: Any,
    ) -> None:
        subject = f"{kind} {name}".strip()
        self.failure = f"Cannot {verb} {subject}: {_bare(cause)}"
        self.remedy = _bare(remedy)
        end = "" if self.failure.endswith("?") else "."
        super().__init__(f"{self.failure}{end} {self.remedy}.")
        self.code = code
        self.details = details


class UnreachableError(CollectionError):
    """The server or tool that holds the state does not answer, or is not installed (yet).

    Check mode takes it as "nothing exists there yet", says so in a warning, and plans from there.
    """

    def __init__(
        self,
        verb: str,
        kind: str,
        name: str,
        cause: str,
        remedy: str,
        *,
        code: str = "unreachable",
        **details: Any,
    ) -> None:
        super().__init__(verb, kind, name, cause, remedy, code=code, **details)


def plural(kind: str, things: Sized) -> str:
    """The kind in its number, for errors about one thing or several: "host", "hosts"."""
    return kind if len(things) == 1 else f"{kind}s"


def _bare(sentence: str) -> str:
    return sentence.strip().rstrip(".")
