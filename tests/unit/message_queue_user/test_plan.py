# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps call what their commands show."""

from __future__ import annotations

import shlex

from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.state import (
    BrokerUser,
    State,
)
from fakes.recorder import calls, calls_of


def test_a_new_user() -> None:
    steps = plan(Desired("nova", "secret", "/cell 2", tags=("a",)), State()).steps
    assert calls_of(steps[1]) == [("put_user", ("nova", "secret", ("a",)), {})]
    for step in (steps[0], steps[2]):
        assert calls_of(step) == [("rabbitmqctl", tuple(shlex.split(step.command)[1:]), {})]
    assert "secret" not in "".join(step.command for step in steps)


def test_a_user_that_goes() -> None:
    gone = plan(Desired("nova", present=False), State(frozenset({"/"}), BrokerUser()))
    assert calls(gone) == [("rabbitmqctl", ("delete_user", "nova"), {})]
    assert gone.commands == ["rabbitmqctl delete_user nova"]
