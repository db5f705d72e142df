# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run waits for, and since when: pure, so that a table tests it."""

from __future__ import annotations

from dataclasses import dataclass, field

_HOSTS_NAMED = 4


@dataclass
class Progress:
    """The task that each host is at. All moments are seconds of one clock."""

    _at: dict[str, tuple[str, str, float]] = field(default_factory=dict)

    def begin(self, host: str, role: str, task: str, moment: float) -> None:
        """A host begins a task, whatever became of the one before."""
        self._at[host] = (role, task, moment)

    def end(self, host: str) -> None:
        """A host has ended its task."""
        self._at.pop(host, None)

    def lines(self, moment: float, least: float) -> list[str]:
        """A line for each task that a host has been at for ``least`` seconds, the one that takes longest first."""
        tasks: dict[tuple[str, str], list[tuple[float, str]]] = {}
        # A copy: other threads begin and end tasks meanwhile.
        for host, (role, task, begun) in dict(self._at).items():
            tasks.setdefault((role, task), []).append((moment - begun, host))
        waits = sorted(((max(hosts), name, hosts) for name, hosts in tasks.items()), reverse=True)
        return [
            f"Wait for {f'{role}: ' if role else ''}{task} on {_named(sorted(host for _time, host in hosts))}:"
            f" {_duration(longest)}"
            for (longest, _host), (role, task), hosts in waits
            if longest >= least
        ]


def _named(hosts: list[str]) -> str:
    rest = len(hosts) - _HOSTS_NAMED
    return ", ".join(hosts[:_HOSTS_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
