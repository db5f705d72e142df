# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewalls of a host, through nft, firewall-cmd and iptables-save."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Protocol

from .._clients.systemd import Systemd
from .._engine.errors import CollectionError
from .._engine.files import KEEP, LocalFiles, make_folder
from .._engine.process import Output, last_words, run_command
from .filters import closed_by_iptables, input_chains
from .rules import POLICY
from .state import Boot, Firewalld, State

BOOT_SCRIPT = "/etc/nftables-stackwright.nft"
BOOT_UNIT = "/etc/systemd/system/nftables.service.d/stackwright.conf"
POLICY_FILE = f"/etc/firewalld/policies/{POLICY}.xml"
_UNIT = "nftables"
_MODE = 0o644
# Policies came with it.
_POLICIES = (0, 9)
# What the network's own manager gives to a zone that runs, and gives it again after a reload.
_RUNTIME_ONLY = "interfaces:"


class Firewalls(Protocol):
    """Reads the firewalls of a host and changes them; ``LocalFirewalls`` is the real one."""

    def read(self) -> State:
        """Those that are on."""

    def change(self, script: str) -> None:
        """Have nft carry out a script, all of it or nothing."""

    def firewalld(self, words: Sequence[str]) -> None:
        """Run firewall-cmd."""

    def write(self, path: str, text: str) -> None:
        """Replace (or create) a file of ours at once."""

    def remove(self, path: str) -> None:
        """Remove a file of ours."""

    def reload_units(self) -> None:
        """Have systemd read its units."""


class LocalFirewalls:
    """The firewalls of the host that the module runs on. ``timeout`` limits each command, in seconds."""

    def __init__(self, timeout: float, systemd: Systemd) -> None:
        self._timeout = timeout
        self._systemd = systemd
        self._files = LocalFiles()

    def read(self) -> State:
        """See ``Firewalls``."""
        firewalld = self._running_firewalld()
        # firewalld of older releases has its rules there.
        others = [] if firewalld else [name for name in ("iptables", "ip6tables") if self._closed_by(name)]
        if others and shutil.which("ufw") and "Status: active" in self._ask("ufw", "status").stdout:
            others = ["ufw"]
        ruleset = (
            self._ask("nft", "--json", "--handle", "list", "ruleset").stdout if shutil.which("nft") else ""
        )
        return State(
            chains=tuple(input_chains(ruleset)) if ruleset else (),
            firewalld=firewalld,
            others=tuple(others),
            boot=self._boot(),
        )

    def change(self, script: str) -> None:
        """See ``Firewalls``."""
        self._ask("nft", "--file", "-", stdin=script)

    def firewalld(self, words: Sequence[str]) -> None:
        """See ``Firewalls``."""
        self._ask("firewall-cmd", *words)

    def write(self, path: str, text: str) -> None:
        """See ``Firewalls``."""
        make_folder(path)
        self._files.write(path, text, KEEP, mode=_MODE, backup=False)

    def remove(self, path: str) -> None:
        """See ``Firewalls``."""
        os.unlink(path)

    def reload_units(self) -> None:
        """See ``Firewalls``."""
        self._systemd.systemctl("daemon-reload")

    def _closed_by(self, program: str) -> bool:
        """Whether rules of iptables close the host; they cannot where the kernel has none, and the program fails."""
        if not shutil.which(f"{program}-save"):
            return False
        saved = self._try(f"{program}-save")
        return saved.code == 0 and closed_by_iptables(saved.stdout)

    def _boot(self) -> Boot:
        unit = self._systemd.units([_UNIT])[_UNIT]
        return Boot(
            used=unit.installed and (unit.enabled or unit.active),
            script=self._text(BOOT_SCRIPT),
            unit=self._text(BOOT_UNIT),
        )

    def _running_firewalld(self) -> Firewalld | None:
        if not shutil.which("firewall-cmd") or self._try("firewall-cmd", "--state").code:
            return None
        release = self._ask("firewall-cmd", "--version").stdout.strip()
        if tuple(int(part) for part in release.split(".")[:2] if part.isdigit()) < _POLICIES:
            return Firewalld(policies=False)
        loaded = self._try("firewall-cmd", f"--policy={POLICY}", "--list-rich-rules")
        running = zones(self._ask("firewall-cmd", "--list-all-zones").stdout)
        stored = zones(self._ask("firewall-cmd", "--permanent", "--list-all-zones").stdout)
        return Firewalld(
            file=self._text(POLICY_FILE),
            rules=None if loaded.code else tuple(loaded.stdout.split("\n")[:-1]),
            volatile=tuple(name for name, lines in running.items() if lines != stored.get(name)),
        )

    def _text(self, path: str) -> str:
        stored = self._files.read(path)
        return stored.text if stored else ""

    def _try(self, *command: str, stdin: str | None = None) -> Output:
        return run_command(command, stdin=stdin, timeout=self._timeout)

    def _ask(self, *command: str, stdin: str | None = None) -> Output:
        done = self._try(*command, stdin=stdin)
        if done.code:
            raise CollectionError(
                "ask",
                "firewall with",
                command[0],
                f"`{' '.join(command)}` says: {last_words(done.stderr, done.stdout)}",
                "Run it there, and fix what it reports",
                command=" ".join(command),
            )
        return done


def zones(listed: str) -> dict[str, list[str]]:
    """The zones as firewall-cmd lists them, without what only the running firewall knows."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in listed.splitlines():
        if line and not line[0].isspace():
            name = line.split()[0]
            found[name] = []
        elif line.strip() and not line.strip().startswith(_RUNTIME_ONLY):
            found[name].append(line.strip())
    return found
