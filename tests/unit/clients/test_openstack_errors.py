# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API says when it refuses reaches the person, however the service wraps it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import requests
from ansible_collections.stackwright.nova.plugins.module_utils._clients.microversions import HOSTS
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import (
    ApiError,
    unless_gone,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from keystoneauth1 import exceptions

QUOTA = "Quota exceeded for ram: Requested 99999, but already used 0 of 51200 ram"


class Session:
    """Refuses every request with one answer."""

    def __init__(self, status: int, body: Any) -> None:
        self.response = requests.Response()
        self.response.status_code = status
        text = body if isinstance(body, str) else json.dumps(body)
        self.response._content = text.encode()
        self.response.headers["Content-Type"] = "text/html" if isinstance(body, str) else "application/json"
        self.response.headers["x-openstack-request-id"] = "req-1"

    def request(self, path: str, method: str, **_options: Any) -> None:
        raise exceptions.http.from_response(self.response, method, path)


def refused(status: int, body: Any) -> Exception:
    cloud = Cloud(Session(status, body), "http://controller:5000/v3", interface="public", region_name=None)
    with pytest.raises(Exception) as caught:
        cloud.compute(HOSTS).post("/servers", {}, subject="server demo")
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        {"forbidden": {"code": 403, "message": QUOTA}},
        {"NeutronError": {"type": "OverQuota", "message": QUOTA, "detail": ""}},
        {"NeutronError": QUOTA},
        {"errors": [{"status": 403, "title": "Forbidden", "detail": f"{QUOTA}."}]},
        {"error": {"code": 403, "title": "Forbidden", "message": QUOTA}},
    ],
    ids=["Nova", "Neutron", "an older Neutron", "Placement", "Keystone"],
)
def test_the_message_of_the_service_is_shown(body: Any) -> None:
    error = refused(403, body)
    assert isinstance(error, ApiError) and error.status == 403
    assert str(error) == (
        f"Cannot create server demo: {QUOTA} (HTTP 403) (Request-ID: req-1)."
        " Raise the project's quota, or ask for less."
    )


@pytest.mark.parametrize(
    "body", ["<html><h1>403 Forbidden</h1></html>", {}, [], {"forbidden": {"code": 403}}]
)
def test_without_a_message_the_status_is_shown(body: Any) -> None:
    error = refused(403, body)
    assert "HTTP 403" in str(error)
    assert str(error).endswith("Use a user whose roles allow it, such as the admin.")


def test_a_gateway_without_a_service_is_unreachable() -> None:
    assert isinstance(refused(503, {"message": "no backend"}), UnreachableError)


@pytest.mark.parametrize(("status", "passes"), [(404, True), (403, False), (409, False), (500, False)])
def test_only_what_is_gone_is_passed_over(status: int, passes: bool) -> None:
    with contextlib.nullcontext() if passes else pytest.raises(ApiError), unless_gone():
        raise refused(status, {})
