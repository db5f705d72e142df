# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.operation import (
    MessageQueueUser,
)
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.state import BrokerUser
from ansible_collections.stackwright.nova.plugins.modules import message_queue_user
from fakes.message_queue import FakeBroker
from fakes.modules import run_module

SECRET = " n4sty \"p@ss'\\ "
OTHER = "an0ther secret"
USER = {"user": "openstack", "password": SECRET}
ALL = {"configure": ".*", "write": ".*", "read": ".*"}


class Host:
    """The module against a broker in memory; every result is kept."""

    def __init__(self) -> None:
        self.broker = FakeBroker()
        self.outputs: list[str] = []

    def run(self, **params: Any) -> dict[str, Any]:
        def prepare(operation: MessageQueueUser) -> None:
            operation.client = self.broker

        result = run_module(message_queue_user, prepare, **params)
        self.outputs.append(json.dumps(result))
        return result

    def both(self, **params: Any) -> dict[str, Any]:
        """Check mode first, which must not write, then for real: the same but for nothing."""
        before = len(self.broker.written)
        predicted = self.run(check=True, diff=True, **params)
        assert len(self.broker.written) == before
        done = self.run(diff=True, **params)
        assert predicted == done
        assert len(self.broker.written) - before == len(done["commands"])
        return done


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    for output in host.outputs:
        for secret in (SECRET, OTHER, SECRET.strip()):
            assert secret not in output
            assert json.dumps(secret)[1:-1] not in output


def test_create_again_change_again_absent_again(host: Host) -> None:
    made = host.both(**USER)
    assert made["changed"]
    assert host.broker.written == ["put_user openstack", "set_permissions --vhost / openstack '.*' '.*' '.*'"]
    assert made["commands"][0] == (
        'echo \'{"users": [{"name": "openstack", "password_hash": "********", '
        '"hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}]}\' > user.json '
        "&& rabbitmqctl import_definitions user.json"
    )
    assert (made["user"], made["vhost"], made["permissions"], made["tags"]) == ("openstack", "/", ALL, [])
    assert made["diff"]["before"] == ""
    assert not host.both(**USER)["changed"]

    rotated = host.both(**{**USER, "password": OTHER})
    assert len(rotated["commands"]) == 1
    assert json.loads(rotated["diff"]["before"])["password"] == "another"
    assert json.loads(rotated["diff"]["after"])["password"] == "as given"
    assert host.broker.passwords == {"openstack": OTHER}
    assert not host.both(**{**USER, "password": OTHER})["changed"]

    gone = host.both(**USER, state="absent")
    assert gone["commands"] == ["rabbitmqctl delete_user openstack"]
    assert (gone["user"], gone["permissions"], gone["diff"]["after"]) == (None, None, "")
    assert not host.both(**USER, state="absent")["changed"]
    assert host.broker.permissions == {}


def test_vhost_permissions_and_tags(host: Host) -> None:
    host.run(**USER)
    moved = host.both(**USER, vhost="/cell 2", read="cell2.*", tags=["monitoring", "management"])
    assert moved["commands"] == [
        "rabbitmqctl add_vhost '/cell 2'",
        "rabbitmqctl set_user_tags openstack monitoring management",
        "rabbitmqctl set_permissions --vhost '/cell 2' openstack '.*' '.*' 'cell2.*'",
    ]
    same = host.both(**USER, vhost="/cell 2", read="cell2.*", tags=["management", "monitoring"])
    assert not same["changed"]
    assert host.both(**USER)["tags"] == ["monitoring", "management"]
    assert host.both(**USER, tags=[])["commands"] == ["rabbitmqctl set_user_tags openstack"]


def test_a_changed_password_keeps_the_tags(host: Host) -> None:
    host.run(**USER, tags=["administrator"])
    host.run(**{**USER, "password": OTHER})
    assert host.broker.users["openstack"].tags == ("administrator",)


