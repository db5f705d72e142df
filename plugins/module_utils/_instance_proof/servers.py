# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova says about a server: its state, its console, its screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._clients.openstack_api import Api
from .._clients.openstack_errors import ApiError
from .resources import Resource


def show(compute: Api, server: Resource) -> Mapping[str, Any]:
    """The server as it is now."""
    reply = compute.get(f"/servers/{server.id}", subject=f"server {server.name}")
    body: Mapping[str, Any] = reply["server"]
    return body


def host(body: Mapping[str, Any]) -> str:
    """The compute host of a server as ``show`` describes it; "" while it has none."""
    return body.get("OS-EXT-SRV-ATTR:host") or ""


def condition(body: Mapping[str, Any]) -> str:
    """What a server does, for a person: its status and what is under way."""
    return f"{body['status']} ({body.get('OS-EXT-STS:task_state') or 'no task'})"


def trace(body: Mapping[str, Any]) -> tuple[str, str, int]:
    """What changes of a server while something is under way with it, however slowly."""
    return condition(body), host(body), body.get("progress") or 0


def act(compute: Api, server: Resource, request: Mapping[str, Any], *, subject: str) -> None:
    """Have something done to a server; Nova only takes it down, and does it when it can."""
    compute.post(f"/servers/{server.id}/action", request, subject=subject)


def live_migrations(compute: Api, server: Resource) -> list[str]:
    """The status of each live migration of a server that has not ended."""
    path, subject = f"/servers/{server.id}/migrations", f"migrations of server {server.name}"
    migrations = compute.get(path, subject=subject)["migrations"]
    return [str(migration["status"]) for migration in migrations]


def console_log(compute: Api, server: Resource) -> str:
    """All that is kept of what the server said; "" while it has no console yet."""
    path = f"/servers/{server.id}/action"
    request: Mapping[str, Any] = {"os-getConsoleOutput": {}}
    try:
        answer = compute.post(path, request, subject=f"console log of {server.name}")
    except ApiError as error:
        if error.status in (404, 409):
            return ""
        raise
    return answer["output"] or ""


def novnc_url(compute: Api, server: Resource) -> str:
    """A URL that opens the server's screen in a browser; whoever has it has the screen."""
    path = f"/servers/{server.id}/remote-consoles"
    request = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    answer = compute.post(path, request, subject=f"noVNC console of {server.name}")
    return str(answer["remote_console"]["url"])
