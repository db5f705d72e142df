# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing to a Keystone that others write to at the same time."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.operation import (
    KeystoneServiceEndpoint,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.parameters import (
    Desired,
    Registration,
    ServiceUser,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.writer import (
    CatalogWriter,
)
from fakes.keystone import FakeKeystone

URLS = dict.fromkeys(("public", "internal", "admin"), "http://c:8774/v2.1")
USER = ServiceUser("nova", "s3cret", "service", "Default", ("admin", "service"))
NOVA = Registration("nova", "compute", "OpenStack Compute", endpoints=URLS, user=USER)


def registering(
    keystone: FakeKeystone, *registrations: Registration, **options: Any
) -> KeystoneServiceEndpoint:
    return KeystoneServiceEndpoint(Desired(registrations or (NOVA,), **options), CatalogWriter(keystone))


def carry_out(operation: KeystoneServiceEndpoint) -> dict[str, Any]:
    current = operation.read()
    plan = operation.plan(current)
    return dict(operation.apply(current, plan)) if plan.changed else dict(plan.result)


def counts(keystone: FakeKeystone) -> dict[str, int]:
    return {kind: len(things) for kind, things in keystone.things.items()}


ONE_OF_EACH = {
    "region": 1,
    "role": 2,
    "project": 1,
    "user": 1,
    "service": 1,
    "endpoint": 3,
    "domain": 1,
}


def test_registers_once() -> None:
    keystone = FakeKeystone()
    result = carry_out(registering(keystone))
    assert counts(keystone) == ONE_OF_EACH
    (service,) = result["services"]
    assert service["id"] in keystone.things["service"]
    assert {one["id"] for one in service["endpoints"].values()} == set(keystone.things["endpoint"])
    assert service["user_id"] in keystone.things["user"]
    written = len(keystone.writes)
    assert carry_out(registering(keystone)) == result
    assert len(keystone.writes) == written


def test_a_password_is_not_tried_after_it_was_written() -> None:
    keystone = FakeKeystone()
    carry_out(registering(keystone))
    assert keystone.probes == []
    carry_out(registering(keystone))
    assert keystone.probes == ["nova"]


def test_a_changed_password_is_written_once() -> None:
    keystone = FakeKeystone()
    carry_out(registering(keystone))
    changed = Registration("nova", "compute", user=ServiceUser("nova", "n3w", "service", "Default", ()))
    carry_out(registering(keystone, changed))
    (user,) = keystone.things["user"].values()
    assert user["password"] == "n3w"
    assert keystone.writes.count(("update", "user")) == 1
    carry_out(registering(keystone, changed, update_password=False))
    assert keystone.probes == ["nova"]


@pytest.mark.parametrize("moment", range(1, 14))
def test_another_run_comes_between(moment: int) -> None:
    """After so many writes of the first run, the second one does all of its work."""
    keystone = FakeKeystone()
    writes = itertools.count()

    def interrupt(_action: str, _kind: str) -> None:
        if next(writes) == moment:
            keystone.before_write = lambda *_arguments: None
            carry_out(registering(keystone))

    first = registering(keystone)
    current = first.read()
    plan = first.plan(current)
    keystone.before_write = interrupt
    first.apply(current, plan)
    assert counts(keystone) == ONE_OF_EACH
    assert not first.plan(first.read()).changed


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_two_runs_side_by_side(stride: int) -> None:
    """Both read an empty Keystone, then each writes ``stride`` times in turn, until both are done."""
    keystone = FakeKeystone()
    done = _side_by_side(keystone, [registering(keystone), registering(keystone)], stride)
    assert counts(keystone) == ONE_OF_EACH
    assert done[0]["services"] == done[1]["services"] == carry_out(registering(keystone))["services"]


def _side_by_side(
    keystone: FakeKeystone, operations: list[KeystoneServiceEndpoint], stride: int
) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = [{}, {}]
    turn = threading.Condition()
    state = {"whose": 0, "left": stride, "alive": {0, 1}}
    mine = threading.local()
    states = [operation.read() for operation in operations]
    plans = [operation.plan(state) for operation, state in zip(operations, states)]

    def hand_over() -> None:
        state["whose"], state["left"] = 1 - state["whose"], stride
        turn.notify_all()

    def wait(_action: str, _kind: str) -> None:
        with turn:
            turn.wait_for(lambda: state["whose"] == mine.number or len(state["alive"]) == 1, timeout=20)
            state["left"] -= 1
            if state["left"] <= 0:
                hand_over()

    def work(number: int) -> None:
        mine.number = number
        results[number] = dict(operations[number].apply(states[number], plans[number]))
        with turn:
            state["alive"].discard(number)
            hand_over()

    keystone.before_write = wait
    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keystone.before_write = lambda *_arguments: None
    return results


def test_a_refusal_that_stands() -> None:
    keystone = FakeKeystone()
    keystone.refuse["create", "service"] = 403
    operation = registering(keystone)
    with pytest.raises(ApiError, match="403"):
        carry_out(operation)
    assert operation.journal.changed
    assert operation.journal.commands[0] == "openstack project create --domain Default service"
    assert operation.journal.failed_command.startswith("openstack service create --name nova ")


def test_a_refusal_that_somebody_else_settles() -> None:
    keystone = FakeKeystone()

    def refuse_once(action: str, kind: str) -> None:
        if (action, kind) == ("create", "region"):
            keystone.things["region"]["RegionOne"] = {"id": "RegionOne"}
            keystone.before_write = lambda *_arguments: None

    keystone.before_write = refuse_once
    operation = registering(keystone)
    carry_out(operation)
    assert counts(keystone) == ONE_OF_EACH
    assert operation.journal.failed_command == ""


def test_somebody_who_undoes_everything() -> None:
    keystone = FakeKeystone()
    operation = registering(keystone, Registration("nova", "compute", "right"))
    original = keystone.read

    def read(*arguments: Any) -> Any:
        for service in keystone.things["service"].values():
            service["description"] = "wrong"
        return original(*arguments)

    keystone.read = read  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="something changes them again and again") as caught:
        carry_out(operation)
    assert caught.value.code == "unstable"


def test_absent() -> None:
    keystone = FakeKeystone()
    carry_out(registering(keystone))
    carry_out(registering(keystone, present=False))
    assert counts(keystone) == {**ONE_OF_EACH, "service": 0, "endpoint": 0, "user": 0}
    again = registering(keystone, present=False)
    assert not again.plan(again.read()).changed


def test_nothing_is_a_keystone_with_its_domains() -> None:
    plan = registering(FakeKeystone()).plan(registering(FakeKeystone()).nothing())
    assert plan.commands[0] == "openstack project create --domain Default service"
