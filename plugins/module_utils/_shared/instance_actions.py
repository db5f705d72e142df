# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova is asked for to move an instance, and what it says of a move that did not succeed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

# Since 2.25 (Mitaka) Nova itself finds out whether the disks have to be copied.
LIVE_MIGRATION: Mapping[str, Any] = {"os-migrateLive": {"host": None, "block_migration": "auto"}}
CONFIRM_RESIZE: Mapping[str, Any] = {"confirmResize": None}
# How an instance that was copied, with or without another size, shows that it is there.
VERIFY_RESIZE = "VERIFY_RESIZE"


def last_failure(instance: str, read: Callable[[str], Any]) -> str:
    """Why the last thing that an instance was asked for failed; "" where Nova says nothing.

    ``read`` gets a path of the Compute API. Tracebacks, of which this is the end, are for administrators.
    """
    path = f"/servers/{instance}/os-instance-actions"
    actions = read(path)["instanceActions"]
    if not actions:
        return ""
    last = read(f"{path}/{actions[0]['request_id']}")
    failed = [one for one in last["instanceAction"]["events"] if one["result"] == "Error"]
    return "; ".join(dict.fromkeys(map(_last_line, failed)))


def _last_line(event: Mapping[str, Any]) -> str:
    """What an event failed with: the end of its traceback, where the cloud shows that, or its name."""
    lines = [line.strip() for line in (event.get("traceback") or "").splitlines() if line.strip()]
    return lines[-1] if lines else f"{event['event']} failed"
