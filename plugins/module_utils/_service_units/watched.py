# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that processes read once, at their start, and the notes of what each process read.

A note holds for one invocation of a unit and is kept where a reboot, which ends all invocations, takes it away. It
cannot be wrong: the digests in it were taken before the process began, or nothing changed from its start to then.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# Digests of files with secrets would let others try passwords: only their owner, root, may come in here.
_FOLDER = "/run/stackwright/service_units"
_FOLDER_MODE = 0o700
_GLOB = re.compile(r"[*?\[]")
_CHUNK = 1 << 20

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Watched:
    """What an entry of ``watch`` (a file, a directory or a glob) stands for now.

    ``changed`` is the Unix time of the last change of one of its files: their ctime, which nobody can set back, as
    mtime is by ``cp -p`` and ``mv``. ``digests`` tell the content by path; None where one cannot be read.
    """

    changed: float = 0.0
    digests: Digests | None = field(default_factory=dict)


@dataclass(frozen=True)
class StartNote:
    """What the process of this invocation read at its start: digests by path, by entry of ``watch``."""

    invocation: str
    digests: Mapping[str, Digests]


class HostFiles:
    """The files of this host; notes that cannot be written (or read) are done without."""

    def __init__(self, folder: str = _FOLDER) -> None:
        self._folder = folder

    def watched(self, entries: Sequence[str]) -> dict[str, Watched]:
        """What the entries stand for."""
        return {entry: _watched(entry) for entry in entries}

    def notes(self, units: Sequence[str]) -> dict[str, StartNote]:
        """The notes that there are."""
        found = {}
        for unit in units:
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
                with open(self._path(unit), encoding="utf-8") as file:
                    note = json.load(file)
                found[unit] = StartNote(note["invocation"], dict(note["digests"]))
        return found

    def write_note(self, unit: str, note: StartNote) -> None:
        """Replace the unit's note at once."""
        with contextlib.suppress(OSError):
            os.makedirs(self._folder, _FOLDER_MODE, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump({"invocation": note.invocation, "digests": note.digests}, file)
                os.replace(draft, self._path(unit))
            except BaseException:
                os.unlink(draft)
                raise

    def _path(self, unit: str) -> str:
        return os.path.join(self._folder, f"{unit}.json")


def covers(entry: str, path: str) -> bool:
    """Whether an entry of ``watch`` stands for this file, be it there or not."""
    return path == entry or os.path.dirname(path) == entry.rstrip("/") or fnmatch.fnmatchcase(path, entry)


def _watched(entry: str) -> Watched:
    # Digests first: a change between the two is seen by its time now, and by its digest the next time.
    files, folders = _places(entry)
    digests: dict[str, str] | None = {}
    for path in files:
        digest = _digest(path)
        if digest is None:
            digests = None
        elif digest and digests is not None:
            digests[path] = digest
    times = [time for path in (*files, *folders) for time in _change_times(path)]
    return Watched(max(times, default=0.0), digests)


def _places(entry: str) -> tuple[list[str], list[str]]:
    """The files, and the directories whose change tells that a file came or went."""
    if os.path.isdir(entry):
        return _files_in(entry), [entry]
    if _GLOB.search(entry) and not os.path.lexists(entry):
        files = sorted(path for path in glob.glob(entry) if not os.path.isdir(path))
        return files, glob.glob(os.path.dirname(entry))
    return [entry], []


def _files_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                each.path for each in entries if not each.name.startswith(".") and not each.is_dir()
            )
    except OSError:
        return []


def _digest(path: str) -> str | None:
    """The digest of the file; "" where there is none, None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return ""
    except OSError:
        return None
    return digest.hexdigest()


def _change_times(path: str) -> Iterator[float]:
    """Of the file, and of the symbolic link that leads to it."""
    for look in (os.stat, os.lstat):
        with contextlib.suppress(OSError):
            yield look(path).st_ctime
