# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``packages`` needs of a package manager, that of Debian, and that of the Red Hat family."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Protocol

from .._engine.errors import CollectionError
from .._engine.process import Output, last_words, run_command
from .._engine.waiting import Clock, wait_until
from .state import State, parse
from .tools import APT, DNF, Tools

_QUERY = (
    "dpkg-query",
    "--show",
    "--showformat",
    r"${Package}\t${db:Status-Status}\t${db:Status-Eflag}\t${Provides}\n",
)
_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_MODE": "l",
}
# A configuration file that was edited stays as it is; nobody is there to answer.
_KEEP_FILES = ("--option=Dpkg::Options::=--force-confdef", "--option=Dpkg::Options::=--force-confold")
_POLICY = "#!/bin/sh\n# stackwright.nova installs packages: their services start once they are configured.\nexit 101\n"
_LOCK_POLL_SECONDS = 2
# As apt-get and dpkg say it; the latter gives the holder's number only.
_LOCKED = re.compile(
    r"Could not get lock|Unable to (?:lock|acquire)|locked by another process|database (?:area )?is locked"
)
_HOLDER = re.compile(r"another process with pid (?P<pid>\d+)")
_ERROR_MARKS = ("E: ", "dpkg: error: ", "Error: ")
# Of each package its name and all that it provides, a line each.
_RPM_QUERY = ("rpm", "--query", "--all", "--queryformat", r"%{NAME}\n[%{PROVIDENAME}\n]")
_REMEDIES = {
    "configure": "Run dpkg --configure --pending on the host, and fix what it reports",
    "update": "Correct the host's sources of packages, or its way to the mirror",
    "install": "Correct the host's sources of packages, or the names",
}


@dataclass(frozen=True)
class Command:
    """A command of the package manager: what it does (configure, update, install), and to which packages."""

    verb: str
    argv: tuple[str, ...]
    packages: tuple[str, ...]


class PackageManager(Protocol):
    """Reads in one pass; runs one command at a time."""

    tools: Tools

    def read(self) -> State:
        """What is there."""

    def run(self, command: Command) -> None:
        """Run a command to its end, with services held back. Raises CollectionError where it fails.

        What could not be configured yet is no more than a warning: an installation may bring what it lacks.
        """

    def release(self) -> None:
        """Let packages start their services again."""


def require_success(command: Command, output: Output) -> None:
    """Raise what a command that failed says of it."""
    if not output.code:
        return
    errors = [
        line.removeprefix(mark).strip()
        for line in output.stderr.splitlines()
        for mark in _ERROR_MARKS
        if line.startswith(mark)
    ]
    updates, locked = command.verb == "update", is_locked(output)
    raise CollectionError(
        command.verb,
        "lists of packages" if updates else "packages",
        "" if updates else ", ".join(command.packages),
        "; ".join(errors) or last_words(output.stderr, output.stdout),
        "Let the other package manager finish, or end it, then run again"
        if locked
        else _REMEDIES[command.verb],
        code="locked" if locked else "failed",
        command=" ".join(command.argv),
    )


def is_locked(output: Output) -> bool:
    """Whether a command failed only because another package manager is at work."""
    return output.code != 0 and bool(_LOCKED.search(output.stderr))


def with_holder(output: Output, proc: Path = Path("/proc")) -> Output:
    """The output of dpkg with the name of the process that holds its lock."""

    def name(match: re.Match[str]) -> str:
        with contextlib.suppress(OSError):
            return f"{match[0]} ({(proc / match['pid'] / 'comm').read_text().strip()})"
        return match[0]

    return replace(output, stderr=_HOLDER.sub(name, output.stderr))


class Apt:
    """dpkg and apt-get of this host.

    ``warn`` gets what is no failure. ``root`` is another file system for the tests.
    """

    tools = APT

    def __init__(
        self,
        lock_timeout: float,
        root: str = "/",
        clock: Clock = time,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._clock = clock
        self._warn = warn
        self._lock_timeout = lock_timeout
        self._policy = Path(root, "usr/sbin/policy-rc.d")
        self._saved = Path(root, "usr/sbin/policy-rc.d.stackwright-saved")
        self._journal = Path(root, "var/lib/dpkg/updates")
        self._lists = Path(root, "var/lib/apt/lists")
        self._stamp = Path(root, "var/lib/apt/periodic/update-success-stamp")

    def read(self) -> State:
        """One call of dpkg-query, and a look at the lists."""
        output = run_command(_QUERY)
        if output.code:
            raise CollectionError(
                "read", "packages", "", last_words(output.stderr), "Run dpkg-query --show on the host"
            )
        state = parse(output.stdout)
        return replace(
            state,
            interrupted=state.interrupted or any(self._journal.glob("[0-9]*")),
            lists_age=self._age(),
            held_back=self._is_ours() or os.path.lexists(self._saved),
        )

    def run(self, command: Command) -> None:
        """See ``PackageManager``; another package manager is waited for."""
        program, *words = command.argv
        options: Sequence[str] = ()
        if command.verb == "install":
            options = _KEEP_FILES
        elif command.verb == "configure":
            options = ("--force-confdef", "--force-confold")
        self._hold_back()
        output = wait_until(
            # apt-get would wait itself for some of the locks, and then not say who holds them.
            lambda output: not is_locked(output),
            lambda: with_holder(run_command([program, *options, *words], environment=_ENVIRONMENT)),
            timeout=self._lock_timeout,
            interval=_LOCK_POLL_SECONDS,
            clock=self._clock,
        )
        try:
            require_success(command, output)
        except CollectionError as error:
            if command.verb != "configure" or is_locked(output):
                raise
            self._warn(str(error))

    def release(self) -> None:
        """Take our order away, put back one that was there before; one that came meanwhile stays."""
        if self._is_ours():
            self._policy.unlink()
        if os.path.lexists(self._policy):
            self._saved.unlink(missing_ok=True)
        elif os.path.lexists(self._saved):
            self._saved.replace(self._policy)

    def _hold_back(self) -> None:
        if self._is_ours():
            return
        if os.path.lexists(self._policy):
            self._policy.replace(self._saved)
        draft = self._policy.with_name(f".{self._policy.name}.stackwright-draft")
        draft.write_text(_POLICY)
        draft.chmod(0o755)
        draft.replace(self._policy)

    def _is_ours(self) -> bool:
        return self._policy.is_file() and self._policy.read_text(errors="replace") == _POLICY

    def _age(self) -> float | None:
        """Seconds since the lists were refreshed; an image may come with a folder that holds none.

        What is left in ``partial`` is of a refresh that was cut: some of the lists are there, and others not.
        """
        if not any(self._lists.glob("*_Packages*")) or any(self._lists.glob("partial/*")):
            return None
        newest = max(path.stat().st_mtime for path in (self._lists, self._stamp) if path.exists())
        return max(0.0, self._clock.time() - newest)


class Dnf:
    """rpm and dnf of this host. Its packages start no services, and dnf waits for others by itself."""

    tools = DNF

    def read(self) -> State:
        """One call of rpm."""
        output = run_command(_RPM_QUERY)
        if output.code:
            raise CollectionError(
                "read", "packages", "", last_words(output.stderr), "Run rpm --query --all on the host"
            )
        return State(frozenset(output.stdout.split()), lists_age=0, tools=DNF)

    def run(self, command: Command) -> None:
        """See ``PackageManager``."""
        require_success(command, run_command(command.argv))

    def release(self) -> None:
        """Nothing was held back."""
