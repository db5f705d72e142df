# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind cloud_proof: what a cloud says of itself, without making anything in it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable, Protocol

from ansible.module_utils.basic import AnsibleModule

from ..clients.openstack import ApiError, Cloud, connect
from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.process import Output, run_command
from ..engine.redact import Redactor
from ..engine.runner import Operation
from . import checks
from .api import Api, VersionedApi
from .part import MISSING, Part, from_error, require
from .resources import Clock

_POLL_SECONDS = 2.0
_NOVA_STATUS_SECONDS = 300.0


class Witness(Protocol):
    """Who can be asked about a cloud."""

    def catalog(self) -> Sequence[Mapping[str, Any]]:
        """The services and endpoints that a user gets with a token."""

    def agents(self) -> Sequence[Mapping[str, Any]]:
        """Neutron's agents."""

    def refusal(self, url: str) -> str | None:
        """Why nothing useful answers under a URL of the catalog, or None."""

    def nova_status(self) -> Output:
        """What ``nova-status upgrade check`` left behind."""


@dataclass(frozen=True)
class Expected:
    """The cloud as it should be.

    ``agents``: host -> binaries. ``timeout``: seconds that the agents may take to report.
    """

    region: str
    services: tuple[str, ...]
    interfaces: tuple[str, ...]
    agents: Mapping[str, Sequence[str]]
    upgrade_check: bool
    timeout: float


class CloudProof(Operation):
    """Looks at a cloud part by part."""

    reads_only = True

    def __init__(self, expected: Expected, name: str, witness: Witness, clock: Clock = time) -> None:
        self._expected = expected
        self._name = name
        self.witness = witness
        self.clock = clock

    def read(self) -> list[Part]:
        """The parts of the proof. Raises UnreachableError where there is no cloud yet."""
        expected = self._expected
        started = self.clock.monotonic()
        catalog = self.witness.catalog()
        complete = checks.catalog(catalog, expected.services, expected.interfaces, expected.region)
        parts = [replace(complete, seconds=self.clock.monotonic() - started)]
        parts.append(self._part("endpoints", lambda: self._endpoints(catalog)))
        if expected.agents:
            parts.append(self._part("network agents", self._agents))
        if expected.upgrade_check:
            parts.append(self._part("nova-status upgrade check", self._nova_status))
        return parts

    def plan(self, current: list[Part]) -> Plan:
        """Nothing to do; raises where a part is missing."""
        require("cloud", self._name, current)
        return Plan(result={"proven": True, "parts": [part.as_dict() for part in current]})

    def _endpoints(self, catalog: Sequence[Mapping[str, Any]]) -> Part:
        urls = checks.endpoint_urls(catalog, self._expected.services, self._expected.region)
        return checks.endpoints({url: self.witness.refusal(url) for url in urls})

    def _agents(self) -> Part:
        deadline = self.clock.monotonic() + self._expected.timeout
        while True:
            part = checks.agents(self.witness.agents(), self._expected.agents)
            if part.state != MISSING or self.clock.monotonic() >= deadline:
                return part
            self.clock.sleep(_POLL_SECONDS)

    def _nova_status(self) -> Part:
        output = self.witness.nova_status()
        return checks.upgrade_check(output.code, output.stdout, output.stderr)

    def _part(self, name: str, look: Callable[[], Part]) -> Part:
        started = self.clock.monotonic()
        try:
            part = look()
        except CollectionError as error:
            part = from_error(name, error)
        return replace(part, seconds=self.clock.monotonic() - started)


class LiveWitness:
    """The cloud's APIs, and nova-status on this host, run as the user ``run_as``."""

    def __init__(self, cloud: Cloud, api: Api, run_as: str) -> None:
        self._cloud = cloud
        self._api = api
        self._run_as = run_as

    def catalog(self) -> Sequence[Mapping[str, Any]]:
        """See Witness."""
        return self._cloud.get("identity", "/auth/catalog", subject="catalog of the cloud")["catalog"]

    def agents(self) -> Sequence[Mapping[str, Any]]:
        """See Witness."""
        return self._api.request("GET", "network", "/agents", subject="network agents")["agents"]

    def refusal(self, url: str) -> str | None:
        """See Witness."""
        try:
            self._cloud.request("GET", "identity", url, subject=f"endpoint {url}")
        except ApiError as error:
            # An API may have nothing to show at its root; that it says so is answer enough.
            return str(error.status) if error.status >= 500 else None
        except CollectionError as error:
            return error.failure
        return None

    def nova_status(self) -> Output:
        """See Witness."""
        argv = ["nova-status", "upgrade", "check"]
        return run_command(argv, run_as=self._run_as, timeout=_NOVA_STATUS_SECONDS)


def build(module: AnsibleModule, redactor: Redactor) -> CloudProof:
    """The operation of the module cloud_proof."""
    params = module.params
    cloud = connect(params, redactor)
    api = VersionedApi(cloud, interface=params["interface"], region_name=params["region_name"])
    expected = Expected(
        region=params["region_name"] or "RegionOne",
        services=tuple(params["services"]),
        interfaces=tuple(params["interfaces"]),
        agents=params["agents"],
        upgrade_check=params["upgrade_check"],
        timeout=params["timeout"],
    )
    return CloudProof(expected, cloud.auth_url, LiveWitness(cloud, api, params["run_as"]))
