# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud in memory, as far as compute hosts come and go in it; time passes only while somebody sleeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._clients.nova_api import NovaService
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.state import (
    Host,
    Instance,
    Load,
    NetworkAgent,
    Provider,
    State,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.modules import compute_host

from .clock import FakeClock
from .modules import run_module

AUTH = {"auth_url": "http://c:5000", "username": "admin", "password": "adm1n-s3cret", "project_name": "admin"}


class FakeHosts:
    """The HostsApi of the module compute_host.

    ``silent_after``: when services and agents are seen to have ceased. ``arriving``: what lands on a host at
    the moment it is disabled. ``keeps_providers``: Placement is away while Nova deletes services. ``broken``: ids
    of agents that Neutron fails to delete. ``stubborn``: by id, why an instance does not move. ``slow``: seconds that a
    move takes. ``calls`` is all that was written.
    """

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.clock = FakeClock()
        self.silent_after = 0.0
        self.arriving: dict[str, Load] = {}
        self.keeps_providers = False
        self.is_away = False
        self.broken: set[str] = set()
        self.stubborn: dict[str, str] = {}
        self.slow = 5.0
        self.moving: dict[str, tuple[float, Instance]] = {}
        self.calls: list[str] = []

    def add(self, name: str, **parts: Any) -> None:
        """A compute host in good order, but for ``parts``."""
        service = NovaService(f"s-{name}", name, "nova-compute", "nova", "up", "enabled", "12:00")
        agent = NetworkAgent(f"a-{name}", "neutron-linuxbridge-agent", True, "12:00")
        host = Host(name, service, True, (Provider(f"p-{name}", name),), ("ssd",), (agent,))
        self.hosts[name] = replace(host, **parts)

    def run(self, **params: Any) -> dict[str, Any]:
        """Run the module on this cloud; the result."""
        return run_module(compute_host, self._prepare, auth=AUTH, **params)

    def read(self, desired: Desired, *, load: bool) -> State:
        if self.is_away:
            raise UnreachableError("read", "compute /os-services", "", "connection refused", "Start it")
        hosts = [self.hosts.get(name, Host(name)) for name in desired.hosts]
        seen = tuple(self._seen(host, desired, load) for host in hosts)
        others = [
            host.service for name, host in self.hosts.items() if host.service and name not in desired.hosts
        ]
        available = [one.host for one in others if one.takes_work]
        return State(seen, tuple(one.host for one in others), tuple(available))

    def enable(self, service: str) -> None:
        self.calls.append(f"enable {service}")
        self._switch(service, status="enabled", disabled_reason=None)

    def disable(self, service: str, reason: str | None) -> None:
        self.calls.append(f"disable {service}")
        self._switch(service, status="disabled", disabled_reason=reason)
        host = self.hosts[service[2:]]
        self.hosts[host.name] = replace(host, load=self.arriving.get(host.name, host.load))

    def delete_service(self, service: str, host: str) -> None:
        self.calls.append(f"delete {service} at {self.clock.now:g}")
        left = [one for one in self.hosts[host].providers if self.keeps_providers or not one.listed]
        parts = {"mapped": False, "aggregates": (), "providers": tuple(left)}
        self.hosts[host] = replace(self.hosts[host], service=None, **parts)

    def delete_provider(self, provider: str, host: str) -> None:
        self.calls.append(f"delete {provider}")
        left = tuple(one for one in self.hosts[host].providers if one.id != provider)
        self.hosts[host] = replace(self.hosts[host], providers=left)

    def delete_agent(self, agent: str) -> None:
        if agent in self.broken:
            raise ApiError("delete", "network agent", agent, "HTTP 500", "See Neutron's log", status=500)
        self.calls.append(f"delete {agent}")
        for name, host in self.hosts.items():
            self.hosts[name] = replace(host, agents=tuple(one for one in host.agents if one.id != agent))

    def place(self, host: str, *instances: Instance) -> None:
        """Let instances live on a host."""
        load = Load(instances=tuple(map(str, instances)))
        self.hosts[host] = replace(self.hosts[host], instances=instances, load=load)

    def act(self, instance: str, action: Mapping[str, Any]) -> None:
        (verb,) = action
        self.calls.append(f"{verb} {instance}")
        before = self.instance(instance)
        assert before and before.task is None
        after = before
        if verb == "shelveOffload":
            after = replace(before, host=None, status="SHELVED_OFFLOADED")
        elif verb == "confirmResize":
            after = replace(before, status="SHUTOFF")
        elif instance not in self.stubborn:
            target = next(name for name in self.hosts if name != before.host)
            after = replace(
                before, host=target, status="VERIFY_RESIZE" if verb == "migrate" else before.status
            )
        self._put(replace(before, task="moving"))
        self.moving[instance] = (self.clock.now + self.slow, after)

    def instance(self, instance: str) -> Instance | None:
        end, after = self.moving.get(instance, (0.0, None))
        if after and self.clock.now >= end:
            del self.moving[instance]
            self._put(after)
            return after
        return next(
            (one for host in self.hosts.values() for one in host.instances if one.id == instance), None
        )

    def outcome(self, instance: str) -> str:
        return self.stubborn.get(instance, "")

    def _put(self, instance: Instance) -> None:
        for name, host in self.hosts.items():
            left = [one for one in host.instances if one.id != instance.id]
            self.place(name, *left, *([instance] if instance.host == name else []))

    def _seen(self, host: Host, desired: Desired, load: bool) -> Host:
        agents = [one for one in host.agents if one.binary in desired.agents.get(host.name, ())]
        if self.clock.now >= self.silent_after:
            agents = [replace(one, alive=False) for one in agents]
            host = replace(host, service=host.service and replace(host.service, state="down"))
        return replace(host, agents=tuple(agents), load=host.load if load else Load())

    def _switch(self, service: str, **changes: Any) -> None:
        for name, host in self.hosts.items():
            if host.service and host.service.id == service:
                self.hosts[name] = replace(host, service=replace(host.service, **changes))

    def _prepare(self, operation: Any) -> None:
        operation.client, operation.clock = self, self.clock
