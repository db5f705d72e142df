# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play that a real ansible-playbook process runs on this machine, for tests of what variables come to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
# All hosts of the inventory are this machine.
HERE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


def run_play(
    folder: Path, play: Mapping[str, Any], inventory: Mapping[str, Any], variables: Mapping[str, Any]
) -> None:
    """Run it; what it writes is the caller's. A failure is one of the test."""
    for name, content in (("play.yml", [play]), ("hosts.yml", inventory), ("vars.json", variables)):
        (folder / name).write_text(json.dumps(content))
    program = Path(sys.executable).with_name("ansible-playbook")
    argv = [program, "-i", folder / "hosts.yml", "-e", f"@{folder / 'vars.json'}", folder / "play.yml"]
    done = subprocess.run(argv, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
