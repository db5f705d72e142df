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
    assert str(caught.value).startswith("Cannot start unit api: Job for api.service failed. Its last words: ")
    assert "Traceback\nno database\nline 20\n" in str(caught.value)
    assert caught.value.details == {"command": "systemctl start api"}
    assert calls[0] == ["systemctl", "--no-pager", "start", "api.service"]


def test_systemd_has_time_to_say_that_its_own_limit_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []
    monkeypatch.setattr(
        systemd, "run_command", lambda argv, timeout: limits.append(timeout) or Output(0, "", "")
    )
    Systemd(180).systemctl("start", ["nova-scheduler"])
    assert limits[0] > 180


def test_the_manager_itself_has_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, systemctl=Output(1, "", ""))
    with pytest.raises(CollectionError, match=r"Cannot daemon-reload units manager: exit 1\. Run it on the"):
        Systemd(5.0).systemctl("daemon-reload")


def test_units_that_said_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, journalctl=Output(0, "", ""))
    assert Systemd(5.0).log_tail(["api"]) == "none, neither in the journal nor in its own log"
