# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a broker's answers to a login mean, and to the question who consumes a queue."""

from __future__ import annotations

import ssl
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import (
    BrokerLogin,
    Outcome,
    authorities,
    log_in,
    unconsumed,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from fakes.amqp import AmqpError, Closed, Refused, library


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (None, Outcome.ACCEPTED),
        (Refused(), Outcome.ACCESS_REFUSED),
        (Closed(), Outcome.VHOST_CLOSED),
        (AmqpError(), Outcome.SILENT),
        (ConnectionRefusedError(), Outcome.SILENT),
        (TimeoutError(), Outcome.SILENT),
    ],
)
def test_logins(monkeypatch: pytest.MonkeyPatch, raised: Exception | None, outcome: Outcome) -> None:
    made: list[Any] = []
    monkeypatch.setitem(sys.modules, "amqp", library(raised, made))
    assert log_in("mq", 5673, "nova", "secret", "/cell") is outcome
    (connection,) = made
    assert connection.options["host"] == "mq:5673"
    assert (connection.options["userid"], connection.options["password"]) == ("nova", "secret")
    assert connection.options["virtual_host"] == "/cell"
    assert connection.closed is (raised is None)


def test_a_broker_that_hangs_up_first_has_still_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        def __init__(self, **options: Any) -> None: ...

        def connect(self) -> None: ...

        def close(self) -> None:
            raise ConnectionResetError

    amqp = library(None, [])
    monkeypatch.setitem(
        sys.modules, "amqp", SimpleNamespace(Connection=Connection, exceptions=amqp.exceptions)
    )
    assert log_in("mq", 5672, "nova", "secret", "/") is Outcome.ACCEPTED


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqp", None)
    with pytest.raises(UnreachableError, match="Install python3-amqp on the host"):
        log_in("localhost", 5672, "nova", "secret", "/")


LOGIN = BrokerLogin(("mq1", "mq2"), 5672, "openstack", "secret", "/")


def test_queues_without_consumers(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setitem(sys.modules, "amqp", library(None, made, {"conductor": 2, "q-plugin": 0}))
    assert unconsumed(LOGIN, ["q-plugin", "q-reports-plugin", "conductor"]) == {
        "q-plugin": "nobody consumes it",
        "q-reports-plugin": "there is no such queue yet",
    }
    # One cluster has one set of queues: the first broker that answers is enough.
    assert [(one.options["host"], one.closed) for one in made] == [("mq1:5672", True)]


def test_another_broker_is_asked_where_one_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setitem(sys.modules, "amqp", library(ConnectionRefusedError(), made))
    assert unconsumed(LOGIN, ["conductor"]) == {"conductor": "nobody answers there"}
    assert [one.options["host"] for one in made] == ["mq1:5672", "mq2:5672"]


def test_the_login_does_not_show_its_password() -> None:
    assert "secret" not in repr(LOGIN)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (None, False),
        ("", {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "mq"}),
        ("/ca.pem", {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "mq", "ca_certs": "/ca.pem"}),
    ],
)
def test_over_tls_the_broker_proves_itself(
    monkeypatch: pytest.MonkeyPatch, given: str | None, asked: object
) -> None:
    made: list[Any] = []
    monkeypatch.setitem(sys.modules, "amqp", library(None, made))
    log_in("mq", 5671, "nova", "secret", "/", given)
    assert made[0].options["ssl"] == asked


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (ssl.SSLCertVerificationError("self-signed"), Outcome.UNTRUSTED),
        (ssl.SSLError("wrong version number"), Outcome.WITHOUT_TLS),
    ],
)
def test_tls_that_fails(monkeypatch: pytest.MonkeyPatch, raised: Exception, outcome: Outcome) -> None:
    monkeypatch.setitem(sys.modules, "amqp", library(raised, []))
    assert log_in("mq", 5671, "nova", "secret", "/", "") is outcome


def test_what_parameters_say_of_tls() -> None:
    assert authorities({"tls": False, "ca_cert": "/ca.pem"}) is None
    assert authorities({"tls": True, "ca_cert": None}) == ""
    assert authorities({"tls": True, "ca_cert": "/ca.pem"}) == "/ca.pem"
