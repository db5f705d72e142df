# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cloud_proof as Ansible runs it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.modules import cloud_proof
from fakes.modules import run_module

AUTH = {"auth_url": "http://controller:5000/v3", "username": "admin", "password": "s3cr3t-of-admin"}


class Reader:
    """One service, one URL, no agents."""

    name = "http://controller:5000/v3"

    def __init__(self, code: int = 0) -> None:
        self.code = code

    def catalog(self) -> Any:
        endpoint = {"interface": "public", "region_id": "RegionOne", "url": "http://controller:5000/v3"}
        return [{"type": "identity", "endpoints": [endpoint]}]

    def refusal(self, url: str) -> None:
        return None

    def upgrade_check(self, service: str) -> Output:
        return Output(self.code, "", "no database for s3cr3t-of-admin")


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("code", [0, 255])
def test_a_cloud(code: int, check: bool) -> None:
    def prepare(operation: Any) -> None:
        operation.client = Reader(code)

    options = {"auth": AUTH, "services": ["identity"], "interfaces": ["public"]}
    result = run_module(cloud_proof, prepare, check=check, **options)
    assert result["proven"] is (code == 0)
    assert bool(result.get("failed")) is (code != 0)
    assert result["parts"][0]["part"] == "catalog"
    assert "commands" not in result
    assert "s3cr3t" not in json.dumps(result)
