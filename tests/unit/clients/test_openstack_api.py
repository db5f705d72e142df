# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the services of a cloud, what comes back, and how their failures read."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.stackwright.nova.plugins.module_utils._clients.microversions import HOSTS
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from keystoneauth1 import exceptions


class Session:
    """A keystoneauth session that gives one answer."""

    def __init__(self, answer: Exception | requests.Response) -> None:
        self.answer = answer
        self.asked: tuple[Any, ...] = ()

    def request(self, path: str, method: str, **options: Any) -> requests.Response:
        self.asked = (method, path, options)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answering(answer: Exception | requests.Response) -> tuple[Cloud, Session]:
    session = Session(answer)
    return Cloud(session, "http://c:5000/v3", interface="internal", region_name="RegionOne"), session


def response(status: int, body: bytes) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body
    return made


def test_identity_needs_no_catalog() -> None:
    cloud, session = answering(response(200, b'{"users": []}'))
    assert cloud.identity.get("/users") == {"users": []}
    assert session.asked == ("GET", "/users", {"endpoint_override": "http://c:5000/v3"})


def test_other_services_are_found_in_the_catalog() -> None:
    cloud, session = answering(response(204, b""))
    assert cloud.compute(HOSTS).put("/x", {"a": 1}) == {}
    found = {
        "service_type": "compute",
        "interface": "internal",
        "region_name": "RegionOne",
        "min_version": "2.1",
        "max_version": "2.latest",
    }
    assert session.asked == (
        "PUT",
        "/x",
        {"endpoint_filter": found, "json": {"a": 1}, "microversion": "2.53"},
    )


def test_a_reply_that_is_not_json() -> None:
    assert answering(response(200, b"healthy"))[0].image.get("/") == {"text": "healthy"}


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            exceptions.ConnectFailure(
                "Unable to establish connection to http://c:5000/v3/users: HTTPConnectionPool(host='c', "
                "port=5000): Max retries exceeded (Caused by NewConnectionError('<urllib3.Connection>: "
                "Failed to establish a new connection: [Errno 111] Connection refused'))"
            ),
            UnreachableError,
            r"Cannot read user nova: Unable to establish connection to http://c:5000/v3/users "
            r"\(connection refused\)\. See whether the API runs",
        ),
        (exceptions.ConnectTimeout("timed out"), UnreachableError, "timed out"),
        (exceptions.EndpointNotFound("no endpoint"), UnreachableError, "Register the endpoint"),
        (
            exceptions.ServiceUnavailable(),
            UnreachableError,
            "See whether the service behind this address runs",
        ),
        (exceptions.SSLError("bad certificate"), CollectionError, "Set ca_cert"),
        (exceptions.Unauthorized("no"), ApiError, "Check the user, password, project and domains"),
        (exceptions.Forbidden("no"), ApiError, "Use a user whose roles allow it"),
        (exceptions.InternalServerError("no"), ApiError, "See the service's log"),
        (exceptions.MissingAuthPlugin("no"), CollectionError, "Check auth and auth_type"),
    ],
)
def test_failures(raised: Exception, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        answering(raised)[0].identity.get("/users/1", subject="user nova")
    assert isinstance(caught.value, UnreachableError) is (kind is UnreachableError)


def test_a_status_is_a_field() -> None:
    with pytest.raises(ApiError) as caught:
        answering(exceptions.Conflict("Duplicate entry"))[0].identity.post("/users", {})
    assert (caught.value.status, caught.value.code) == (409, "http_409")
