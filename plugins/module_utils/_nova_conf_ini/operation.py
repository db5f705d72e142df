# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets options in the files of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .._engine.errors import CollectionError, UnreachableError
from .._engine.files import FileStore, LocalFiles
from .._engine.operation import Operation, Task
from .._engine.redaction import Redactor
from .._shared.services import SERVICES, find_series, series
from .catalogue import OptionCatalogue
from .client import InstalledCatalogues
from .parameters import Desired, desired
from .plan import ConfigurationPlan, plan
from .state import State
from .transfer import NOTHING_HANDED_OVER, Handover, NotHandedOverError, unpacked


class CatalogueSource(Protocol):
    """Where the option catalogues of installed services come from."""

    def version(self, service: str) -> str:
        """The installed version; "" for none."""

    def catalogue(self, service: str) -> Mapping[str, Any]:
        """The plain option catalogue. Raises UnreachableError for a service that is not installed."""

    def keep(self) -> None:
        """Keep what was read, for the runs to come."""


class NovaConfIni(Operation[State, ConfigurationPlan]):
    """Any number of options in any number of files of one service."""

    def __init__(
        self,
        desired: Desired,
        files: FileStore,
        catalogues: CatalogueSource,
        redactor: Redactor,
        handover: Handover = NOTHING_HANDED_OVER,
    ) -> None:
        self._desired = desired
        self._files = files
        self._catalogues = catalogues
        self._redactor = redactor
        self._handover = handover

    def read(self) -> State:
        """The files, and the options of the release."""
        try:
            return self._state(self._catalogue())
        except UnreachableError as error:
            if self._desired.release or not self._desired.assumed_release:
                raise
            # With the options that the service will have; a strict task that writes must know them.
            try:
                assumed = self._shipped(find_series(self._desired.service, self._desired.assumed_release))
            except ValueError:
                # Older than all of which this collection has the options.
                raise error from None
            return self._state(assumed, (error,) if self._desired.validate == "strict" else ())

    def nothing(self) -> State:
        """What is known without the service: its files may be there all the same."""
        return self._state(None)

    def plan(self, current: State) -> ConfigurationPlan:
        """The changes; secrets are learnt first, so that no error has them."""
        return plan(self._desired, current, self._learn)

    def apply(self, plan: ConfigurationPlan) -> Mapping[str, Any]:
        """Replace one file after the other, each at once."""
        self._catalogues.keep()
        copies = {}
        for step in plan.steps:
            copy = self.carry_out(step, self._files)
            if copy:
                copies[step.path] = {"backup_file": copy}
        if not self._desired.as_list:
            return next(iter(copies.values()), {})
        return {"files": [{**file.as_dict(), **copies.get(file.path, {})} for file in plan.files]}

    def confirm(self, plan: ConfigurationPlan) -> Mapping[str, Any]:
        """Keep the options of the release for the next run."""
        self._catalogues.keep()
        return {}

    def _learn(self, secret: str) -> None:
        if "://" in secret:
            self._redactor.learn_urls(secret)
        else:
            self._redactor.learn(secret)

    def _state(self, catalogue: OptionCatalogue | None, unmet: tuple[CollectionError, ...] = ()) -> State:
        paths = [path for file in self._desired.files for path in (*file.other_files, file.path)]
        read = ((path, self._files.read(path)) for path in dict.fromkeys(paths))
        return State({path: file for path, file in read if file}, catalogue, self._handover, unmet)

    def _catalogue(self) -> OptionCatalogue | None:
        desired = self._desired
        installed = self._catalogues.version(desired.service)
        if desired.release:
            name = self._series(desired.release)
            if not installed or series(desired.service, installed) != name:
                return self._shipped(name)
        elif desired.validate != "strict" and not installed and not desired.assumed_release:
            return None
        return self._loaded(self._catalogues.catalogue(desired.service))

    def _series(self, release: str) -> str:
        try:
            return find_series(self._desired.service, release)
        except ValueError as error:
            raise CollectionError(
                "use",
                "release",
                release,
                str(error),
                "Name a series, such as zed, or a major version",
            ) from error

    def _shipped(self, name: str) -> OptionCatalogue | None:
        if self._handover.catalogue is not None:
            return self._loaded(self._handover.catalogue)
        if self._handover.may_ask:
            raise NotHandedOverError(self._desired.service, name)
        if self._desired.validate != "strict":
            return None
        raise UnreachableError(
            "check",
            "options of",
            f"{self._desired.service} ({name})",
            "the collection does not know the options of this release",
            "Install the release and leave its name out, or do not validate",
        )

    def _loaded(self, data: Mapping[str, Any]) -> OptionCatalogue:
        service = SERVICES[self._desired.service]
        return OptionCatalogue(service.name, data, service.dynamic_sections, service.modelled_sections)


def build(task: Task) -> NovaConfIni:
    """The operation for a task."""
    handover = unpacked(task.params["_handover"])
    return NovaConfIni(desired(task.params), LocalFiles(), InstalledCatalogues(), task.redactor, handover)
