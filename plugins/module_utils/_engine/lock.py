# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module at a time on a host: what it has read must be true when it writes."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Callable

from .errors import CollectionError
from .waiting import Clock, wait_until

_RUN = "/run/stackwright/locks"
# Seconds; a migration of a large database takes its time.
TIMEOUT = 3600.0
_INTERVAL = 0.2
# Seconds of waiting that a user wants to know of.
_NOTICEABLE = 5.0


@contextmanager
def only_run(
    name: str, warn: Callable[[str], None], *, timeout: float = TIMEOUT, clock: Clock = time
) -> Iterator[None]:
    """Wait until no other run of the module with this name is at work on the host, and keep others waiting.

    The kernel ends the lock with the process, however that ends. Raises CollectionError when the time is over.
    """
    path = _folder() / name
    with path.open("a+") as file:
        began = clock.monotonic()
        taken = wait_until(bool, lambda: _taken(file), timeout=timeout, interval=_INTERVAL, clock=clock)
        waited = clock.monotonic() - began
        if not taken:
            holder = path.read_text().strip() or "unknown"
            raise CollectionError(
                "begin",
                "module",
                name,
                f"another run of it is at work on this host, process {holder}, and has not ended for {waited:.0f} s",
                "Let it end, or see why it hangs",
                code="locked",
            )
        if waited >= _NOTICEABLE:
            warn(f"Waited {waited:.0f} s for another run of {name} on this host.")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _folder() -> Path:
    """A folder of this user's alone: in /run for root, where nobody else can put one."""
    user = os.geteuid()
    folder = Path(_RUN if os.access("/run", os.W_OK) else f"{tempfile.gettempdir()}/stackwright-{user}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user:
        raise CollectionError(
            "use",
            "folder",
            str(folder),
            "it belongs to somebody else, and locks are to be kept there",
            "Remove it",
            code="folder_taken",
        )
    return folder
