# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module and the filters write is what oslo.config, oslo.messaging and SQLAlchemy read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ansible_collections.stackwright.nova.plugins.filter.urls import database_url, transport_url
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import LocalFiles
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.state import State
from fakes.passwords import PASSWORDS

TARGET = Path(__file__).parents[2] / "integration/targets/nova_conf_ini"


def queue(password):
    hosts = ["a:1", "[::1]:2"]
    return transport_url({"user": password, "password": password, "hosts": hosts, "vhost": password})


def database(password):
    return database_url({"user": password, "password": password, "host": "::1", "database": "nova"})


def test_every_nasty_password_is_read_as_it_was_given(python, tmp_path):
    kinds = {"it_plain": str, "it_queue": queue, "it_database": database}
    options = {
        section: {f"value_{number}": write(password) for number, password in enumerate(PASSWORDS)}
        for section, write in kinds.items()
    }
    path = tmp_path / "nova.conf"
    for step in plan(Desired((DesiredFile(str(path), options),), validate="off"), State()).steps:
        step.call(LocalFiles())
    command = [python, "-W", "ignore", TARGET / "files/read_back.py", "passwords", path, str(len(PASSWORDS))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == PASSWORDS * 3
