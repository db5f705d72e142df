# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker of this host: what reaches rabbitmqctl, and what a login tells."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import rabbitmqctl
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user import passwords
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.client import (
    RabbitmqClient,
)
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.state import State
from fakes.amqp import AmqpError, Closed, Refused, library


def test_only_the_hash_of_a_password_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[tuple[dict[str, Any], str]] = []
    monkeypatch.setattr(rabbitmqctl, "import_definitions", lambda *arguments: imported.append(arguments))
    RabbitmqClient("localhost", 5672).put_user("nova", " secret ", ("a", "b"))
    definitions, subject = imported[0]
    user = definitions["users"][0]
    assert (user["name"], user["tags"], subject) == ("nova", "a,b", "user nova")
    assert passwords.matches(user["hashing_algorithm"], user["password_hash"], " secret ")
    assert "secret" not in str(imported)


def test_reads_what_the_broker_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    definitions: dict[str, Any] = {"users": [], "vhosts": [{"name": "/"}], "permissions": []}
    monkeypatch.setattr(rabbitmqctl, "export_definitions", lambda: definitions)
    assert RabbitmqClient("localhost", 5672).read("nova", "/") == State(frozenset({"/"}))


def test_commands_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(rabbitmqctl, "run", lambda *words: calls.append(words))
    RabbitmqClient("localhost", 5672).rabbitmqctl("delete_user", "guest")
    assert calls == [("delete_user", "guest")]


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (None, True),
        (Refused(), False),
        (Closed(), True),
        (AmqpError(), None),
        (ConnectionRefusedError(), None),
        (TimeoutError(), None),
    ],
)
def test_logins(monkeypatch: pytest.MonkeyPatch, raised: Exception | None, expected: bool | None) -> None:
    made: list[Any] = []
    monkeypatch.setitem(sys.modules, "amqp", library(raised, made))
    assert RabbitmqClient("mq", 5673).log_in("nova", "secret", "/cell") is expected
    options = made[0].options
    assert (options["host"], options["userid"], options["virtual_host"]) == ("mq:5673", "nova", "/cell")
    assert made[0].closed is (raised is None)


def test_without_the_library_no_login_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqp", None)
    assert RabbitmqClient("localhost", 5672).log_in("nova", "secret", "/") is None
