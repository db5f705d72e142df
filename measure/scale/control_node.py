# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of ansible-playbook and of all that it starts, its connections to hosts included."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from .reading import memory, stat

# Seconds between two looks.
_INTERVAL = 1.0
_PR_SET_CHILD_SUBREAPER = 36
# What OpenSSH calls a connection that stays open for the tasks to come.
_CONNECTION = re.compile(rb"^ssh: .*\[mux\]")


def descendants(root: int, parents: Mapping[int, int]) -> set[int]:
    """The processes below one, given the parent of each."""
    children = defaultdict(list)
    for child, parent in parents.items():
        children[parent].append(child)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        below = children[waiting.pop()]
        found.update(below)
        waiting.extend(below)
    return found


def connections() -> tuple[int, float]:
    """How many connections are open, and their memory in MiB."""
    masters = _masters()
    return len(masters), sum(map(_memory, masters))


def disconnect() -> None:
    """End the connections: the hosts at the other end are about to go."""
    for process in _masters():
        os.kill(process, signal.SIGTERM)


class Memory:
    """Looks while a block runs; ``peak`` is in MiB, what processes share counted once."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Memory:
        # Connections leave the run that opens them; so they become children of this process.
        _adopt(True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        # Local hosts that start from now on are not the control node's.
        _adopt(False)

    def _look(self) -> None:
        while True:
            self.peak = max(self.peak, sum(map(_memory, descendants(os.getpid(), _parents()))))
            if self._over.wait(_INTERVAL):
                return


def _adopt(whether: bool) -> None:
    """Whether what loses its parent becomes a child of this process."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(whether), 0, 0, 0)


def _masters() -> list[int]:
    return [
        process for process in descendants(os.getpid(), _parents()) if _CONNECTION.match(_command(process))
    ]


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = int(stat(folder)[1])
        except OSError:
            continue
    return found


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _memory(process: int) -> float:
    try:
        return memory(Path("/proc", str(process)))
    except OSError:
        return 0.0