def test_update_password_on_create(host: Host) -> None:
    host.run(**USER)
    assert not host.both(**{**USER, "password": OTHER}, update_password="on_create")["changed"]
    assert not host.both(user="openstack")["changed"]
    assert host.broker.passwords == {"openstack": SECRET}


def test_without_a_login_the_stored_hash_tells(host: Host) -> None:
    host.broker.logins = [None]
    assert host.both(**USER)["changed"]
    assert not host.both(**USER)["changed"]
    assert host.both(**{**USER, "password": OTHER})["changed"]


def test_a_refused_login_with_the_right_password_is_told(host: Host) -> None:
    host.run(**USER)
    host.broker.logins = [False]
    result = host.both(**USER)
    assert not result["changed"]
    assert result["warnings"] == [
        "The broker refused a login as openstack, although it keeps this password for the user. "
        "See its log; its authentication backends may not be its own."
    ]


def test_a_password_that_does_not_take_effect(host: Host) -> None:
    host.broker.logins = [False]
    failed = host.run(**USER)
    assert failed["code"] == "not_effective"
    assert failed["msg"].startswith("Cannot set the password of message queue user openstack: ")
    assert failed["changed"]
    assert len(failed["commands"]) == 2
    assert "failed_command" not in failed


def test_a_failure_after_a_write_says_what_was_done(host: Host) -> None:
    host.broker.refused = "set_permissions"
    failed = host.run(**USER, vhost="/cell2")
    assert (failed["failed"], failed["changed"], failed["code"]) == (True, True, "command_failed")
    assert failed["commands"][0] == "rabbitmqctl add_vhost /cell2"
    assert failed["commands"][1].endswith("rabbitmqctl import_definitions user.json")
    assert len(failed["commands"]) == 2
    assert failed["failed_command"] == "rabbitmqctl set_permissions --vhost /cell2 openstack '.*' '.*' '.*'"
    host.broker.refused = ""
    assert host.run(**USER, vhost="/cell2")["commands"] == [failed["failed_command"]]


def test_a_new_user_needs_a_password(host: Host) -> None:
    assert "no password was given for it" in host.run(user="openstack")["msg"]


class Nowhere(FakeBroker):
    """No broker at all."""

    def read(self, user: str, vhost: str) -> Any:
        raise UnreachableError("run", "command", "rabbitmqctl", "it is not installed", "Install it")


def test_no_broker(host: Host) -> None:
    host.broker = Nowhere()
    predicted = host.run(check=True, **USER)
    assert len(predicted["commands"]) == 2
    assert "Check mode goes on" in predicted["warnings"][0]
    assert host.run(**USER)["code"] == "unreachable"


def test_other_users_are_dropped_last(host: Host) -> None:
    host.broker.users = {"guest": BrokerUser(("administrator",)), "monitoring": BrokerUser()}
    done = host.both(**USER, absent_users=["guest", "nobody"])
    assert host.broker.written[-1] == "delete_user guest"
    assert done["commands"][-1] == "rabbitmqctl delete_user guest"
    assert set(host.broker.users) == {"openstack", "monitoring"}
    assert json.loads(done["diff"]["before"]) == {"other_users": ["guest"]}
    assert json.loads(done["diff"]["after"])["other_users"] == []
    again = host.both(**USER, absent_users=["guest", "nobody"])
    assert not again["changed"]
    assert "other_users" not in again["diff"]["after"]


def test_a_user_cannot_be_asked_for_and_dropped(host: Host) -> None:
    failed = host.run(**USER, absent_users=["openstack"])
    assert failed["msg"] == (
        "Cannot drop message queue user openstack: the same task asks for it. Take it out of absent_users."
    )
    assert host.broker.written == []


def test_a_new_broker_has_a_guest_to_drop(host: Host) -> None:
    def unreachable(*_arguments: str) -> None:
        raise UnreachableError("read", "users of the broker", "", "it does not run", "Start it")

    host.broker.read = unreachable
    predicted = host.run(check=True, **USER, absent_users=["guest"])
    assert predicted["commands"][-1] == "rabbitmqctl delete_user guest"
