# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of the brokers to a login mean for the services."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import BrokerLogin, Outcome
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._service_files.login import (
    MessageQueueLogin,
    plan_of_login,
)

LOGIN = BrokerLogin(("a", "b"), 5673, "openstack", "s3cret", "/cloud")


def test_one_silent_node_of_a_cluster_is_no_failure() -> None:
    plan = plan_of_login(LOGIN, {"a": Outcome.SILENT, "b": Outcome.ACCEPTED})
    assert plan.result == {"hosts": {"a": "silent", "b": "accepted"}}
    assert (plan.unmet, plan.warnings) == ((), ())


@pytest.mark.parametrize(
    ("outcome", "cause", "code"),
    [
        (
            Outcome.ACCESS_REFUSED,
            "Cannot log in to message queue b:5673 as openstack: the broker refuses",
            "access_refused",
        ),
        (Outcome.VHOST_CLOSED, "closed to the user (/cloud)", "vhost_closed"),
        (Outcome.UNTRUSTED, "Name the authority of its certificate in ca_cert", "untrusted"),
        (Outcome.WITHOUT_TLS, "does not speak TLS. Give the port", "without_tls"),
    ],
)
def test_a_refusal_stops_a_real_run_and_warns_in_check_mode(outcome: Outcome, cause: str, code: str) -> None:
    plan = plan_of_login(LOGIN, {"a": Outcome.ACCEPTED, "b": outcome})
    assert [(error.code, cause in str(error)) for error in plan.unmet] == [(code, True)]
    assert [cause in warning for warning in plan.warnings] == [True]
    assert plan.result["hosts"]["b"] == code
    assert "s3cret" not in repr(plan)


def test_silence_everywhere_is_not_a_refusal() -> None:
    operation = MessageQueueLogin(LOGIN, lambda *_account: Outcome.SILENT)
    with pytest.raises(UnreachableError, match="nobody answers there"):
        operation.read()
    assert operation.nothing() == {"a": Outcome.SILENT, "b": Outcome.SILENT}


@pytest.mark.parametrize(
    ("options", "authorities"),
    [({"tls": False}, None), ({"tls": True}, ""), ({"tls": True, "ca_cert": "/ca"}, "/ca")],
)
def test_the_account_is_tried_on_every_broker(options: dict[str, Any], authorities: str | None) -> None:
    tried: list[Any] = []

    def log_in(*account: Any) -> Outcome:
        tried.append(account)
        return Outcome.ACCEPTED

    account = {"hosts": ["a", "b"], "port": 5673, "user": "nova", "password": "s3cret", "vhost": "/"}
    MessageQueueLogin(BrokerLogin.of({"ca_cert": None, **account, **options}), log_in).read()
    sent = (5673, "nova", "s3cret", "/", authorities)
    assert tried == [("a", *sent), ("b", *sent)]
