# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module with the PyMySQL of each release that it must run on."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible
import pytest
from ansible_collections.stackwright.nova.plugins.modules import nova_db
from fakes.greeting import greeting_server
from servers.virtualenv import virtualenv

DRIVERS = {"bullseye": "PyMySQL==0.9.3", "bookworm": "PyMySQL==1.0.2", "trixie": "PyMySQL==1.1.1"}
MODULE = nova_db.__name__
COLLECTIONS = Path(nova_db.__file__).parents[5]
NOVA = {"databases": ["it_api"], "user": "it_nova", "password": "s3cret"}
Run = Callable[..., dict[str, Any]]


@pytest.fixture(params=DRIVERS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """The module in a separate process, with one PyMySQL; its result."""
    environment = virtualenv(f"pymysql-{request.param}", DRIVERS[request.param])
    (tmp_path / "ansible").symlink_to(Path(ansible.__file__).parent)

    def run(**params: Any) -> dict[str, Any]:
        arguments = tmp_path / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**NOVA, **params}}))
        done = subprocess.run(
            [str(environment / "bin/python"), "-m", MODULE, str(arguments)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{tmp_path}:{COLLECTIONS}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "s3cret" not in done.stdout
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run


@pytest.mark.parametrize("clean", ["mariadb-10.11", "mysql"], indirect=True)
def test_logins_and_what_keeps_them_out(clean: Any, run: Run) -> None:
    clean.create_administrator("127.0.0.1", require="SSL")
    admin = {"login_user": "it_admin", "login_password": "x"}
    tls = {**admin, "login_host": "127.0.0.1", "login_port": clean.port, "ca_cert": str(clean.ca_cert)}
    assert run(**tls, check_hostname=False)["changed"]
    assert not run(**tls, check_hostname=False)["changed"]
    assert run(**tls)["code"] == "tls"

    local = {"login_unix_socket": clean.socket, "login_user": getpass.getuser()}
    assert not run(**local)["changed"]
    clean.query("ALTER USER it_nova@localhost PASSWORD EXPIRE")
    assert len(run(**local)["commands"]) == 1
    assert not run(**local)["changed"]
    assert run(**{**local, "login_user": "it_nobody"})["code"] == "access_denied"


def test_a_server_that_drops_tls_hears_no_password(run: Run, authority: Path) -> None:
    with greeting_server() as server:
        place = {"login_host": "127.0.0.1", "login_port": server.port, "ca_cert": str(authority)}
        assert "it does not offer TLS" in run(**place, login_password="adm1n")["msg"]
        assert server.finish() == b""


def test_a_silent_server_is_not_waited_for(run: Run) -> None:
    with greeting_server(greets=False) as server:
        place = {"login_host": "127.0.0.1", "login_port": server.port}
        assert run(**place, connect_timeout=1)["code"] == "unreachable"
