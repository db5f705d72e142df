# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova says of the last thing that an instance was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._shared.instance_actions import last_failure

ACTIONS = "/servers/i1/os-instance-actions"
REFUSED = {"event": "cold_migrate", "result": "Error", "traceback": "Traceback:\n  x\nNoValidHost: none\n\n"}
HIDDEN = {"event": "compute_resize", "result": "Error", "traceback": None}
DONE = {"event": "conductor_x", "result": "Success", "traceback": None}
RUNNING = {"event": "conductor_y", "result": None}


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([], ""),
        ([DONE, RUNNING], ""),
        ([DONE, REFUSED], "NoValidHost: none"),
        ([REFUSED, DONE, REFUSED], "NoValidHost: none"),
        ([HIDDEN], "compute_resize failed"),
        ([{**REFUSED, "traceback": " \n"}], "cold_migrate failed"),
        ([REFUSED, HIDDEN], "NoValidHost: none; compute_resize failed"),
    ],
)
def test_the_events_of_the_last_action(events: list[dict[str, Any]], cause: str) -> None:
    replies = {
        ACTIONS: {"instanceActions": [{"request_id": "r2"}, {"request_id": "r1"}]},
        f"{ACTIONS}/r2": {"instanceAction": {"events": events}},
    }
    assert last_failure("i1", replies.__getitem__) == cause


def test_an_instance_that_was_never_asked_for_anything() -> None:
    assert last_failure("i1", {ACTIONS: {"instanceActions": []}}.__getitem__) == ""
