# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the APIs say of a cloud, judged: pure functions from an answer to a part of the proof."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._engine.proof import MISSING, PROVEN, Part

_OUTCOME = re.compile(r"^\|\s*(Check|Result|Details):\s*(.*?)\s*\|$")
_CONTINUED = re.compile(r"^\|\s*(.*?)\s*\|$")


def catalog(
    services: Sequence[Mapping[str, Any]],
    types: Sequence[str],
    interfaces: Sequence[str],
    region: str,
) -> Part:
    """Whether each service type has each interface in the region, exactly once."""
    count = Counter(
        (service["type"], endpoint["interface"])
        for service in services
        for endpoint in service["endpoints"]
        if endpoint["region_id"] == region
    )
    required = [(kind, interface) for kind in types for interface in interfaces]
    absent = [f"{kind} {interface}" for kind, interface in required if not count[kind, interface]]
    registered = Counter(service["type"] for service in services)
    twice = [
        *(f"service {kind}" for kind, number in sorted(registered.items()) if number > 1),
        *(f"{kind} {interface}" for (kind, interface), number in sorted(count.items()) if number > 1),
    ]
    if not absent and not twice:
        detail = f"{len(types)} services in {region} with {', '.join(interfaces)}, no duplicates"
        return Part("catalog", PROVEN, detail)
    faults = [
        *([f"no endpoint in {region} for {', '.join(absent)}"] if absent else []),
        *([f"registered more than once: {', '.join(twice)}"] if twice else []),
    ]
    return Part(
        "catalog",
        MISSING,
        "; ".join(faults),
        evidence=tuple(_endpoint_lines(services)),
        remedy="Register them with keystone_service_endpoint, which heals duplicates as well",
    )


def endpoint_urls(services: Sequence[Mapping[str, Any]], types: Sequence[str], region: str) -> list[str]:
    """The URLs that the catalog gives for the service types in the region, each once."""
    return sorted(
        {
            endpoint["url"]
            for service in services
            for endpoint in service["endpoints"]
            if service["type"] in types and endpoint["region_id"] == region
        }
    )


def endpoints(refusals: Mapping[str, str | None]) -> Part:
    """Whether something answers under each URL; ``refusals`` holds why not."""
    silent = {url: cause for url, cause in refusals.items() if cause}
    if not silent:
        return Part("endpoints", PROVEN, f"{len(refusals)} URLs answer")
    return Part(
        "endpoints",
        MISSING,
        "; ".join(f"{url}: {cause}" for url, cause in silent.items()),
        remedy="See whether the service runs, and whether its URL in the catalog is right",
    )


def agents(answer: Sequence[Mapping[str, Any]], expected: Mapping[str, Sequence[str]]) -> Part:
    """Whether each host's expected Neutron agents are alive and enabled; see ``Desired`` for hosts without any."""
    known = {(agent["host"], agent["binary"]): agent for agent in answer}
    required = [
        (host, binary) for host, binaries in expected.items() for binary in binaries or _enabled(answer, host)
    ]
    faults = [
        f"{binary} on {host} {fault}"
        for host, binary in required
        if (fault := _agent_fault(known.get((host, binary))))
    ]
    if not faults:
        hosts = f"{len({host for host, _binary in required})} of {len(expected)} hosts"
        return Part("network agents", PROVEN, f"{len(required)} alive on {hosts}")
    return Part(
        "network agents",
        MISSING,
        ", ".join(faults),
        evidence=tuple(
            f"{agent['binary']} on {agent['host']}: {'alive' if agent['alive'] else 'not alive'},"
            f" last heard of {agent.get('heartbeat_timestamp')}"
            for agent in answer
        ),
        remedy="Look into the agent's log on its host; it needs the message queue and the controller's clock",
    )


def upgrade_check_name(service: str) -> str:
    """The part of the proof that the upgrade check of a service is."""
    return f"{service}-status upgrade check"


def upgrade_check(service: str, code: int, output: str, errors: str) -> Part:
    """What the upgrade check of a service found, from its exit code and the table that it prints."""
    name, results = upgrade_check_name(service), _results(output)
    if code == 0:
        return Part(name, PROVEN, f"{len(results)} checks passed")
    failed = [f"{check['Check']}: {check['Details']}" for check in results if check["Result"] != "Success"]
    said = failed or [line for line in (errors or output).splitlines() if line.strip()][-3:]
    return Part(
        name,
        MISSING,
        "; ".join(said) or f"exit code {code}",
        evidence=tuple(f"{check['Check']}: {check['Result']}" for check in results),
        remedy=f"Run `{name}` on the controller as user {service} and follow its details",
    )


def _enabled(answer: Sequence[Mapping[str, Any]], host: str) -> list[str]:
    return [agent["binary"] for agent in answer if agent["host"] == host and agent["admin_state_up"]]


def _agent_fault(agent: Mapping[str, Any] | None) -> str | None:
    if agent is None:
        return "is unknown to Neutron"
    if not agent["alive"]:
        return "is not alive"
    return None if agent["admin_state_up"] else "is disabled"


def _endpoint_lines(services: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{service['type']} {endpoint['interface']} {endpoint['region_id']} {endpoint['url']}"
        for service in services
        for endpoint in service["endpoints"]
    ]


def _results(output: str) -> list[dict[str, str]]:
    """The checks of the table: dicts of Check, Result and Details; long details go on in the next rows."""
    results: list[dict[str, str]] = []
    key = ""
    for line in output.splitlines():
        if match := _OUTCOME.match(line):
            key = match[1]
            if key == "Check":
                results.append({"Check": "", "Result": "", "Details": ""})
            results[-1][key] = match[2]
        elif results and key and (more := _CONTINUED.match(line)):
            results[-1][key] = f"{results[-1][key]} {more[1]}".strip()
        else:
            key = ""
    return results
