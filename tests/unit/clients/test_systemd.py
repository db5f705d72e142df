# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemctl and journalctl say, and what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import systemd
from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import (
    Systemd,
    Unit,
    log_remedy,
    parse_unit,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output


def answer(monkeypatch: pytest.MonkeyPatch, **outputs: Output) -> list[list[str]]:
    """What each program says; returns the calls."""
    calls: list[list[str]] = []

    def run(argv: list[str], **options: Any) -> Output:
        calls.append(argv)
        return outputs[argv[0]]

    monkeypatch.setattr(systemd, "run_command", run)
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    return calls


def test_reads_what_systemctl_shows() -> None:
    block = (
        "ExecMainStartTimestampMonotonic=60000000\nNRestarts=2\nResult=success\nLoadState=loaded\n"
        "ActiveState=active\nSubState=running\nUnitFileState=enabled\nNeedDaemonReload=no\nInvocationID=cafe\n"
        "Triggers=\nTriggeredBy=a.socket b.socket"
    )
    unit = parse_unit(block, since_boot=100.0, now=5000.0)
    assert unit == Unit(
        True, True, "active", "running", "success", 2, 4960.0, False, "cafe", (), ("a.socket", "b.socket")
    )


@pytest.mark.parametrize(
    ("clock", "started"),
    [
        # In whole seconds, which end before the start that the uptime tells.
        ("1970-01-01 01:22:40 UTC", 4960.7),
        ("1970-01-01 01:22:39 UTC", 4960.7),
        # Suspended for an hour since then, or its clock set ahead: the uptime tells a time that is too late.
        ("1970-01-01 00:22:40 UTC", 1360.0),
        # Its clock set back: files are newer than the uptime tells, whatever the clock showed then.
        ("1970-01-01 02:22:40 UTC", 4960.7),
        ("", 4960.7),
        ("n/a", 4960.7),
    ],
)
def test_a_start_is_the_earlier_of_what_uptime_and_clock_tell(clock: str, started: float) -> None:
    day = "Thu " if clock.startswith("19") else ""
    block = (
        f"ExecMainStartTimestampMonotonic=60700000\nExecMainStartTimestamp={day}{clock}\nActiveState=active"
    )
    assert parse_unit(block, since_boot=100.0, now=5000.0).started == pytest.approx(started)
    without_process = block.replace("ExecMainStart", "ActiveEnter") + "\nExecMainStartTimestampMonotonic=0"
    assert parse_unit(without_process, since_boot=100.0, now=5000.0).started == pytest.approx(started)


def test_a_unit_that_is_not_there_was_never_started() -> None:
    unit = parse_unit("LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=")
    assert not unit.installed
    assert not unit.enabled
    assert unit.started is None


@pytest.mark.parametrize(
    ("state", "enabled", "fixed"),
    [
        ("enabled", True, False),
        ("disabled", False, False),
        ("masked", False, False),
        ("static", True, True),
        ("alias", True, True),
        ("", False, False),
    ],
)
def test_some_units_can_be_neither_enabled_nor_disabled(state: str, enabled: bool, fixed: bool) -> None:
    unit = parse_unit(f"LoadState=loaded\nUnitFileState={state}")
    assert (unit.enabled, unit.fixed) == (enabled, fixed)


def test_one_call_reads_all_units(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = "LoadState=loaded\nActiveState=active\n\nLoadState=not-found\nActiveState=inactive\n"
    calls = answer(monkeypatch, systemctl=Output(0, blocks, ""))
    units = Systemd(5.0).units(["api", "a.socket"])
    assert (units["api"].installed, units["api"].active) == (True, True)
    assert (units["a.socket"].installed, units["a.socket"].active) == (False, False)
    assert [argv[-3:] for argv in calls] == [["--", "api.service", "a.socket"]]


def test_without_systemd_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: False)
    with pytest.raises(UnreachableError, match="Cannot read units api: systemd does not run here"):
        Systemd(5.0).units(["api"])


def test_a_verb_that_fails_shows_the_last_lines_of_the_logs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "api.log").write_text("".join(f"line {number}\n" for number in range(30)))
    calls = answer(
        monkeypatch,
        systemctl=Output(1, "", "Job for api.service failed.\nSee the journal."),
        journalctl=Output(0, "Traceback\n\nno database\n", ""),
    )
    with pytest.raises(CollectionError) as caught:
        Systemd(5.0, str(tmp_path)).systemctl("start", ["api"])
    assert str(caught.value) == (
        "Cannot start unit api: Job for api.service failed. "
        f"Correct what the log reports (journalctl --unit api, {tmp_path}/api.log), then run again."
    )
    assert caught.value.code == "unit_failed"
    assert caught.value.details == {
        "command": "systemctl start api",
        "log": {
            "journalctl --unit api": ["Traceback", "no database"],
            f"{tmp_path}/api.log": [f"line {number}" for number in range(20, 30)],
        },
    }
    assert calls[0] == ["systemctl", "--no-pager", "start", "api.service"]


