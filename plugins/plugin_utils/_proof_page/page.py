# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the report of a proof to its page: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jinja2

from .._run_record import duration
from .timeline import timeline
from .topology import topology

# Of certificates with fewer days left the page says so first.
_SOON_DAYS = 30
_STATES = {"proven": "good", "missing": "bad", "skipped": "idle"}
# What each host has in addition to packages.
_BASES = {"System": "system", "Kernel": "kernel", "Python": "python"}
# The drawings are made twice, because text that shrinks with a drawing cannot be read on a phone.
_WIDE, _NARROW = 1040, 340


def render(report: Mapping[str, Any]) -> str:
    """The page; what the report does not have is left out, or said to be unknown."""
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["duration"] = duration
    environment.filters["moment"] = _readable
    page = environment.get_template("page.html.j2").render(view(report))
    return "\n".join(line.rstrip() for line in page.splitlines() if line.strip()) + "\n"


def view(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows."""
    now = _moment(report.get("time"))
    hosts = report.get("hosts") or []
    run, drift = report.get("run") or {}, report.get("drift") or {}
    certificates = list(_certificates(hosts, now))
    return {
        "proven": bool(report.get("proven")),
        "cloud": report.get("cloud", ""),
        "region": report.get("region", ""),
        "time": report.get("time", ""),
        "figures": _figures(report),
        "parts": [{**part, "class": _STATES.get(part["state"], "idle")} for part in report.get("parts", ())],
        "instances": [_instance(one) for one in report.get("instances") or ()],
        "hosts": hosts,
        "versions": _versions(hosts),
        "certificates": certificates,
        "ending": [one for one in certificates if one["class"] != "good"],
        "configurations": [_configuration(host) for host in hosts],
        "endpoints": _endpoints(report.get("endpoints") or ()),
        "cells": report.get("cells") or [],
        "drift": drift,
        "run": run,
        "topologies": [topology(report, width) for width in (_WIDE, _NARROW)],
        "timelines": [timeline(run, width) for width in (_WIDE, _NARROW)] if run else [],
    }


def _figures(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What there is of each kind, as number and noun."""
    services, agents = report.get("services") or (), report.get("agents") or ()
    alive = sum(1 for agent in agents if agent["alive"])
    up = sum(1 for service in services if service["state"] == "up")
    hosts, instances = report.get("hosts") or (), report.get("instances") or ()
    figures = [
        _counted(len(hosts), len(hosts), "host", "hosts"),
        _counted(up, len(services), "service of Nova up", "services of Nova up"),
        _counted(alive, len(agents), "network agent alive", "network agents alive"),
        _counted(len(instances), len(instances), "instance booted", "instances booted"),
        (duration(sum(part["seconds"] for part in report.get("parts", ()))), "of proof"),
    ]
    return [(number, noun) for number, noun in figures if number != "0"]


def _counted(some: int, of_all: int, one: str, several: str) -> tuple[str, str]:
    return (str(of_all) if some == of_all else f"{some} of {of_all}"), one if of_all == 1 else several


def _instance(instance: Mapping[str, Any]) -> dict[str, Any]:
    places = [instance.get("host") or "a host of the scheduler's choice", *instance.get("moved_to", ())]
    return {
        **instance,
        "places": places,
        "lines": list((instance.get("console") or {}).items()),
        "picture": instance.get("novnc_picture") or "",
    }


def _versions(hosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each package with its versions; hosts on which all are the same share a column."""
    names = dict.fromkeys(name for host in hosts for name in host.get("packages", {}))
    columns: dict[tuple[str, ...], list[str]] = {}
    for host in hosts:
        own = host.get("packages", {})
        column = (
            *(str(host.get(key, "")) for key in _BASES.values()),
            *(own.get(name, "") for name in names),
        )
        columns.setdefault(column, []).append(host["name"])
    rows = [(what, list(cells)) for what, cells in zip([*_BASES, *names], zip(*columns)) if any(cells)]
    return {"hosts": [", ".join(members) for members in columns.values()], "rows": rows}


def _certificates(hosts: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    for host in hosts:
        for one in host.get("certificates", ()):
            if one.get("problem"):
                yield {**one, "host": host["name"], "class": "bad", "left": one["problem"]}
                continue
            days = (_moment(one["until"]) - now).days
            state = "bad" if days < 0 else "warn" if days < _SOON_DAYS else "good"
            yield {**one, "host": host["name"], "class": state, "left": _left(days)}


def _left(days: int) -> str:
    if days < 0:
        return f"ended {-days} days ago"
    if days > 730:
        return f"{days // 365} years left"
    return f"{days} days left"


def _configuration(host: Mapping[str, Any]) -> dict[str, Any]:
    found = host.get("configuration") or {}
    return {
        "host": host["name"],
        "release": found.get("release", ""),
        "findings": found.get("findings", []),
        "problem": found.get("problem", ""),
    }


def _endpoints(endpoints: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each service with its URLs, and the interfaces that each URL serves."""
    services: dict[str, dict[str, list[str]]] = {}
    for one in endpoints:
        services.setdefault(one["service"], {}).setdefault(one["url"], []).append(one["interface"])
    return [
        (service, [(url, ", ".join(sorted(names))) for url, names in urls.items()])
        for service, urls in sorted(services.items())
    ]


def _moment(text: Any) -> datetime:
    """A time as the report has it, of which two ways are in use."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=timezone.utc)


def _readable(text: str) -> str:
    """A time for a person: 23 November 2026, 14:02 UTC."""
    moment = _moment(text)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC" if moment.year > 1970 else str(text)
