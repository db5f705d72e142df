# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/hosts, for tests that take its hosts away and bring them back."""

from __future__ import annotations

import subprocess
from pathlib import Path

_PROGRAM = Path(__file__).parents[2] / "tools/hosts"


class HostError(Exception):
    """A command on a host failed."""


def hosts(*arguments: str, stdin: str | None = None) -> str:
    """What tools/hosts says."""
    argv = [str(_PROGRAM), *arguments]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HostError(f"{' '.join(arguments[:3])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
