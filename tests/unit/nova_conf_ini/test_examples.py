# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the documentation, run by Ansible in check mode against the shipped options of Zed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from ansible_collections.stackwright.nova.plugins.modules import nova_conf_ini

ROOT = Path(__file__).parents[3]
SECRETS = {
    "rabbit_password": "rabbit$1x",
    "nova_password": "nova/2y",
    "keystone_password": "key 3 stone",
    "neutron_password": "neu%4tron",
}


def test_examples(tmp_path):
    text = nova_conf_ini.EXAMPLES.replace("/etc/", f"{tmp_path}/").replace("/srv/", f"{tmp_path}/")
    examples = yaml.safe_load(text)
    tasks = [{**example, "register": f"result_{number}"} for number, example in enumerate(examples)]
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "RESULT {{ result | to_json }} END"}}
    tasks += [{**show, "vars": {"result": f"{{{{ result_{number} }}}}"}} for number in range(len(examples))]
    playbook = tmp_path / "examples.yml"
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {**SECRETS, "ansible_python_interpreter": sys.executable},
        "module_defaults": {"stackwright.nova.nova_conf_ini": {"release": "zed"}},
        "tasks": tasks,
    }
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("ansible-playbook"),
            "-i",
            "localhost,",
            "--check",
            "--diff",
            playbook,
        ],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert not any(form in output for secret in SECRETS.values() for form in (secret, json.dumps(secret)))
    assert output.count("RESULT {") == len(examples)
    assert '\\"changed\\": false' not in output
    assert "WARNING" not in output, output
