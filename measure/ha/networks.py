# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether instances go on answering from outside, by their router, whatever happens to the controllers."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from lab.listener import Listener


class Networks:
    """A context in which these addresses are asked all the time, and after which all of them must answer again."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._listeners = [Listener(address) for address in addresses]
        self.problems: list[str] = []

    def __enter__(self) -> Networks:
        for listener in self._listeners:
            listener.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        for listener in self._listeners:
            try:
                listener.__exit__(kind, error, trace)
            except AssertionError as silent:
                self.problems.append(str(silent))

    @property
    def silence(self) -> float:
        """The longest time between two answers of one of them, in seconds."""
        return max(listener.silence for listener in self._listeners)
