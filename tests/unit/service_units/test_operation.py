# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading, applying and waiting, with a scripted service manager and a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import Unit
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.operation import ServiceUnits
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.watched import (
    StartNote,
    Watched,
)
from ansible_collections.stackwright.nova.plugins.modules import service_units
from fakes.modules import run_module
from fakes.units import FakeManager

RUNNING = Unit(installed=True, enabled=True, active_state="active", sub_state="running", started=1.0)
STOPPED = Unit(installed=True, enabled=True)
API = {"name": "api"}


def run(manager: FakeManager, *units: dict[str, Any], **params: Any) -> dict[str, Any]:
    """The module's result on a host with this service manager."""

    def prepare(operation: ServiceUnits) -> None:
        operation.client = operation.files = manager
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
    assert failed["msg"] == (
        "Cannot start unit api: it is inactive (dead, result success). "
        "Correct what the log reports (journalctl --unit api), then run again."
    )
    assert failed["log"] == {"journalctl --unit api": ["the database is gone"]}
    assert failed["code"] == "unit_failed"


def test_a_unit_that_is_restarted_over_and_over_is_a_failure() -> None:
    failed = run(FakeManager(STOPPED, replace(RUNNING, active_state="activating", sub_state="auto-restart")))
    assert "auto-restart" in failed["msg"]


def test_silence_ends_in_an_error_that_names_the_url_and_the_cause() -> None:
    manager = FakeManager(STOPPED, RUNNING, answers_at=1000.0)
    failed = run(manager, answers=["http://x/"])
    assert "not ready after 30 seconds (http://x/: Connection refused)" in failed["msg"]
    assert failed["log"] == {"journalctl --unit api": ["the database is gone"]}
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
    assert failed["log"] == {"journalctl --unit server": ["the database is gone"]}


def test_of_several_units_those_whose_queues_wait_are_named() -> None:
    manager = FakeManager(RUNNING, consumed_at=1000.0)
    failed = run(manager, API, SERVER, **QUEUE)
    assert failed["msg"].startswith("Cannot start units server: not ready")
    assert [*failed["log"]] == ["journalctl --unit server"]


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


CONF = "/etc/api.conf"
WATCHING = {**API, "watch": [CONF]}


def test_what_a_started_process_reads_is_noted() -> None:
    manager = FakeManager(STOPPED, RUNNING, files={CONF: Watched(5.0, {CONF: "x"})})
    run(manager, WATCHING)
    assert manager.noted == {"api": StartNote(manager.unit.invocation, {CONF: {CONF: "x"}})}
    # A new time alone is nothing new; a new content is, whatever its time.
    manager.files[CONF] = Watched(10_000.0, {CONF: "x"})
    assert not run(manager, WATCHING)["changed"]
    manager.files[CONF] = Watched(1.0, {CONF: "y"})
    assert run(manager, WATCHING, check=True)["restarted"] == ["api"]
    assert run(manager, WATCHING)["restarted"] == ["api"]
    assert not run(manager, WATCHING)["changed"]


def test_what_a_reload_reads_is_noted() -> None:
    manager = FakeManager(STOPPED, RUNNING, files={CONF: Watched(5.0, {CONF: "x"})})
    reloading = {**API, "reload_watch": [CONF]}
    run(manager, reloading)
    manager.files[CONF] = Watched(10_000.0, {CONF: "y"})
    assert run(manager, reloading, check=True)["reloaded"] == ["api"]
    assert run(manager, reloading)["reloaded"] == ["api"]
    assert manager.done[-1] == "reload api"
    assert not run(manager, reloading)["changed"]


def test_a_unit_that_somebody_else_started_is_noted_when_it_is_first_seen() -> None:
    manager = FakeManager(
        replace(RUNNING, started=50.0, invocation="theirs"), files={CONF: Watched(40.0, {CONF: "x"})}
    )
    assert not run(manager, WATCHING, check=True)["changed"]
    assert manager.noted == {}
    assert not run(manager, WATCHING)["changed"]
    assert manager.noted == {"api": StartNote("theirs", {CONF: {CONF: "x"}})}


def test_a_run_that_was_cut_before_the_restart_is_made_up_for() -> None:
    manager = FakeManager(STOPPED, RUNNING, files={CONF: Watched(5.0, {CONF: "x"})})
    run(manager, WATCHING)
    manager.files[CONF] = Watched(manager.clock.time() + 1, {CONF: "y"})
    manager.refused = "restart"
    assert run(manager, WATCHING)["failed"]
    manager.refused = ""
    assert run(manager, WATCHING)["restarted"] == ["api"]


def test_a_run_that_was_cut_before_its_note_restarts_nothing_twice() -> None:
    """A process that does not answer in time has read the new file all the same."""
    manager = FakeManager(RUNNING, RUNNING, files={CONF: Watched(50.0, {CONF: "x"})}, answers_at=1000.0)
    assert run(manager, WATCHING, answers=["http://x/"])["code"] == "timeout"
    assert (manager.done, manager.noted) == (["restart api"], {})
    manager.answers_at = 0.0
    assert not run(manager, WATCHING)["changed"]
    assert manager.noted["api"].invocation == manager.unit.invocation


def test_a_note_keeps_what_another_task_watches() -> None:
    manager = FakeManager(
        STOPPED, RUNNING, files={CONF: Watched(5.0, {CONF: "x"}), "/b": Watched(5.0, {"/b": "z"})}
    )
    run(manager, WATCHING)
    run(manager, {**API, "watch": ["/b"]})
    assert manager.noted["api"].digests == {CONF: {CONF: "x"}, "/b": {"/b": "z"}}


def test_a_file_that_changes_during_the_run_is_new_to_the_next_one() -> None:
    manager = FakeManager(STOPPED, RUNNING, files={CONF: Watched(5.0, {CONF: "x"})})
    start = manager.systemctl

    def systemctl(verb: str, names: Sequence[str] = ()) -> None:
        start(verb, names)
        manager.files[CONF] = Watched(manager.clock.time(), {CONF: "y"})

    manager.systemctl = systemctl
    run(manager, WATCHING)
    del manager.systemctl
    assert run(manager, WATCHING)["restarted"] == ["api"]
    assert not run(manager, WATCHING)["changed"]


def test_what_cannot_be_read_is_not_noted() -> None:
    manager = FakeManager(STOPPED, RUNNING, files={CONF: Watched(5.0, None)})
    run(manager, WATCHING)
    assert manager.noted == {}


def test_answers_are_checked_against_the_authority_of_the_cloud() -> None:
    handed: list[Any] = []

    def prepare(operation: ServiceUnits) -> None:
        handed.append(operation.refusal("https://127.0.0.1:1/"))
        operation.client = FakeManager(RUNNING)

    run_module(service_units, prepare, units=[API], ca_cert="/nowhere/ca.pem")
    assert "No such file" in handed[0]


def test_the_password_of_the_message_queue_is_nowhere() -> None:
    manager = FakeManager(STOPPED, RUNNING, consumed_at=1000.0)
    result = run(manager, SERVER, diff=True, invocation=True, **QUEUE)
    assert "s3cret-of-the-queue" not in str(result)
