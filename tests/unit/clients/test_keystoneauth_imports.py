# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection costs no more imports than it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS

AUTH = {
    "auth_url": "http://controller:5000/v3",
    "username": "admin",
    "password": "x",
    "project_name": "admin",
}
PROGRAM = """
import json, sys
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import connect
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
connect(json.loads(sys.argv[1]), Redactor())
tracing = "osprofiler" in sys.modules
import osprofiler.web
print(json.dumps({"keystoneauth": "keystoneauth1.session" in sys.modules, "tracing": tracing}))
"""


@pytest.mark.parametrize("auth", [AUTH, None], ids=["auth", "environment"])
def test_osprofiler_is_neither_imported_nor_kept_from_others(
    tmp_path: Path, auth: dict[str, str] | None
) -> None:
    (tmp_path / "osprofiler").mkdir()
    for name in ("__init__", "web"):
        (tmp_path / f"osprofiler/{name}.py").touch()
    params = {name: argument.get("default") for name, argument in ARGUMENTS.items()} | {"auth": auth}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(params)],
        env={
            "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)]),
            "HOME": str(tmp_path),
            **{f"OS_{key.upper()}": value for key, value in AUTH.items()},
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"keystoneauth": True, "tracing": False}
