# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module with the libraries of each release that it must run on, and with the newest."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import ansible
import pytest
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint
from servers.keystone import Server
from servers.virtualenv import virtualenv

LIBRARIES = {
    "bullseye": ("openstacksdk==0.50.0", "keystoneauth1==4.2.1"),
    "bookworm": ("openstacksdk==0.101.0", "keystoneauth1==5.0.0"),
    "trixie": ("openstacksdk==4.4.0", "keystoneauth1==5.10.0"),
    "newest": ("openstacksdk", "keystoneauth1"),
}
MODULE = keystone_service_endpoint.__name__
COLLECTIONS = Path(keystone_service_endpoint.__file__).parents[5]
# openstacksdk 0.50 is for Python 3.9, the last that has these names here.
OLD_NAMES = """\
import collections
import collections.abc
for name in ("Callable", "Iterable", "Mapping", "MutableMapping", "MutableSequence", "Sequence"):
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
"""


@pytest.mark.parametrize("way", ["auth", "cloud"])
@pytest.mark.parametrize("release", LIBRARIES)
def test_life(server: Server, tmp_path: Path, name: str, release: str, way: str) -> None:
    environment = virtualenv(f"sdk-{release}", *LIBRARIES[release])
    (tmp_path / "ansible").symlink_to(Path(ansible.__file__).parent)
    (tmp_path / "sitecustomize.py").write_text(OLD_NAMES)
    domains = {"user_domain_id": "default", "project_domain_id": "default"}
    clouds = {"clouds": {"it": {"auth": {**server.auth, **domains}}}}
    (tmp_path / "clouds.yaml").write_text(json.dumps(clouds))

    def run(**params: Any) -> dict[str, Any]:
        service = {
            "name": name,
            "type": name,
            "endpoints": {"public": "http://controller:1/%(tenant_id)s"},
            "user": name,
            "password": "s3cret",
        }
        login = {"auth": server.auth} if way == "auth" else {"cloud": "it"}
        arguments = tmp_path / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"services": [service], **login, **params}}))
        done = subprocess.run(
            [str(environment / "bin/python"), "-m", MODULE, str(arguments)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{tmp_path}:{COLLECTIONS}",
                "OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        assert "adm1n-s3cret" not in done.stdout
        return result

    assert run()["changed"]
    assert not run()["changed"]
    assert run(state="absent")["changed"]
    assert not run(state="absent")["changed"]
