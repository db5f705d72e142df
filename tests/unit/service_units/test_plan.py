# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units are enabled, started, restarted and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import Systemd, Unit
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.parameters import (
    Desired,
    DesiredUnit,
)
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.watched import (
    StartNote,
    Watched,
)
from fakes.recorder import calls

RUNNING = Unit(installed=True, enabled=True, active_state="active", sub_state="running", started=1000.0)
NEW = replace(RUNNING, started=1002.0)
STOPPED = Unit(installed=True)
FAILED = Unit(installed=True, enabled=True, active_state="failed", sub_state="failed", result="exit-code")
API = DesiredUnit("api", watch=("/etc/api.conf",))
SERVER = DesiredUnit("server", watch=("/etc/api.conf",), consumes=("q-plugin",))
REPORTS = DesiredUnit("reports", watch=("/etc/api.conf",), consumes=("q-reports",))
AGENT = DesiredUnit("agent", watch=("/etc/api.conf",))
UNUSED = DesiredUnit("proxy", enabled=False, running=False)


def plan_units(
    desired: Sequence[DesiredUnit], current: dict[str, Unit], changed: dict[str, float]
) -> Plan[Systemd]:
    watched = {entry: Watched(time, {entry: "now"}) for entry, time in changed.items()}
    return plan(Desired(tuple(desired)), State(current, watched))


@pytest.mark.parametrize(
    ("desired", "current", "changed", "commands"),
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
        # The client would start its server by the server's socket, and then other sockets of it cannot start.
        (
            [DesiredUnit("b"), API],
            {"api": RUNNING, "b": replace(STOPPED, enabled=True)},
            {"/etc/api.conf": 1001.0},
            ["systemctl start b", "systemctl restart api"],
        ),
    ],
)
def test_only_differences_are_carried_out(
    desired: list[DesiredUnit], current: dict[str, Unit], changed: dict[str, float], commands: list[str]
) -> None:
    assert plan_units(desired, current, changed).commands == commands


def test_a_unit_is_reloaded_only_before_another_has_to_start() -> None:
    polkit = DesiredUnit("polkit", reload_first=("dbus",))
    stopped = Unit(installed=True, enabled=True)
    assert plan_units([polkit], {"polkit": stopped}, {}).commands == [
        "systemctl reload dbus",
        "systemctl start polkit",
    ]
    assert not plan_units([polkit], {"polkit": RUNNING}, {}).changed


WITH_CERTIFICATE = DesiredUnit("proxy", watch=("/etc/proxy.conf",), reload_watch=("/etc/pki",))


@pytest.mark.parametrize(
    ("changed", "commands"),
    [
        ({"/etc/proxy.conf": 999.0, "/etc/pki": 999.0}, []),
        ({"/etc/pki": 1001.0}, ["systemctl reload proxy"]),
        ({"/etc/proxy.conf": 1001.0, "/etc/pki": 1001.0}, ["systemctl restart proxy"]),
    ],
)
def test_a_unit_is_reloaded_where_that_is_enough(changed: dict[str, float], commands: list[str]) -> None:
    made = plan_units([WITH_CERTIFICATE], {"proxy": RUNNING}, changed)
    assert made.commands == commands
    assert (
        bool(made.result["reloaded"]) == ("reload" in "".join(commands)) == ("reload" in made.before["proxy"])
    )


def test_a_unit_that_starts_is_not_reloaded_besides() -> None:
    stopped = Unit(installed=True, enabled=True)
    assert plan_units([WITH_CERTIFICATE], {"proxy": stopped}, {"/etc/pki": 1001.0}).commands == [
        "systemctl start proxy"
    ]


def test_another_way_to_reload_is_loaded_first() -> None:
    stale = replace(RUNNING, needs_daemon_reload=True)
    assert plan_units([WITH_CERTIFICATE], {"proxy": stale}, {"/etc/pki": 1001.0}).commands == [
        "systemctl daemon-reload",
        "systemctl reload proxy",
    ]


def test_changed_unit_files_are_loaded_before_a_start() -> None:
    stale = Unit(installed=True, enabled=True, needs_daemon_reload=True)
    assert plan_units([API], {"api": stale}, {}).commands == [
        "systemctl daemon-reload",
        "systemctl start api",
    ]


def test_a_file_in_the_place_of_a_packaged_unit_is_loaded_before_a_start() -> None:
    socket = DesiredUnit("epmd.socket", watch=("/etc/systemd/system/epmd.socket",))
    changed = {"/etc/systemd/system/epmd.socket": 1001.0}
    assert plan_units([socket], {"epmd.socket": RUNNING}, changed).commands == [
        "systemctl daemon-reload",
        "systemctl restart epmd.socket",
    ]
    assert plan_units([socket], {"epmd.socket": NEW}, changed).commands == []


