# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of the brokers to a login mean for the services."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.message_queue.login import (
    LoginOperation,
    Outcome,
)


def operation(**outcomes: Outcome) -> LoginOperation:
    return LoginOperation(
        hosts=list(outcomes),
        port=5672,
        user="openstack",
        password="s3cret",
        vhost="/cloud",
        try_login=lambda host, *_: outcomes[host],
    )


def test_one_silent_node_of_a_cluster_is_no_failure() -> None:
    subject = operation(a=Outcome.SILENT, b=Outcome.ACCEPTED)
    assert subject.plan(subject.read()).result == {"hosts": {"a": "silent", "b": "accepted"}}


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Outcome.ACCESS_REFUSED, "Cannot log in to message queue b:5672 as openstack: the broker refuses"),
        (Outcome.VHOST_CLOSED, r"closed to the user \(/cloud\)"),
    ],
)
def test_a_refusal_is_told_with_its_cause(outcome: Outcome, cause: str) -> None:
    with pytest.raises(CollectionError, match=cause):
        operation(a=Outcome.ACCEPTED, b=outcome).read()


def test_silence_everywhere_is_told_apart_for_check_mode() -> None:
    subject = operation(a=Outcome.SILENT)
    with pytest.raises(UnreachableError, match=r"nobody answers there\. Start the broker"):
        subject.read()
    assert not subject.plan(subject.nothing()).changed
