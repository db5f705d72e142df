# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells, a JSON line each, when a task starts and how it ends on each host; stops before the task that is named."""

from __future__ import annotations

DOCUMENTATION = """
name: checkpoints
type: notification
short_description: Start and results of tasks as JSON lines, and a halt before one task
description: For the chaos tests only.
options:
  events:
    description: The file that the lines are appended to.
    type: str
    required: true
    env: [{name: CHECKPOINTS_EVENTS}]
  halt:
    description: >-
      The task to stop before, by its number (from 1) or by its name. The run goes on once a file of the name of
      events, with .go at its end, is there.
    type: str
    default: ""
    env: [{name: CHECKPOINTS_HALT}]
"""

import json
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

_ROOT = "/ansible_collections/stackwright/nova/"


class CallbackModule(CallbackBase):
    """One line for each start of a task, and one for each result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "checkpoints"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins on all hosts of its play; all before it have ended."""
        self._number += 1
        path = str(task.get_path() or "").rpartition(_ROOT)[2]
        name = task.get_name().strip()
        self._tell(event="task", name=name, path=path)
        halt = self.get_option("halt")
        # A name may have the role before it: "role : name".
        if halt and halt in (str(self._number), name, name.rpartition(" : ")[2]):
            self._tell(event="halt", name=name, path=path)
            go = Path(self.get_option("events") + ".go")
            while not go.exists():
                time.sleep(0.02)

    def v2_runner_on_ok(self, result: Any) -> None:
        """It ended well, with or without a change."""
        self._tell(event="ok", host=_host(result), changed=bool(_outcome(result).get("changed")))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """It failed."""
        outcome = _outcome(result)
        # The standard output keeps a failure to itself where the whole result is hidden.
        self._tell(event="failed", host=_host(result), message=str(outcome.get("msg", "")))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """The host could not be asked."""
        self._tell(event="unreachable", host=_host(result), message=str(_outcome(result).get("msg", "")))

    def _tell(self, **fields: Any) -> None:
        with Path(self.get_option("events")).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": self._number, "time": time.time(), **fields}) + "\n")


def _host(result: Any) -> str:
    return str(result._host.get_name())


def _outcome(result: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = result._result
    return outcome
