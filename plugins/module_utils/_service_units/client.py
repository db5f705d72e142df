# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``service_units`` reads beside systemd: the files that units watch, the notes of it, and the broker's queues."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import socket
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from .._clients import amqp, rabbitmqctl
from .._clients.amqp import BrokerLogin
from .._engine.errors import CollectionError, UnreachableError
from .watched import StartNote, Watched

# Digests of files with secrets would let others try passwords: only their owner, root, may come in here.
_FOLDER = "/run/stackwright/service_units"
_FOLDER_MODE = 0o700
_GLOB = re.compile(r"[*?\[]")
_CHUNK = 1 << 20


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
            with suppress(OSError, ValueError, LookupError, TypeError):
                with open(self._path(unit), encoding="utf-8") as file:
                    note = json.load(file)
                found[unit] = StartNote(note["invocation"], dict(note["digests"]))
        return found

    def write_note(self, unit: str, note: StartNote) -> None:
        """Replace the unit's note at once."""
        with suppress(OSError):
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


class Broker:
    """The broker with a login.

    A broker logs an error when it is asked over AMQP for a queue that is not there yet. So one on this host is asked
    with its own program; that takes some seconds, and is not needed any more where the queues are there.
    """

    def __init__(self, login: BrokerLogin) -> None:
        self._login = login
        self._starting = False

    def starting(self) -> None:
        """Note that what consumes queues is only being started."""
        self._starting = True

    def unconsumed(self, queues: Sequence[str]) -> Mapping[str, str]:
        """Those of the queues that nobody consumes, each with the cause."""
        if self._starting and any(map(is_local, self._login.hosts)):
            try:
                consumed = rabbitmqctl.consumed_queues(self._login.vhost)
            except UnreachableError:
                pass
            except CollectionError as error:
                # How long to wait is known to whoever waits.
                if error.code != "timeout":
                    raise
                return dict.fromkeys(queues, "the broker has not said yet who consumes it")
            else:
                return {queue: "nobody consumes it" for queue in queues if queue not in consumed}
        return amqp.unconsumed(self._login, queues)


def is_local(host: str) -> bool:
    """Whether a name or an address is one of this host's own: only these can be listened on."""
    with suppress(OSError):
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as attempt, suppress(OSError):
                attempt.bind(address)
                return True
    return False


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
    """The files, and the directories whose change shows that a file came or went."""
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
        with suppress(OSError):
            yield look(path).st_ctime
