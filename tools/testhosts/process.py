"""Processes that outlive the tool, remembered so that a pid is never mistaken for another process."""

import json
import os
import signal
import time
from pathlib import Path

from . import paths


def start_time(pid: int, proc: Path = Path("/proc")) -> int | None:
    """When a process began, in clock ticks since boot; None when there is none (a zombie counts as none)."""
    try:
        # The command name, in parentheses, may hold anything: read from the last one on.
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def boot_id() -> str:
    """Which run of the kernel this is: start times of another run mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def remember(record: Path, pid: int) -> None:
    """Write down a process that was just started."""
    paths.write(record, json.dumps({"pid": pid, "start_time": start_time(pid), "boot_id": boot_id()}))


def alive(record: Path, proc: Path = Path("/proc")) -> int | None:
    """The pid of the remembered process if that very process still runs."""
    try:
        known = json.loads(record.read_text())
        pid, began, boot = known["pid"], known["start_time"], known["boot_id"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return pid if began is not None and boot == boot_id() and start_time(pid, proc) == began else None


def kill(record: Path) -> None:
    """End the remembered process, if it still runs, and forget it."""
    pid = alive(record)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        while alive(record) is not None:
            time.sleep(0.02)
    record.unlink(missing_ok=True)
