# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: aggregate
short_description: Say what a run waits for, and how long already
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - While a task takes long (packages, a schema, services that start, an instance that boots), says every few seconds
    which one it is, on which hosts, and since when, in one line on the standard error.
  - It is silent where the standard output is not made for persons (any C(stdout_callback) but those of Ansible that
    show tasks one after the other), and while a task waits for somebody to type something.
  - P(stackwright.nova.run_record#callback) reports in the end what took how long.
requirements:
  - enable in configuration (C(callbacks_enabled))
options:
  interval:
    description: Seconds between two lines, and how long a task is waited for in silence.
    type: float
    default: 15
    env:
      - name: STACKWRIGHT_PROGRESS_INTERVAL
    ini:
      - section: callback_progress
        key: interval
"""

import threading
import time
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase

from ..plugin_utils._progress import Progress

_FOR_PERSONS = {"default", "debug", "yaml"}
_ASKS = {"pause"}


class CallbackModule(CallbackBase):
    """Hands beginnings and ends of tasks to the progress, and has a separate thread that shows it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stackwright.nova.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._progress = Progress()
        self._over = threading.Event()

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """The run begins. A thread that is left over ends with the process."""
        if constants.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in _FOR_PERSONS:
            threading.Thread(target=self._show, name="progress", daemon=True).start()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host begins a task."""
        if task.action.rpartition(".")[2] in _ASKS:
            self._progress.end(host.get_name())
            return
        role = task._role.get_name().rpartition(".")[2] if task._role else ""
        name = task.get_name().rpartition(" : ")[2]
        self._progress.begin(host.get_name(), role, name, time.monotonic())

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went through on a host."""
        self._progress.end(result._host.get_name())

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self._progress.end(result._host.get_name())

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A host does not need a task."""
        self._progress.end(result._host.get_name())

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host is not there."""
        self._progress.end(result._host.get_name())

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self._over.set()

    def _show(self) -> None:
        interval = self.get_option("interval")
        while not self._over.wait(interval):
            for line in self._progress.lines(time.monotonic(), interval):
                # Ansible starts no process while it writes a line. Unlike the standard output, this one is not held
                # back where it leads into a file.
                self._display.display(line, stderr=True)
