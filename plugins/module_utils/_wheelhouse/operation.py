# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``wheelhouse``."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.operation import Operation, Task
from .client import Pip
from .parameters import Desired, desired
from .plan import plan


@dataclass
class Wheelhouse(Operation[Desired, bool, Pip]):
    """The wheels of a lock, in one archive."""

    decide = staticmethod(plan)

    def read(self) -> bool:
        """Look for the archive."""
        return self.client.read(self.desired)


def build(task: Task) -> Wheelhouse:
    """The operation that the module's parameters describe."""
    wish = desired(task.params)
    # Proxies and indexes may have passwords in their URLs.
    task.redactor.learn_urls(wish.index_url, *wish.environment.values())
    return Wheelhouse(wish, Pip())