SHOWN = {
    "works": "ActiveState=active\nSubState=running",
    "broken": "ActiveState=failed\nSubState=failed\nResult=exit-code",
    "again": "ActiveState=activating\nSubState=auto-restart\nResult=exit-code",
    "stopped": "ActiveState=inactive\nSubState=dead",
}


@pytest.mark.parametrize(
    ("units", "complaint", "named"),
    [
        (
            {"polkit": "works", "libvirtd": "works", "nova-compute": "broken"},
            "Job for nova-compute.service failed because the control process exited with error code.",
            ["nova-compute"],
        ),
        (
            {"polkit": "broken", "nova-compute": "again"},
            "Job for nova-compute.service failed because a timeout was exceeded.",
            ["nova-compute", "polkit"],
        ),
        ({"api": "works", "worker": "again", "agent": "stopped"}, "Some jobs failed.", ["worker"]),
        ({"api": "works", "agent": "stopped"}, "Connection timed out", ["api", "agent"]),
        ({"nova": "works", "nova-api": "works"}, "Job for nova-api.service failed.", ["nova-api"]),
    ],
)
def test_the_unit_that_failed_is_named_and_only_its_log_is_shown(
    monkeypatch: pytest.MonkeyPatch, units: dict[str, str], complaint: str, named: list[str]
) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    shown = "\n\n".join(SHOWN[state] for state in units.values())

    def run(argv: list[str], **options: object) -> Output:
        if argv[0] == "journalctl":
            return Output(0, f"said by {argv[-1]}\n", "")
        return Output(0, shown, "") if argv[1] == "show" else Output(1, "", complaint)

    monkeypatch.setattr(systemd, "run_command", run)
    with pytest.raises(CollectionError) as caught:
        Systemd(5.0).systemctl("start", [*units])
    kind = "unit" if len(named) == 1 else "units"
    assert caught.value.failure == f"Cannot start {kind} {', '.join(named)}: {complaint.rstrip('.')}"
    assert caught.value.details["log"] == {
        f"journalctl --unit {name}": [f"said by _SYSTEMD_UNIT={name}.service"] for name in named
    }


def test_systemd_has_time_to_say_that_its_own_limit_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []
    monkeypatch.setattr(
        systemd, "run_command", lambda argv, timeout: limits.append(timeout) or Output(0, "", "")
    )
    Systemd(180).systemctl("start", ["nova-scheduler"])
    assert limits[0] > 180


def test_the_manager_itself_has_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, systemctl=Output(1, "", ""))
    with pytest.raises(CollectionError) as caught:
        Systemd(5.0).systemctl("daemon-reload")
    assert str(caught.value) == (
        "Cannot daemon-reload units manager: exit 1. "
        "Run `systemctl daemon-reload` on the host, and correct what it reports."
    )
    assert "log" not in caught.value.details


def test_what_is_enabled_has_no_log_either(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, systemctl=Output(1, "", "Failed to enable unit: Unit api.service is masked."))
    with pytest.raises(CollectionError) as caught:
        Systemd(5.0).systemctl("enable", ["api"])
    assert caught.value.remedy == "Run `systemctl enable api` on the host, and correct what it reports"
    assert (caught.value.code, caught.value.details) == ("failed", {"command": "systemctl enable api"})


def test_of_a_unit_that_said_nothing_systemd_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is not there leaves no separate line."""
    lines = {"--unit=api.service": "api.service: Failed at step EXEC\n"}
    monkeypatch.setattr(
        systemd, "run_command", lambda argv, **options: Output(0, lines.get(argv[-1], ""), "")
    )
    assert Systemd(5.0).logs(["api", "mute"]) == {
        "journalctl --unit api": ["api.service: Failed at step EXEC"],
        "journalctl --unit mute": [],
    }


def test_a_remedy_names_few_logs() -> None:
    logs = {f"journalctl --unit {name}": ["x"] for name in "abcd"}
    assert log_remedy(logs) == (
        "Correct what the log reports (journalctl --unit a, journalctl --unit b, journalctl --unit c, ...), "
        "then run again"
    )
