# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Keystone that gives only parts of its lists, some of them without saying so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint
from fakes.modules import run_module
from servers.keystone import Server, serving

NUMBER = 3


@pytest.fixture(params=[{"list_limit": 2}, {"max_db_limit": 2}], ids=["list_limit", "max_db_limit"])
def limited(server: Server, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Another API of the Keystone that all tests share."""
    sibling = server.sibling(**request.param)
    with serving(sibling):
        sibling.cloud().identity.get("/regions")
        yield sibling


def test_life(limited: Server, name: str) -> None:
    services = [
        {
            "name": f"{name}-{number}",
            "type": f"{name}-{number}",
            "endpoints": {"public": "http://controller/v1"},
            "user": f"{name}-{number}",
            "password": f"s3cret-{number}",
        }
        for number in range(NUMBER)
    ]

    def changed(**params: Any) -> bool:
        result = run_module(keystone_service_endpoint, auth=limited.auth, services=services, **params)
        assert "failed" not in result, result
        return bool(result["changed"])

    assert [changed(), changed(), changed(state="absent"), changed(state="absent")] == [True, False] * 2
    left = limited.query(
        "SELECT name FROM keystone.local_user WHERE name LIKE %s UNION "
        "SELECT type FROM keystone.service WHERE type LIKE %s",
        *(f"{name}%",) * 2,
    )
    assert left == []
