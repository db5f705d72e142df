# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading, applying and waiting, with a scripted service manager and a clock that only sleeping moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils.clients.systemd import Unit
from ansible_collections.stackwright.nova.plugins.module_utils.service_units.operation import ServiceUnits
from ansible_collections.stackwright.nova.plugins.modules import service_units
from fakes.modules import run_module
from fakes.units import FakeManager

RUNNING = Unit(installed=True, enabled=True, active_state="active", sub_state="running", started=1.0)
STOPPED = Unit(installed=True, enabled=True)
API = {"name": "api"}


def run(manager: FakeManager, *units: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The module's result on a host with this service manager."""

    def prepare(operation: ServiceUnits) -> None:
        operation.manager = manager
        operation.refusal = manager.refusal
        operation.queues = manager if operation.queues else None
        operation.clock = manager.clock

    return run_module(service_units, prepare, **{"units": list(units or [API]), "timeout": 30, **params})


def test_waits_until_the_unit_has_settled_and_the_api_answers() -> None:
    manager = FakeManager(STOPPED, RUNNING, answers_at=110.0)
    assert run(manager, answers=["http://controller:8774/"])["started"] == ["api"]
    assert manager.done == ["start api"]
    assert 110.0 <= manager.clock.now < 111.0


def test_a_unit_has_to_run_for_a_while() -> None:
    manager = FakeManager(STOPPED, RUNNING)
    run(manager, settle=7)
    assert 107.0 <= manager.clock.now < 108.0


def test_a_unit_that_leaves_with_status_zero_is_a_failure() -> None:
    failed = run(FakeManager(STOPPED, STOPPED))
    assert failed["msg"].startswith("Cannot start unit api: it is inactive (dead, result success). ")
    assert "the database is gone" in failed["msg"]
    assert failed["code"] == "unit_failed"


def test_a_unit_that_is_restarted_over_and_over_is_a_failure() -> None:
    failed = run(FakeManager(STOPPED, replace(RUNNING, active_state="activating", sub_state="auto-restart")))
    assert "auto-restart" in failed["msg"]


def test_silence_ends_in_an_error_that_names_the_url_and_the_cause() -> None:
    manager = FakeManager(STOPPED, RUNNING, answers_at=1000.0)
    failed = run(manager, answers=["http://x/"])
    assert "not ready after 30 seconds (http://x/: Connection refused)" in failed["msg"]
    assert failed["code"] == "timeout"
    assert 130.0 <= manager.clock.now < 131.0


def test_a_url_that_answered_is_not_asked_again() -> None:
    manager = FakeManager(STOPPED, RUNNING, answers_at=105.0)
    asked: list[str] = []

    def refusal(url: str) -> str | None:
        asked.append(url)
        return None if url == "http://first/" else manager.refusal(url)

    manager.refusal = refusal
    run(manager, answers=["http://first/", "http://second/"])
    assert asked.count("http://first/") == 1
    assert asked.count("http://second/") > 2


def test_waits_for_what_an_earlier_cut_run_has_started() -> None:
    manager = FakeManager(RUNNING, answers_at=105.0)
    assert not run(manager, answers=["http://x/"])["changed"]
    assert manager.done == []
    assert manager.clock.now >= 105.0


def test_check_mode_waits_for_nothing() -> None:
    for unit in (RUNNING, STOPPED):
        manager = FakeManager(unit, answers_at=1000.0)
        assert "failed" not in run(manager, check=True, answers=["http://x/"])
        assert (manager.done, manager.clock.slept) == ([], [])


def test_a_unit_that_shall_not_run_need_not_be_installed() -> None:
    manager = FakeManager(Unit())
    assert not run(manager, {**API, "enabled": False, "state": "stopped"})["changed"]
    failed = run(manager, {**API, "enabled": True, "state": "stopped"})
    assert failed["msg"].startswith("Cannot manage unit api: not installed on this host.")
    assert failed["code"] == "not_found"


def test_a_unit_that_is_not_installed_is_refused_but_predicted_in_check_mode() -> None:
    manager = FakeManager(Unit())
    failed = run(manager)
    assert "Cannot manage unit api: not installed" in failed["msg"]
    assert "commands" not in failed
    assert manager.done == []
    assert run(manager, check=True)["commands"] == ["systemctl enable api", "systemctl start api"]


def test_a_change_that_is_only_predicted_predicts_the_restart_of_those_that_watch_it() -> None:
    units = [{**API, "watch": ["/etc/api.conf"]}, {"name": "bus"}]
    result = run(FakeManager(RUNNING), *units, check=True, changed_files=["/etc/api.conf"])
    assert result["restarted"] == ["api"]


def test_check_mode_predicts_what_a_real_run_does() -> None:
    manager = FakeManager(Unit(installed=True), RUNNING)
    predicted = run(manager, check=True, diff=True)
    assert manager.done == []
    assert run(manager, diff=True) == predicted
    assert predicted["units"] == {"api": {"enabled": True, "state": "running"}}


def test_a_failure_after_a_write_says_what_was_done() -> None:
    failed = run(FakeManager(Unit(installed=True), refused="start"))
    assert (failed["failed"], failed["changed"]) == (True, True)
    assert failed["commands"] == ["systemctl enable api"]
    assert failed["failed_command"] == "systemctl start api"


def test_silence_after_a_start_says_what_was_done() -> None:
    failed = run(FakeManager(STOPPED, RUNNING, answers_at=1000.0), answers=["http://x/"])
    assert (failed["changed"], failed["commands"]) == (True, ["systemctl start api"])
    assert "failed_command" not in failed


SERVER = {"name": "server", "consumes": ["q-plugin"]}
QUEUE = {"message_queue": {"hosts": ["mq"], "user": "openstack", "password": "s3cret-of-the-queue"}}


def test_clients_start_when_the_server_takes_their_requests() -> None:
    manager = FakeManager(STOPPED, RUNNING, consumed_at=120.0)
    result = run(manager, SERVER, {"name": "agent"}, **QUEUE)
    assert result["commands"] == ["systemctl start server", "systemctl start agent"]
    assert manager.done_at[0] == 100.0
    assert 120.0 <= manager.done_at[1] < 121.0


def test_a_unit_works_when_its_queues_are_consumed() -> None:
    manager = FakeManager(RUNNING, consumed_at=120.0)
    assert not run(manager, SERVER, **QUEUE)["changed"]
    assert 120.0 <= manager.clock.now < 121.0


def test_a_server_that_takes_no_requests_is_named_and_its_clients_stay_stopped() -> None:
    manager = FakeManager(STOPPED, RUNNING, consumed_at=1000.0)
    failed = run(manager, SERVER, {"name": "agent"}, **QUEUE)
    assert failed["msg"].startswith(
        "Cannot start units server: not ready after 30 seconds (queue q-plugin: nobody consumes it)."
    )
    assert manager.done == ["start server"]
    assert failed["commands"] == ["systemctl start server"]


def test_a_server_that_dies_is_not_waited_for() -> None:
    manager = FakeManager(STOPPED, STOPPED, consumed_at=1000.0)
    assert run(manager, SERVER, {"name": "agent"}, **QUEUE)["code"] == "unit_failed"
    assert manager.done == ["start server"]


def test_queues_without_a_message_queue_are_refused() -> None:
    failed = run(FakeManager(RUNNING), SERVER)
    assert failed["msg"] == (
        "Cannot wait for queues of server: nothing says where the message queue is. "
        "Set message_queue, or leave consumes out."
    )


def test_answers_are_checked_against_the_authority_of_the_cloud() -> None:
    handed: list[Any] = []

    def prepare(operation: ServiceUnits) -> None:
        handed.append(operation.refusal("https://127.0.0.1:1/"))
        operation.manager = FakeManager(RUNNING)

    run_module(service_units, prepare, units=[API], ca_cert="/nowhere/ca.pem")
    assert "No such file" in handed[0]


def test_the_password_of_the_message_queue_is_nowhere() -> None:
    manager = FakeManager(STOPPED, RUNNING, consumed_at=1000.0)
    result = run(manager, SERVER, diff=True, invocation=True, **QUEUE)
    assert "s3cret-of-the-queue" not in str(result)
