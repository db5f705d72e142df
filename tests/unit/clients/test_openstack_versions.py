# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where requests go, whatever the catalog says of versions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import VersionedApi
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from keystoneauth1 import exceptions


class Session:
    """Finds endpoints as keystoneauth does."""

    def __init__(self, endpoint: Any) -> None:
        self.endpoint = endpoint
        self.asked: list[dict[str, Any]] = []

    def get_endpoint(self, **options: Any) -> str | None:
        self.asked.append(options)
        if isinstance(self.endpoint, Exception):
            raise self.endpoint
        return self.endpoint

    def get_project_id(self) -> str:
        return "project-1"


class Cloud:
    """Keeps what it is asked."""

    def __init__(self, endpoint: Any) -> None:
        self.session = Session(endpoint)
        self.requests: list[tuple[Any, ...]] = []

    def get(self, service: str, path: str, **_options: Any) -> dict[str, Any]:
        return self.request("GET", service, path)

    def request(self, method: str, service: str, path: str, **options: Any) -> dict[str, Any]:
        self.requests.append((method, service, path, options.get("microversion")))
        return {}


def api(cloud: Cloud) -> VersionedApi:
    return VersionedApi(cloud, interface="public", region_name="RegionOne")  # type: ignore[arg-type]


def test_requests_follow_the_endpoint_of_the_version() -> None:
    cloud = Cloud("http://controller:9292/v2/")
    one = api(cloud)
    one.request("GET", "image", "/images")
    one.request("POST", "image", "/images")
    assert cloud.requests == [
        ("GET", "image", "http://controller:9292/v2/images", None),
        ("POST", "image", "http://controller:9292/v2/images", None),
    ]
    assert cloud.session.asked == [
        {
            "service_type": "image",
            "min_version": "2",
            "max_version": "2.latest",
            "interface": "public",
            "region_name": "RegionOne",
        }
    ]


def test_nova_is_asked_in_the_one_microversion() -> None:
    cloud = Cloud("http://controller:8774/v2.1")
    api(cloud).request("GET", "compute", "/servers")
    assert cloud.requests == [("GET", "compute", "http://controller:8774/v2.1/servers", "2.74")]


@pytest.mark.parametrize(
    ("endpoint", "cause"),
    [
        (None, "no endpoint of the catalog answers for version 2"),
        (exceptions.EndpointNotFound("public endpoint not found"), "public endpoint not found"),
        (exceptions.ConnectFailure("refused"), "refused"),
    ],
)
def test_an_api_that_is_not_there(endpoint: Any, cause: str) -> None:
    with pytest.raises(UnreachableError, match=f"Cannot find API of network: {cause}"):
        api(Cloud(endpoint)).request("GET", "network", "/agents")


def test_wrong_credentials_fail_the_first_request() -> None:
    cloud = Cloud(None)
    assert api(cloud).project_id == "project-1"
    assert cloud.requests == [("GET", "identity", "/auth/catalog", None)]
