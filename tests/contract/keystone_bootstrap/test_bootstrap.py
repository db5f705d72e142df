# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Keystone from its empty schema to its first administrator."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output, run_command
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_bootstrap import client
from ansible_collections.stackwright.nova.plugins.modules import keystone_bootstrap
from fakes.modules import run_module
from servers.keystone import ADMIN, Server, schema, serving


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Keystone that knows nobody, whose keystone-manage is not where packages put it."""
    with schema(tmp_path_factory.mktemp("fresh")) as running:

        def run(argv: Sequence[str], **options: Any) -> Output:
            return run_command([str(running.manage), *argv[1:]], **options)

        monkeypatch.setattr(client, "run_command", run)
        yield running


def test_from_nothing(fresh: Server) -> None:
    place = {"config_file": str(fresh.configuration), "run_as": getpass.getuser()}
    for expected in (True, False):
        predicted = run_module(keystone_bootstrap, stage="keys", check=True, **place)
        done = run_module(keystone_bootstrap, stage="keys", **place)
        assert (predicted["changed"], done["changed"]) == (expected, expected)
        assert predicted["commands"] == done["commands"]
        assert [one["keys"] for one in done["key_repositories"]] == [[0, 1], [0, 1]]

    with serving(fresh):
        _first_administrator(fresh, place)


def _first_administrator(fresh: Server, place: dict[str, Any]) -> None:
    urls = dict.fromkeys(("public", "internal", "admin"), fresh.url)
    params = {**place, "auth_url": fresh.url, "password": ADMIN, "endpoints": urls}
    for expected in (True, False):
        predicted = run_module(keystone_bootstrap, check=True, **params)
        done = run_module(keystone_bootstrap, **params)
        assert (predicted["changed"], done["changed"]) == (expected, expected)
        assert predicted["commands"] == done["commands"]
    assert "admin" in fresh.cloud().access().role_names
    endpoints = fresh.query("SELECT interface, url, region_id FROM keystone.endpoint")
    assert {(one["interface"], one["url"], one["region_id"]) for one in endpoints} == {
        (interface, url, "RegionOne") for interface, url in urls.items()
    }

    changed = run_module(keystone_bootstrap, **{**params, "password": "an0ther-s3cret"})
    assert changed["changed"]
    assert changed["user_id"] == done["user_id"]
    assert "admin" in fresh.cloud(password="an0ther-s3cret").access().role_names
    with pytest.raises(ApiError):
        fresh.cloud().access()
