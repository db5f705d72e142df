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


class Machine:
    """Runs the module with the libraries of one release; ``clouds.yaml``, which takes openstacksdk, knows "it"."""

    def __init__(self, server: Server, path: Path, release: str) -> None:
        self.server = server
        self._path = path
        self._python = virtualenv(f"sdk-{release}", *LIBRARIES[release]) / "bin/python"
        (path / "ansible").symlink_to(Path(ansible.__file__).parent)
        (path / "sitecustomize.py").write_text(OLD_NAMES)
        domains = {"user_domain_id": "default", "project_domain_id": "default"}
        clouds = {"clouds": {"it": {"auth": {**server.auth, **domains}}}}
        (path / "clouds.yaml").write_text(json.dumps(clouds))

    def run(self, **params: Any) -> dict[str, Any]:
        """The result of the module."""
        arguments = self._path / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": params}))
        done = subprocess.run(
            [str(self._python), "-m", MODULE, str(arguments)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{self._path}:{COLLECTIONS}",
                "OS_CLIENT_CONFIG_FILE": str(self._path / "clouds.yaml"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "s3cret" not in done.stdout
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@pytest.mark.parametrize("release", LIBRARIES)
def test_life(server: Server, tmp_path: Path, name: str, release: str) -> None:
    """What is done one way is seen as done the other way."""
    machine = Machine(server, tmp_path, release)
    by_auth, by_cloud = {"auth": server.auth}, {"cloud": "it"}

    def changed(way: dict[str, Any], port: int, password: str, **params: Any) -> bool:
        service = {
            "name": name,
            "type": name,
            "endpoints": {"public": f"http://controller:{port}/%(tenant_id)s"},
            "user": name,
            "password": password,
        }
        return bool(machine.run(services=[service], **way, **params)["changed"])

    assert changed(by_cloud, 1, "f1rst-s3cret")
    assert not changed(by_auth, 1, "f1rst-s3cret")
    assert changed(by_auth, 2, "f1rst-s3cret")
    assert changed(by_cloud, 2, "s3cond-s3cret")
    assert not changed(by_cloud, 2, "s3cond-s3cret")
    assert (
        "service"
        in server.cloud(username=name, password="s3cond-s3cret", project_name="service").access().role_names
    )
    assert changed(by_cloud, 2, "s3cond-s3cret", state="absent")
    assert not changed(by_auth, 2, "s3cond-s3cret", state="absent")
