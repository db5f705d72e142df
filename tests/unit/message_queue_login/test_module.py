# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of the brokers to a login mean for the services."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import Outcome
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_login.operation import (
    MessageQueueLogin,
)
from ansible_collections.stackwright.nova.plugins.modules import message_queue_login
from fakes.modules import run_module


def run(check: bool = False, **outcomes: Outcome) -> dict[str, Any]:
    """The module's result, with brokers that answer as given."""

    def prepare(operation: MessageQueueLogin) -> None:
        operation.client = lambda host, *_account: outcomes[host]

    account = {"user": "openstack", "password": "s3cret", "vhost": "/cloud"}
    return run_module(message_queue_login, prepare, check=check, hosts=list(outcomes), **account)


def test_one_silent_node_of_a_cluster_is_no_failure() -> None:
    result = run(a=Outcome.SILENT, b=Outcome.ACCEPTED)
    assert result == {"changed": False, "hosts": {"a": "silent", "b": "accepted"}, "commands": []}


@pytest.mark.parametrize(
    ("outcome", "cause", "code"),
    [
        (
            Outcome.ACCESS_REFUSED,
            "Cannot log in to message queue b:5672 as openstack: the broker refuses",
            "access_refused",
        ),
        (Outcome.VHOST_CLOSED, "closed to the user (/cloud)", "vhost_closed"),
        (Outcome.UNTRUSTED, "Name the authority of its certificate in ca_cert", "untrusted"),
        (Outcome.WITHOUT_TLS, "does not speak TLS. Give the port", "without_tls"),
    ],
)
def test_a_refusal_is_told_with_its_cause(outcome: Outcome, cause: str, code: str) -> None:
    result = run(a=Outcome.ACCEPTED, b=outcome)
    assert result["failed"]
    assert cause in result["msg"]
    assert result["code"] == code
    # A task before may be about to fix the account, so that a prediction goes on.
    predicted = run(check=True, a=Outcome.ACCEPTED, b=outcome)
    assert (predicted["changed"], predicted["hosts"]["b"]) == (False, code)
    assert [cause in warning for warning in predicted["warnings"]] == [True]
    assert "s3cret" not in f"{result}{predicted}"


def test_silence_everywhere_is_told_apart_for_check_mode() -> None:
    result = run(a=Outcome.SILENT)
    assert result["code"] == "unreachable"
    assert "nobody answers there. Start the broker" in result["msg"]
    predicted = run(check=True, a=Outcome.SILENT)
    assert (predicted["changed"], predicted["hosts"]) == (False, {"a": "silent"})
    assert "nobody answers there" in predicted["warnings"][0]


def test_the_account_is_tried_on_every_broker() -> None:
    tried: list[Any] = []

    def log_in(*account: Any) -> Outcome:
        tried.append(account)
        return Outcome.ACCEPTED

    def prepare(operation: MessageQueueLogin) -> None:
        operation.client = log_in

    run_module(message_queue_login, prepare, hosts=["a", "b"], port=5673, user="nova", password="s3cret")
    account = (5673, "nova", "s3cret", "/", None)
    assert tried == [("a", *account), ("b", *account)]
