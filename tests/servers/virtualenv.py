# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments for servers and library versions that must not share the tests' own."""

from __future__ import annotations

import sys
from pathlib import Path

from servers.cache import cached
from servers.program import run


def virtualenv(name: str, *requirements: str) -> Path:
    """The environment's directory; built on the first use, kept for the next."""

    def build(path: Path) -> None:
        run([sys.executable, "-m", "venv", "--clear", str(path / "env")])
        run([str(path / "env/bin/pip"), "install", "--quiet", *requirements])

    return cached(f"venvs/{name}", "\n".join(requirements), build) / "env"
