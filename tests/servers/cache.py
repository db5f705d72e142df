# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes long to fetch or to build, kept in ``.cache`` for the next test run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

_CACHE = Path(__file__).resolve().parents[2] / ".cache"


def cached(name: str, requirements: str, build: Callable[[Path], None]) -> Path:
    """The directory of that name, filled by ``build``; again only where the requirements are others now."""
    path = _CACHE / name
    path.mkdir(parents=True, exist_ok=True)
    built = path / "requirements"
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists() or built.read_text() != requirements:
            built.unlink(missing_ok=True)
            build(path)
            built.write_text(requirements)
    return path
