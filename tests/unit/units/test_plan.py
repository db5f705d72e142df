# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units are enabled, started, restarted and stopped."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.units.plan import DesiredUnit, Unit, plan_units
from ansible_collections.stackwright.nova.plugins.module_utils.units.systemd import parse_unit

RUNNING = Unit(installed=True, enabled=True, active_state="active", sub_state="running", started=1000.0)
STOPPED = Unit(installed=True)
FAILED = Unit(installed=True, enabled=True, active_state="failed", sub_state="failed", result="exit-code")
API = DesiredUnit("api", watch=("/etc/api.conf",))
UNUSED = DesiredUnit("proxy", enabled=False, running=False)


@pytest.mark.parametrize(
    ("desired", "current", "modified", "commands"),
    [
        ([API], {"api": RUNNING}, {"/etc/api.conf": 999.0}, []),
        ([API], {"api": RUNNING}, {}, []),
        ([API], {"api": RUNNING}, {"/etc/api.conf": 1001.0}, ["systemctl restart api"]),
        ([API], {"api": RUNNING}, {"/etc/other.conf": 1001.0}, []),
        ([API], {"api": STOPPED}, {}, ["systemctl enable api", "systemctl start api"]),
        ([API], {"api": FAILED}, {}, ["systemctl start api"]),
        ([API], {}, {}, ["systemctl enable api", "systemctl start api"]),
        ([UNUSED], {"proxy": RUNNING}, {}, ["systemctl disable proxy", "systemctl stop proxy"]),
        ([UNUSED], {"proxy": STOPPED}, {}, []),
        (
            [API, DesiredUnit("b")],
            {"api": RUNNING, "b": STOPPED},
            {"/etc/api.conf": 1001.0},
            ["systemctl enable b", "systemctl restart api", "systemctl start b"],
        ),
    ],
)
def test_only_differences_are_carried_out(desired, current, modified, commands) -> None:
    assert plan_units(desired, current, modified).commands == commands


def test_a_unit_is_reloaded_only_before_another_has_to_start() -> None:
    polkit = DesiredUnit("polkit", reload_first=("dbus",))
    stopped = Unit(installed=True, enabled=True)
    assert plan_units([polkit], {"polkit": stopped}, {}).commands == [
        "systemctl reload dbus",
        "systemctl start polkit",
    ]
    assert not plan_units([polkit], {"polkit": RUNNING}, {}).changed


def test_changed_unit_files_are_loaded_before_a_start() -> None:
    stale = Unit(installed=True, enabled=True, needs_daemon_reload=True)
    assert plan_units([API], {"api": stale}, {}).commands == [
        "systemctl daemon-reload",
        "systemctl start api",
    ]


def test_the_diff_shows_why_a_running_unit_changes() -> None:
    plan = plan_units([API], {"api": RUNNING}, {"/etc/api.conf": 1001.0})
    assert plan.before == {"api": {"enabled": True, "state": "running", "restart": "due"}}
    assert plan.after == {"api": {"enabled": True, "state": "running", "restart": "done"}}
    assert plan.result["restarted"] == ["api"]


def test_reads_what_systemctl_shows() -> None:
    block = (
        "ExecMainStartTimestampMonotonic=60000000\nNRestarts=2\nResult=success\nLoadState=loaded\n"
        "ActiveState=active\nSubState=running\nUnitFileState=enabled\nNeedDaemonReload=no"
    )
    unit = parse_unit(block, since_boot=100.0, now=5000.0)
    assert unit == Unit(True, True, "active", "running", "success", 2, 4960.0, False)


def test_a_unit_that_is_not_there_was_never_started() -> None:
    unit = parse_unit("LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=")
    assert not unit.installed
    assert not unit.enabled
    assert unit.started is None
