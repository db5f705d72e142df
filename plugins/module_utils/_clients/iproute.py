# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ip` says of this host's network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from .._engine.errors import CollectionError
from .._engine.process import last_words, run_command

_TIMEOUT = 30


def ip(*arguments: str) -> list[dict[str, Any]]:
    """The answer of `ip -json`; CollectionError where it fails."""
    argv = ("ip", "-json", *arguments)
    done = run_command(argv, timeout=_TIMEOUT)
    if done.code != 0:
        raise CollectionError(
            "read",
            "network of host",
            os.uname().nodename,
            f"`{' '.join(argv)}` says: {last_words(done.stderr, done.stdout)}",
            "Run the command there, and fix what it reports",
        )
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return found


def default_interfaces(printed: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The interfaces of `ip -json route show default`; a route over several has them as next hops."""
    hops = [hop for route in printed for hop in (route, *route.get("nexthops", []))]
    return tuple(dict.fromkeys(hop["dev"] for hop in hops if "dev" in hop))
