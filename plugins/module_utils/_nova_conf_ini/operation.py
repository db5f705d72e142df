# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets options in the files of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError, UnreachableError
from .._engine.files import FileStore, LocalFiles
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Stage
from .._engine.redaction import Redactor
from .._shared.services import SERVICES, find_series, series
from .catalogue import OptionCatalogue
from .client import InstalledCatalogues
from .parameters import Desired, desired
from .plan import plan
from .state import State
from .transfer import NOTHING_HANDED_OVER, Handover, NotHandedOverError, unpacked


@dataclass
class NovaConfIni(Operation[Desired, State, FileStore]):
    """Any number of options in any number of files of one service."""

    catalogues: InstalledCatalogues
    redactor: Redactor
    handover: Handover = NOTHING_HANDED_OVER

    decide = staticmethod(plan)

    def read(self) -> State:
        """The files, and the options of the release."""
        try:
            return self._state(self._catalogue())
        except UnreachableError as error:
            if self.desired.release or not self.desired.assumed_release:
                raise
            # With the options that the service will have; a strict task that writes must know them.
            try:
                assumed = self._shipped(find_series(self.desired.service, self.desired.assumed_release))
            except ValueError:
                # Older than all of which this collection has the options.
                raise error from None
            return self._state(assumed, (error,) if self.desired.validate == "strict" else ())

    def nothing(self) -> State:
        """What is known without the service: its files may be there all the same."""
        return self._state(None)

    def plan(self, current: State) -> Plan[FileStore]:
        """The changes; secrets are learnt first, so that no error has them."""
        return plan(self.desired, current, self._learn)

    def apply(self, current: State, plan: Plan[FileStore]) -> Mapping[str, Any]:
        """Replace one file after the other, each at once."""
        self.catalogues.keep()
        copies = super().apply(current, plan)
        if not self.desired.as_list:
            return next(iter(copies.values()), {})
        return {"files": [{**file, **copies.get(file["path"], {})} for file in plan.result["files"]]}

    def take(self, current: State, stage: Stage[FileStore], client: FileStore) -> Mapping[str, Any]:
        """Replace a file, and say where its old content is kept, if it is."""
        copies = [copy for step in stage.steps if (copy := self.carry_out(step, client))]
        return {stage.subject: {"backup_file": copies[0]}} if copies else {}

    def confirm(self, current: State, plan: Plan[FileStore]) -> Mapping[str, Any]:
        """Keep the options of the release for the next run."""
        self.catalogues.keep()
        return {}

    def _learn(self, secret: str) -> None:
        if "://" in secret:
            self.redactor.learn_urls(secret)
        else:
            self.redactor.learn(secret)

    def _state(self, catalogue: OptionCatalogue | None, unmet: tuple[CollectionError, ...] = ()) -> State:
        paths = [path for file in self.desired.files for path in (*file.other_files, file.path)]
        read = ((path, self.client.read(path)) for path in dict.fromkeys(paths))
        return State({path: file for path, file in read if file}, catalogue, self.handover, unmet)

    def _catalogue(self) -> OptionCatalogue | None:
        desired = self.desired
        installed = self.catalogues.version(desired.service)
        if desired.release:
            name = self._series(desired.release)
            if not installed or series(desired.service, installed) != name:
                return self._shipped(name)
        elif desired.validate != "strict" and not installed and not desired.assumed_release:
            return None
        return self._loaded(self.catalogues.catalogue(desired.service))

    def _series(self, release: str) -> str:
        try:
            return find_series(self.desired.service, release)
        except ValueError as error:
            raise CollectionError(
                "use",
                "release",
                release,
                str(error),
                "Name a series, such as zed, or a major version",
            ) from error

    def _shipped(self, name: str) -> OptionCatalogue | None:
        if self.handover.catalogue is not None:
            return self._loaded(self.handover.catalogue)
        if self.handover.may_ask:
            raise NotHandedOverError(self.desired.service, name)
        if self.desired.validate != "strict":
            return None
        raise UnreachableError(
            "check",
            "options of",
            f"{self.desired.service} ({name})",
            "the collection does not know the options of this release",
            "Install the release and leave its name out, or do not validate",
        )

    def _loaded(self, data: Mapping[str, Any]) -> OptionCatalogue:
        service = SERVICES[self.desired.service]
        return OptionCatalogue(service.name, data, service.dynamic_sections, service.modelled_sections)


def build(task: Task) -> NovaConfIni:
    """The operation for a task."""
    handover = unpacked(task.params["_handover"])
    return NovaConfIni(desired(task.params), LocalFiles(), InstalledCatalogues(), task.redactor, handover)
