# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``clouds_file``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._clients.openstack_secrets import learn_secrets
from .._engine.errors import CollectionError, UnreachableError
from .._engine.files import KEEP, FileStore, LocalFiles, make_folder
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._engine.redaction import Redactor
from .parameters import Desired, desired
from .plan import CloudsFileWriter, plan
from .state import State


@dataclass
class CloudsFile(Operation[Desired, State, CloudsFileWriter]):
    """One cloud of a clouds.yaml."""

    def __init__(self, desired: Desired, files: FileStore, redactor: Redactor) -> None:
        self.desired = desired
        self.files = files
        self.redactor = redactor

    def read(self) -> State:
        """The file. Raises UnreachableError where there is no PyYAML, CollectionError where it is no clouds.yaml."""
        yaml = _yaml()
        stored = self.files.read(self.desired.path)
        if stored is None:
            return State()
        try:
            document = yaml.safe_load(stored.text)
        except yaml.YAMLError as error:
            # What the parser says quotes the file, and with it passwords.
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark else "it"
            raise self._refused(f"{place} is no YAML") from None
        document = {} if document is None else document
        if not isinstance(document, dict):
            raise self._refused("it holds no dictionary")
        clouds = document.get("clouds")
        if clouds is not None and not isinstance(clouds, dict):
            raise self._refused("its clouds are no dictionary")
        return State(document, stored.mode)

    def nothing(self) -> State:
        """No client, and no file for it."""
        return State()

    def plan(self, current: State) -> Plan[CloudsFileWriter]:
        """The file with the cloud; its secrets are learnt first, so that no diff has them."""
        for entry in (self.desired.entry, current.clouds.get(self.desired.name)):
            if isinstance(entry, Mapping) and isinstance(entry.get("auth"), Mapping):
                learn_secrets(self.redactor, entry["auth"])
        return plan(self.desired, current)

    def apply(self, current: State, plan: Plan[CloudsFileWriter]) -> Mapping[str, Any]:
        """Write the file."""
        for step in plan.steps:
            self.carry_out(step, self)
        return {}

    def write(self, path: str, document: Mapping[str, Any], mode: int) -> None:
        """Replace the file at once, and make its folder if only that is missing."""
        make_folder(path)
        text = _yaml().safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
        self.files.write(path, text, KEEP, mode=mode, backup=False)

    def _refused(self, cause: str) -> CollectionError:
        return CollectionError(
            "read", "file", self.desired.path, cause, "Correct it; it was left as it is", code="unreadable"
        )


def _yaml() -> Any:
    try:
        import yaml
    except ImportError as error:
        raise UnreachableError(
            "use", "Python library", "yaml", f"it cannot be imported ({error})", "Install python3-yaml"
        ) from error
    return yaml


def build(task: Task) -> CloudsFile:
    """The operation that the module's parameters describe."""
    return CloudsFile(desired(task.params), LocalFiles(), task.redactor)
