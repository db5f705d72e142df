# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``packages``, and the package manager of Debian as its client."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ansible.module_utils.basic import AnsibleModule

from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.process import Output, last_words, run_command
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .parameters import Desired, desired
from .plan import plan_packages
from .state import State, parse

_QUERY = ("dpkg-query", "--show", "--showformat", r"${Package}\t${db:Status-Status}\t${Provides}\n")
_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_MODE": "l",
}
# A configuration file that was edited stays as it is; nobody is there to answer.
_KEEP_FILES = ("--option=Dpkg::Options::=--force-confdef", "--option=Dpkg::Options::=--force-confold")
_POLICY = "#!/bin/sh\n# stackwright.nova installs packages: their services start once they are configured.\nexit 101\n"
_LOCK_POLL_SECONDS = 5
_REMEDIES = {
    "configure": "Run dpkg --configure --pending on the host and mend what it says",
    "update": "Correct the host's sources of packages, or its way to the mirror",
    "install": "Correct the host's sources of packages, or the names",
}


class PackageManager(Protocol):
    """What the operation needs of the package manager."""

    def read(self) -> State:
        """What is there."""

    def carry_out(self, verb: str, argv: Sequence[str]) -> Output:
        """Run a command to its end, with services held back."""

    def release(self) -> None:
        """Let packages start their services again."""


@dataclass
class InstallPackages(Operation):
    """Packages that are there, their services not started."""

    desired: Desired
    manager: PackageManager

    def read(self) -> State:
        """One look at dpkg's database."""
        return self.manager.read()

    def nothing(self) -> State:
        """Nothing installed."""
        return State()

    def plan(self, current: State) -> Plan:
        """See ``plan_packages``."""
        return plan_packages(self.desired, current)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Carry the commands out; the first that fails is the last."""
        try:
            for step in plan.steps:
                if step.action:
                    self._carry_out(step.action, step.arguments["argv"], plan.result["installed"])
        finally:
            self.manager.release()
        return {}

    def _carry_out(self, verb: str, argv: Sequence[str], names: Sequence[str]) -> None:
        output = self.manager.carry_out(verb, argv)
        if output.code:
            errors = [line[2:].strip() for line in output.stderr.splitlines() if line.startswith("E:")]
            raise CollectionError(
                verb,
                "lists of packages" if verb == "update" else "packages",
                "" if verb == "update" else ", ".join(names),
                "; ".join(errors) or last_words(output.stderr, output.stdout),
                _REMEDIES[verb],
                command=" ".join(argv),
            )


class Apt:
    """dpkg and apt-get of this host. ``root`` is another file system for the tests."""

    def __init__(self, lock_timeout: float, root: str = "/") -> None:
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
            held_back=self._is_ours() or self._saved.exists(),
        )

    def carry_out(self, verb: str, argv: Sequence[str]) -> Output:
        """Run a command to its end, with services held back; another package manager is waited for."""
        if verb == "install":
            wait = f"--option=DPkg::Lock::Timeout={self._lock_timeout:g}"
            argv = [argv[0], wait, *_KEEP_FILES, *argv[1:]]
        elif verb == "configure":
            argv = [argv[0], "--force-confdef", "--force-confold", *argv[1:]]
        deadline = time.monotonic() + self._lock_timeout
        self._hold_back()
        while True:
            output = run_command(argv, environment=_ENVIRONMENT)
            # apt-get waits for the lock itself when it installs.
            locked = output.code and verb != "install" and " lock" in output.stderr
            if not locked or time.monotonic() > deadline:
                return output
            time.sleep(_LOCK_POLL_SECONDS)

    def release(self) -> None:
        """Take our order away, put back one that was there before."""
        if self._saved.exists():
            self._saved.replace(self._policy)
        elif self._is_ours():
            self._policy.unlink()

    def _hold_back(self) -> None:
        if self._is_ours():
            return
        if self._policy.exists():
            self._policy.replace(self._saved)
        draft = self._policy.with_name(f".{self._policy.name}.{os.getpid()}")
        draft.write_text(_POLICY)
        draft.chmod(0o755)
        draft.replace(self._policy)

    def _is_ours(self) -> bool:
        return self._policy.is_file() and self._policy.read_text(errors="replace") == _POLICY

    def _age(self) -> float | None:
        """Seconds since the lists were refreshed; an image may come with a folder that holds none."""
        if not any(self._lists.glob("*_Packages*")):
            return None
        newest = max(path.stat().st_mtime for path in (self._lists, self._stamp) if path.exists())
        return max(0.0, time.time() - newest)


def build(module: AnsibleModule, redactor: Redactor) -> InstallPackages:
    """The operation that the module's parameters describe."""
    del redactor
    return InstallPackages(desired(module.params), Apt(module.params["lock_timeout"]))
