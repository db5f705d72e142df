# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: run_record
type: aggregate
short_description: Tell in the end what took how long, and keep a record of the run
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Prints the plays and roles of a run with their times when it is over.
  - Keeps in a file what each role did on each host and when, which tasks changed something, and which failed. The
    playbook C(stackwright.nova.drift) reports from it, and the page of C(stackwright.nova.verify) shows it.
  - The record holds names of hosts and tasks, and the commands that the modules of this collection report, in which
    secrets are masked. It is readable for its owner only.
requirements:
  - enable in configuration (C(callbacks_enabled))
extends_documentation_fragment: stackwright.nova.run_record
options:
  show_phases:
    description: Whether to print the times in the end.
    type: bool
    default: true
    env:
      - name: STACKWRIGHT_SHOW_PHASES
    ini:
      - section: callback_run_record
        key: show_phases
"""

import json
import time
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

from ..module_utils._engine.errors import CollectionError
from ..module_utils._engine.file_errors import file_error
from ..module_utils._engine.files import KEEP, LocalFiles
from ..plugin_utils._run_record import (
    CHANGED,
    FAILED,
    OK,
    SKIPPED,
    UNREACHABLE,
    Outcome,
    RunRecord,
    phases,
    record_path,
)


class CallbackModule(CallbackBase):
    """Hands what Ansible reports to the record, and writes it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stackwright.nova.run_record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._record = RunRecord("", (), False, time.time())
        self._begun: dict[tuple[str, str], float] = {}

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """The run begins."""
        name = Path(playbook._file_name).stem
        inventory = tuple(context.CLIARGS.get("inventory") or ())
        self._record = RunRecord(name, inventory, bool(context.CLIARGS.get("check")), time.time())

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """What was done so far is written: a later play may want to report it."""
        self._record.begin_play(play.get_name().strip(), time.time())
        self._write()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host begins a task."""
        self._begun[host.get_name(), task._uuid] = time.time()

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task went through on a host."""
        self._take_down(result, CHANGED if result._result.get("changed") else OK)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self._take_down(result, OK if ignore_errors else FAILED)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A host does not need a task."""
        self._take_down(result, SKIPPED)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host is not there."""
        self._take_down(result, UNREACHABLE)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """An item of a loop."""
        if result._result.get("changed"):
            self._record.take_down_item(_outcome(result, CHANGED, _label(result._result)))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The run is over."""
        self._record.end(time.time())
        self._write()
        if self.get_option("show_phases") and self._record.plays:
            self._display.banner("PHASES")
            for line in phases(self._record.as_dict()):
                self._display.display(line)
            self._display.display("")

    def _take_down(self, result: Any, status: str) -> None:
        now = time.time()
        begun = self._begun.pop((result._host.get_name(), result._task._uuid), now)
        is_loop = "results" in result._result and bool(result._task.loop or result._task.loop_with)
        take_down = self._record.count_loop if is_loop else self._record.take_down
        take_down(_outcome(result, status), begun, now)

    def _write(self) -> None:
        record = self._record
        path = record_path(self.get_option("directory"), record.inventory, record.playbook, record.check_mode)
        text = json.dumps(record.as_dict(), indent=1) + "\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            LocalFiles().write(str(path), text, KEEP, mode=0o600, backup=False)
        # A run is not to fail for its record.
        except CollectionError as error:
            self._display.warning(str(error))
        except OSError as error:
            self._display.warning(str(file_error("make", "directory", str(path.parent), error)))


def _outcome(result: Any, status: str, item: str = "") -> Outcome:
    task = result._task
    role = task._role.get_name().rpartition(".")[2] if task._role else ""
    commands = result._result.get("commands")
    return Outcome(
        host=result._host.get_name(),
        role=role,
        task=task.get_name().rpartition(" : ")[2],
        status=status,
        item=item,
        commands=tuple(map(str, commands)) if isinstance(commands, list) else (),
    )


def _label(result: Any) -> str:
    """What the task calls the item; nothing where it hides its results."""
    if result.get("_ansible_no_log"):
        return ""
    label = result.get("_ansible_item_label", "")
    return label if isinstance(label, str) else json.dumps(label, default=str)