def test_a_unit_that_cannot_be_disabled_is_only_stopped() -> None:
    static = replace(RUNNING, fixed=True)
    made = plan_units([UNUSED], {"proxy": static}, {})
    assert made.commands == ["systemctl stop proxy"]
    assert made.after == {"proxy": {"enabled": True, "state": "stopped"}}
    stopped = replace(static, active_state="inactive", sub_state="dead")
    assert not plan_units([UNUSED], {"proxy": stopped}, {}).changed


def test_the_diff_shows_why_a_running_unit_changes() -> None:
    made = plan_units([API], {"api": RUNNING}, {"/etc/api.conf": 1001.0})
    assert made.before == {"api": {"enabled": True, "state": "running", "restart": "due"}}
    assert made.after == {"api": {"enabled": True, "state": "running", "restart": "done"}}
    assert made.result["restarted"] == ["api"]


def test_the_steps_call_what_their_commands_show() -> None:
    made = plan_units([API, DesiredUnit("b")], {"b": Unit(installed=True, needs_daemon_reload=True)}, {})
    assert calls(made) == [
        ("systemctl", ("daemon-reload", ()), {}),
        ("systemctl", ("enable", ("api", "b")), {}),
        ("systemctl", ("start", ("api", "b")), {}),
    ]
    assert made.commands == ["systemctl daemon-reload", "systemctl enable api b", "systemctl start api b"]


def test_a_file_that_counts_as_changed_is_newer_than_every_process() -> None:
    desired = Desired((API,), changed_files=("/etc/api.conf",))
    current = State({"api": RUNNING}, {"/etc/api.conf": Watched(1.0)})
    assert plan(desired, current).result["restarted"] == ["api"]


@pytest.mark.parametrize(
    "entry", ["/etc/api.d", "/etc/api.d/", "/etc/api.d/*.conf", "/etc/*.d/*", "/etc/api.d/new.conf"]
)
def test_a_file_that_counts_as_changed_belongs_to_directories_and_globs(entry: str) -> None:
    desired = Desired((DesiredUnit("api", watch=(entry,)),), changed_files=("/etc/api.d/new.conf",))
    assert plan(desired, State({"api": RUNNING})).result["restarted"] == ["api"]
    other = Desired((DesiredUnit("api", watch=(entry,)),), changed_files=("/etc/other/new.conf",))
    assert plan(other, State({"api": RUNNING})).result["restarted"] == []


CONF = "/etc/api.conf"
BEFORE, AFTER = 999.0, 1001.0


@pytest.mark.parametrize(
    ("invocation", "read", "now", "due"),
    [
        # The digests of this very start decide, whatever the times say.
        ("i1", {CONF: "x"}, Watched(AFTER, {CONF: "x"}), False),
        ("i1", {CONF: "x"}, Watched(BEFORE, {CONF: "y"}), True),
        ("i1", {CONF: "x"}, Watched(0.0, {}), True),
        ("i1", {}, Watched(BEFORE, {CONF: "x"}), True),
        # Restarted since then, or never seen before: the times decide.
        ("i0", {CONF: "x"}, Watched(AFTER, {CONF: "x"}), True),
        ("i0", {CONF: "x"}, Watched(BEFORE, {CONF: "y"}), False),
        ("", {CONF: "x"}, Watched(BEFORE, {CONF: "y"}), False),
        # It watches this file since lately, or the file cannot be read.
        ("i1", None, Watched(AFTER, {CONF: "x"}), True),
        ("i1", None, Watched(BEFORE, {CONF: "x"}), False),
        ("i1", {CONF: "x"}, Watched(AFTER, None), True),
        ("i1", {CONF: "x"}, Watched(BEFORE, None), False),
    ],
)
def test_a_restart_is_due_where_the_process_read_something_else(
    invocation: str, read: dict[str, str] | None, now: Watched, due: bool
) -> None:
    unit = replace(RUNNING, invocation="i1" if invocation else "")
    notes = {"api": StartNote(invocation, {} if read is None else {CONF: read})}
    made = plan(Desired((API,)), State({"api": unit}, {CONF: now}, notes))
    assert made.result["restarted"] == (["api"] if due else [])


def test_units_that_are_not_installed_are_unmet_but_planned() -> None:
    made = plan_units([API, DesiredUnit("b"), UNUSED], {}, {})
    assert made.commands == ["systemctl enable api b", "systemctl start api b"]
    (error,) = made.unmet
    assert str(error).startswith("Cannot manage units api, b: not installed on this host.")
    assert error.code == "not_found"
    assert plan_units([UNUSED], {}, {}).unmet == ()


