# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import json
import os
import pwd
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils.message_queue import client, passwords
from ansible_collections.stackwright.nova.plugins.module_utils.message_queue.client import (
    RabbitmqClient,
    state,
)
from ansible_collections.stackwright.nova.plugins.module_utils.message_queue.planning import (
    Permissions,
    State,
    User,
)

DEFINITIONS = {
    "users": [
        {"name": "guest", "password_hash": "x", "tags": "administrator,monitoring", "limits": {}},
        {
            "name": "nova",
            "password_hash": "y",
            "hashing_algorithm": "rabbit_password_hashing_sha512",
            "tags": ["a"],
        },
        {"name": "plain", "password_hash": "z", "tags": ""},
    ],
    "vhosts": [{"name": "/"}, {"name": "/cell"}],
    "permissions": [{"user": "nova", "vhost": "/cell", "configure": "c", "write": "w", "read": "r"}],
}


@pytest.mark.parametrize(
    ("user", "vhost", "expected", "permissions"),
    [
        ("guest", "/", User(("administrator", "monitoring"), "x"), None),
        ("nova", "/cell", User(("a",), "y", "rabbit_password_hashing_sha512"), Permissions("c", "w", "r")),
        ("nova", "/", User(("a",), "y", "rabbit_password_hashing_sha512"), None),
        ("plain", "/", User((), "z"), None),
        ("nobody", "/", None, None),
    ],
)
def test_definitions(user: str, vhost: str, expected: User | None, permissions: Permissions | None) -> None:
    assert state(DEFINITIONS, user, vhost) == State(frozenset({"/", "/cell"}), expected, permissions)


@pytest.mark.parametrize("digest", ["sha256", "sha512", "md5"])
def test_hashes(digest: str) -> None:
    salt = b"\x01\x02\x03\xff"
    stored = base64.b64encode(salt + hashlib.new(digest, salt + "pässwörd ".encode()).digest()).decode()
    algorithm = f"rabbit_password_hashing_{digest}"
    assert passwords.matches(algorithm, stored, "pässwörd ") is True
    assert passwords.matches(algorithm, stored, "pässwörd") is False
    assert passwords.matches("of_a_plugin", stored, "pässwörd ") is None


def test_new_hashes_are_salted() -> None:
    made = {passwords.new_hash("secret") for _time in range(3)}
    assert len(made) == 3
    assert all(passwords.matches(passwords.DEFAULT_ALGORITHM, each, "secret") for each in made)
    assert not passwords.matches(passwords.DEFAULT_ALGORITHM, made.pop(), "Secret")


def test_the_hash_goes_into_a_file_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run(argv: list[str], **options: Any) -> Output:
        path = Path(argv[-1])
        seen.append((argv[:-1], path, path.stat().st_mode & 0o777, json.loads(path.read_text())))
        return Output(0, "", "")

    monkeypatch.setattr(client, "run_command", run)
    monkeypatch.setattr(client, "_BROKER_USER", pwd.getpwuid(os.geteuid()).pw_name)
    RabbitmqClient("localhost", 5672).put_user("nova", " secret ", ("a", "b"))
    argv, path, mode, definition = seen[0]
    assert argv == ["rabbitmqctl", "--quiet", "import_definitions"]
    assert mode == 0o600
    assert not path.exists()
    user = definition["users"][0]
    assert (user["name"], user["tags"]) == ("nova", "a,b")
    assert passwords.matches(user["hashing_algorithm"], user["password_hash"], " secret ")


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            "Error: unable to perform an operation on node 'rabbit@host'. Please see diagnostics",
            UnreachableError,
        ),
        ("Error: this command requires the 'rabbit' app to be running on the target node", UnreachableError),
        ('Error:\n{:no_such_vhost, "x"}', CollectionError),
    ],
)
def test_rabbitmqctl_fails(monkeypatch: pytest.MonkeyPatch, stderr: str, kind: type[Exception]) -> None:
    monkeypatch.setattr(client, "run_command", lambda argv, **options: Output(69, "", stderr))
    with pytest.raises(CollectionError) as caught:
        RabbitmqClient("localhost", 5672).read("nova", "/")
    assert type(caught.value) is kind


class AmqpError(Exception):
    """The root of py-amqp's errors."""


class Refused(AmqpError):
    """403."""


class Closed(AmqpError):
    """530."""


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
    seen: dict[str, Any] = {}

    class Connection:
        def __init__(self, **options: Any) -> None:
            seen.update(options)

        def connect(self) -> None:
            if raised:
                raise raised

        def close(self) -> None:
            seen["closed"] = True

    errors = SimpleNamespace(AccessRefused=Refused, NotAllowed=Closed, AMQPError=AmqpError)
    monkeypatch.setitem(sys.modules, "amqp", SimpleNamespace(Connection=Connection, exceptions=errors))
    assert RabbitmqClient("mq", 5673).log_in("nova", "secret", "/cell") is expected
    assert (seen["host"], seen["userid"], seen["virtual_host"]) == ("mq:5673", "nova", "/cell")
    assert seen.get("closed", False) is (raised is None)


def test_without_the_library_no_login_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqp", None)
    assert RabbitmqClient("localhost", 5672).log_in("nova", "secret", "/") is None
