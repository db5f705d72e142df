# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments for servers and library versions that must not share the tests' own."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "venvs"


def virtualenv(name: str, *requirements: str) -> Path:
    """The environment's directory; built on the first use, kept for the next."""
    path = _CACHE / name
    path.mkdir(parents=True, exist_ok=True)
    ready = path / "requirements"
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != "\n".join(requirements):
            _run(sys.executable, "-m", "venv", "--clear", str(path / "env"))
            _run(str(path / "env/bin/pip"), "install", "--quiet", *requirements)
            ready.write_text("\n".join(requirements))
    return path / "env"


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