def awaited(made: Plan[Systemd]) -> dict[int, tuple[DesiredUnit, ...]]:
    """By the number of steps before it, the units that a stage waits for."""
    numbers = [sum(len(stage.steps) for stage in made.stages[:place]) for place in range(len(made.stages))]
    return {number: stage.await_before for number, stage in zip(numbers, made.stages) if stage.await_before}


@pytest.mark.parametrize(
    ("current", "commands", "waits"),
    [
        (
            dict.fromkeys(("api", "server", "reports", "agent"), Unit(installed=True, enabled=True)),
            ["systemctl start api server reports", "systemctl start agent"],
            {1: (API, SERVER, REPORTS)},
        ),
        (
            dict.fromkeys(("api", "server", "reports", "agent"), RUNNING),
            ["systemctl restart api server reports", "systemctl restart agent"],
            {1: (API, SERVER, REPORTS)},
        ),
        # A run that was cut before the agents: nothing was started now, but it may still be on its way.
        (
            {**dict.fromkeys(("api", "server", "reports"), NEW), "agent": STOPPED},
            ["systemctl enable agent", "systemctl start agent"],
            {1: (API, SERVER, REPORTS)},
        ),
        (dict.fromkeys(("api", "server", "reports", "agent"), NEW), [], {}),
    ],
)
def test_clients_are_started_after_those_that_serve_them(
    current: dict[str, Unit], commands: list[str], waits: dict[int, tuple[DesiredUnit, ...]]
) -> None:
    made = plan_units([API, SERVER, REPORTS, AGENT], current, {"/etc/api.conf": 1001.0})
    assert made.commands == commands
    assert awaited(made) == waits


def test_nobody_waits_for_a_server_that_shall_not_run() -> None:
    stopped = DesiredUnit("server", running=False, enabled=False, consumes=("q-plugin",))
    assert awaited(plan_units([stopped, AGENT], {"server": STOPPED, "agent": STOPPED}, {})) == {}


TLS = DesiredUnit("libvirtd-tls.socket", watch=("/etc/tls.conf",))
LIBVIRT = DesiredUnit("libvirtd", watch=("/etc/libvirtd.conf",))
SOCKET = Unit(installed=True, enabled=True, started=1000.0, triggers=("libvirtd.service",))
SERVICE = replace(
    RUNNING, triggered_by=("libvirtd-tls.socket", "libvirtd-ro.socket", "libvirtd-admin.socket")
)


@pytest.mark.parametrize(
    ("tls", "socket", "service", "changed", "commands", "restarted"),
    [
        (
            TLS,
            "inactive",
            SERVICE,
            {},
            [
                "systemctl stop libvirtd libvirtd-ro.socket",
                "systemctl start libvirtd-tls.socket libvirtd-ro.socket libvirtd",
            ],
            ["libvirtd"],
        ),
        (
            TLS,
            "active",
            SERVICE,
            {"/etc/tls.conf": 1001.0},
            [
                "systemctl stop libvirtd libvirtd-ro.socket",
                "systemctl restart libvirtd-tls.socket",
                "systemctl start libvirtd-ro.socket libvirtd",
            ],
            ["libvirtd-tls.socket", "libvirtd"],
        ),
        # A service that has the socket would go on to listen there.
        (
            replace(TLS, enabled=False, running=False),
            "active",
            SERVICE,
            {},
            [
                "systemctl disable libvirtd-tls.socket",
                "systemctl stop libvirtd-tls.socket libvirtd libvirtd-ro.socket",
                "systemctl start libvirtd-ro.socket libvirtd",
            ],
            ["libvirtd"],
        ),
        (
            TLS,
            "active",
            SERVICE,
            {"/etc/libvirtd.conf": 1001.0},
            ["systemctl restart libvirtd"],
            ["libvirtd"],
        ),
        (TLS, "active", SERVICE, {}, [], []),
        (
            TLS,
            "inactive",
            replace(SERVICE, active_state="inactive"),
            {},
            [
                "systemctl stop libvirtd-ro.socket",
                "systemctl start libvirtd-tls.socket libvirtd-ro.socket libvirtd",
            ],
            [],
        ),
    ],
)
def test_a_service_does_not_run_while_a_socket_of_its_starts_or_stops(
    tls: DesiredUnit,
    socket: str,
    service: Unit,
    changed: dict[str, float],
    commands: list[str],
    restarted: list[str],
) -> None:
    units = {
        "libvirtd-tls.socket": replace(SOCKET, active_state=socket),
        "libvirtd": service,
        "libvirtd-ro.socket": replace(SOCKET, active_state="active"),
        "libvirtd-admin.socket": SOCKET,
    }
    planned = plan_units([tls, LIBVIRT], units, changed)
    assert planned.commands == commands
    assert planned.result["restarted"] == restarted
