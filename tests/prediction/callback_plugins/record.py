# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: record
type: notification
short_description: Record what became of each host, task and item
description:
  - Appends a line of JSON for each result to the file that the environment variable PREDICTION_RECORD names.
requirements: []
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

# They change a file of the control node, for whichever host comes first.
ON_THE_CONTROL_NODE = {"stackwright.nova.cloud_description", "stackwright.nova.secrets_file"}


class CallbackModule(CallbackBase):
    """Writes the record; commands are redacted by the modules that report them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = Path(os.environ["PREDICTION_RECORD"]).open("a", encoding="utf-8")  # noqa: SIM115
        self._play = ""
        self._seen: Counter[tuple[str, ...]] = Counter()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Results do not know their play."""
        self._play = play.get_name()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task that went through on a host; of a loop its items have been recorded already."""
        self._record(result, "changed" if result.result.get("changed") else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task that failed on a host."""
        self._record(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task that a host does not need."""
        self._record(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host that is not there."""
        self._record(result, "unreachable")

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """An item of a loop."""
        self._record(result, "changed" if result.result.get("changed") else "ok", is_item=True)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """An item of a loop that failed."""
        self._record(result, "failed", is_item=True)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """An item of a loop that is not needed."""
        self._record(result, "skipped", is_item=True)

    def _record(self, result: Any, status: str, is_item: bool = False) -> None:
        if not is_item and "results" in result.result:
            return
        task = result.task
        roles = [role.get_name() for role in task.get_dep_chain() or ()]
        roles += [task._role.get_name()] if task._role else []
        place = "/".join(role.rpartition(".")[2] for role in dict.fromkeys(roles))
        item = json.dumps(result.result.get("_ansible_item_label")) if is_item else ""
        host = "control node" if task.action in ON_THE_CONTROL_NODE else result.host.get_name()
        key = (host, self._play, place, task.get_name(), item)
        # The same step may be taken several times in a play.
        self._seen[key] += task.action not in ON_THE_CONTROL_NODE
        line = {
            "host": key[0],
            "play": key[1],
            "role": place,
            "task": task.get_name().rpartition(" : ")[2],
            "item": item,
            "turn": self._seen[key],
            "status": status,
            "commands": result.result.get("commands"),
            "message": str(result.result.get("msg", "")) if status in ("failed", "unreachable") else "",
            "warnings": [str(warning) for warning in result.result.get("warnings") or ()],
        }
        print(json.dumps(line), file=self._file, flush=True)
