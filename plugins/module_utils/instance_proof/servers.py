# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova tells about a server: its state, its console, its screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clients.openstack import Api, ApiError
from .resources import Resource


def show(api: Api, server: Resource) -> Mapping[str, Any]:
    """The server as it is now."""
    reply = api.request("GET", "compute", f"/servers/{server.id}", subject=f"server {server.name}")
    body: Mapping[str, Any] = reply["server"]
    return body


def console_log(api: Api, server: Resource) -> str:
    """All that is kept of what the server said; "" while it has no console yet."""
    path = f"/servers/{server.id}/action"
    request: Mapping[str, Any] = {"os-getConsoleOutput": {}}
    try:
        answer = api.request("POST", "compute", path, subject=f"console log of {server.name}", json=request)
    except ApiError as error:
        if error.status in (404, 409):
            return ""
        raise
    return answer["output"] or ""


def novnc_url(api: Api, server: Resource) -> str:
    """A URL that opens the server's screen in a browser; whoever has it has the screen."""
    path = f"/servers/{server.id}/remote-consoles"
    request = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    answer = api.request("POST", "compute", path, subject=f"noVNC console of {server.name}", json=request)
    return str(answer["remote_console"]["url"])
