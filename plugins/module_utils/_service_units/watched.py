# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that processes read once, at their start, and the notes of what each process read.

A note holds for one invocation of a unit and is kept where a reboot, which ends all invocations, takes it away. It
cannot be wrong: the digests in it were taken before the process began, or nothing changed from its start to then.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Watched:
    """What an entry of ``watch`` (a file, a directory or a glob) stands for now.

    ``changed`` is the Unix time of the last change of one of its files: their ctime, which nobody can set back, as
    mtime is by ``cp -p`` and ``mv``. ``digests`` has the content's digest by path; None where one cannot be read.
    """

    changed: float = 0.0
    digests: Digests | None = field(default_factory=dict)


@dataclass(frozen=True)
class StartNote:
    """What the process of this invocation read at its start: digests by path, by entry of ``watch``."""

    invocation: str
    digests: Mapping[str, Digests]


def covers(entry: str, path: str) -> bool:
    """Whether an entry of ``watch`` stands for this file, be it there or not."""
    return path == entry or os.path.dirname(path) == entry.rstrip("/") or fnmatch.fnmatchcase(path, entry)
