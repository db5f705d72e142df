# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook in check mode on hosts that are not there, and notes what each task would do.

    bare_hosts.py SURVEYS RECORD OPTIONS OF ANSIBLE-PLAYBOOK

All of Ansible and of the collection is the real one, but for the way to the hosts: a module runs here, and finds what
it finds on a host on which nothing is installed yet. SURVEYS is a JSON file: host to what is seen there (``facts``,
``survey``, ``hw_accel``). RECORD gets a line of JSON for each module that ran: the host, the task, the module, its
parameters and its result.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from ansible.cli.playbook import PlaybookCLI
from ansible.plugins.action import ActionBase

COLLECTION = "stackwright.nova."
MODULES = "ansible_collections.stackwright.nova.plugins.modules"
# What modules see of a host, by the part of its survey that they get.
SEEN = {"host_survey": "survey", "hw_accel_fact": "hw_accel"}


class NoFiles:
    """The files of a bare host."""

    def read(self, path: str) -> None:
        """There is none."""

    def target(self, path: str) -> None:
        """Nor is there a link."""


class NothingInstalled:
    """The option catalogues of a bare host."""

    def version(self, service: str) -> str:
        """No service is there."""
        return ""

    def catalogue(self, service: str) -> Mapping[str, Any]:
        """See ``version``."""
        from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError

        raise UnreachableError("read", "options of", service, "it is not installed", "Install it")


class NothingConfigured:
    """A host on which Nova has no configuration yet."""

    def read_settings(self) -> None:
        """There are none."""
        from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError

        raise UnreachableError("read", "configuration of", "Nova", "it is not there", "Configure it first")


def make_bare(operations: Any) -> None:
    """Let the operations of a module see a bare host."""
    for operation in operations if isinstance(operations, list) else [operations]:
        kind = type(operation).__name__
        if kind == "NovaConfIni":
            operation.client, operation.catalogues = NoFiles(), NothingInstalled()
        elif kind == "FileLines":
            operation.client = NoFiles()
        else:
            operation.read = operation.nothing
        if kind == "CellV2":
            operation.client = NothingConfigured()


class Hosts:
    """Hosts on which modules run without being there."""

    def __init__(self, surveys: Mapping[str, Any], record: Path) -> None:
        self._surveys = surveys
        self._record = record

    def run(
        self,
        action: ActionBase,
        module_name: str | None = None,
        module_args: Mapping[str, Any] | None = None,
        task_vars: Mapping[str, Any] | None = None,
        **_other: Any,
    ) -> dict[str, Any]:
        """What stands for ``ActionBase._execute_module``."""
        name = str(module_name or action._task.action)
        parameters = dict(action._task.args if module_args is None else module_args)
        host = str((task_vars or {})["inventory_hostname"])
        survey = self._surveys[host]
        if name == "ansible.legacy.setup":
            return {"ansible_facts": {f"ansible_{fact}": value for fact, value in survey["facts"].items()}}
        if not name.startswith(COLLECTION):
            raise NotImplementedError(f"{name} of another collection would run on host {host}")
        module = name.removeprefix(COLLECTION)
        result = survey[SEEN[module]] if module in SEEN else self._outcome(module, parameters)
        self._note(host, action._task.get_name(), module, parameters, result)
        return dict(result)

    def _outcome(self, module: str, parameters: dict[str, Any]) -> dict[str, Any]:
        # Not above: Ansible must first have told Python where collections are.
        from ansible_collections.stackwright.nova.plugins.module_utils._engine import runner
        from fakes.modules import run_module

        runner.change_interpreter = lambda params: None
        loaded = importlib.import_module(f"{MODULES}.{module}")
        return run_module(loaded, make_bare, check=True, invocation=True, **parameters)

    def _note(self, *what: Any) -> None:
        line = dict(zip(("host", "task", "module", "parameters", "result"), what))
        with self._record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def main() -> None:
    """Run the playbook; the exit status is Ansible's."""
    surveys, record, *options = sys.argv[1:]
    hosts = Hosts(json.loads(Path(surveys).read_text()), Path(record))

    def execute_module(self: ActionBase, *args: Any, **named: Any) -> dict[str, Any]:
        return hosts.run(self, *args, **named)

    ActionBase._execute_module = execute_module
    sys.exit(PlaybookCLI(["ansible-playbook", "--check", *options]).run())


if __name__ == "__main__":
    main()
