# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module packages, with a package manager that only notes what it is asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.operation import Task
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._packages import client, operation
from ansible_collections.stackwright.nova.plugins.module_utils._packages.client import (
    Apt,
    Command,
    Dnf,
    require_success,
)
from ansible_collections.stackwright.nova.plugins.module_utils._packages.state import State, parse
from ansible_collections.stackwright.nova.plugins.module_utils._packages.tools import APT, DNF
from ansible_collections.stackwright.nova.plugins.modules import packages
from fakes.clock import FakeClock
from fakes.modules import run_module

INSTALL = "apt-get --assume-yes --no-install-recommends install"
MEND = "apt-get --assume-yes --no-install-recommends --fix-broken install"
CONFIGURE = "dpkg --configure --pending"
FRESH = State(frozenset({"nova-api"}), lists_age=60)


class FakeManager:
    """Has ``state``; ``refusals`` are what commands print when they fail, by verb."""

    tools = APT

    def __init__(self, state: State, **refusals: str) -> None:
        self.state = state
        self.refusals = refusals
        self.done: list[str] = []

    def read(self) -> State:
        return self.state

    def run(self, command: Command) -> None:
        self.done.append(" ".join(command.argv))
        code = 100 if command.verb in self.refusals else 0
        require_success(command, Output(code, "", self.refusals.get(command.verb, "")))

    def release(self) -> None:
        self.done.append("release")


def call(manager: FakeManager, *names: str, check: bool = False, **params: Any) -> dict[str, Any]:
    def prepare(made: Any) -> None:
        made.client = manager

    return run_module(packages, prepare, check=check, diff=True, packages=list(names), **params)


@pytest.mark.parametrize(
    ("state", "commands"),
    [
        (FRESH, [f"{INSTALL} glance-api"]),
        (State(lists_age=None), ["apt-get update", f"{INSTALL} glance-api nova-api"]),
        (State(frozenset({"nova-api"}), lists_age=90000), ["apt-get update", f"{INSTALL} glance-api"]),
        (
            State(frozenset({"nova-api"}), lists_age=60, interrupted=True, held_back=True),
            [CONFIGURE, f"{MEND} glance-api", "rm /usr/sbin/policy-rc.d"],
        ),
        (
            State(frozenset({"nova-api"}), lists_age=60, broken=("glance-api", "libc6")),
            [CONFIGURE, f"{MEND} glance-api libc6"],
        ),
    ],
)
def test_what_is_missing_is_installed(state: State, commands: list[str]) -> None:
    manager = FakeManager(state)
    predicted = call(manager, "glance-api", "nova-api", check=True)
    assert manager.done == []
    done = call(manager, "glance-api", "nova-api")
    assert done == predicted
    assert done["changed"] is True
    assert done["commands"] == commands
    assert done["packages"] == ["glance-api", "nova-api"]
    assert done["installed"] == [
        *(name for name in done["packages"] if name not in state.installed),
        *(name for name in state.broken if name not in done["packages"]),
    ]
    assert manager.done[-1] == "release"
    assert [one for one in manager.done if one != "release"] == [
        one for one in commands if not one.startswith("rm ")
    ]


@pytest.mark.parametrize("age", [None, 1e9])
def test_where_nothing_is_missing_nothing_runs(age: float | None) -> None:
    manager = FakeManager(State(frozenset({"nova-api"}), lists_age=age))
    result = call(manager, "nova-api")
    assert (result["changed"], result["commands"], result["installed"], manager.done) == (False, [], [], [])


def test_a_cut_dpkg_is_mended_without_a_mirror_where_nothing_is_missing() -> None:
    manager = FakeManager(State(frozenset({"nova-api"}), lists_age=None, interrupted=True))
    result = call(manager, "nova-api")
    assert (result["commands"], manager.done) == ([CONFIGURE], [CONFIGURE, "release"])


def test_services_are_let_go_that_a_cut_run_still_holds_back() -> None:
    manager = FakeManager(State(frozenset({"nova-api"}), held_back=True))
    assert call(manager, "nova-api")["changed"] is True
    assert manager.done == ["release", "release"]


@pytest.mark.parametrize(
    ("verb", "stderr", "message"),
    [
        (
            "install",
            "Reading...\nE: Unable to locate package glance-apy\n",
            "Cannot install packages glance-apy: Unable to locate package glance-apy. Correct the host's sources",
        ),
        (
            "update",
            "E: Failed to fetch a\nE: Some index files failed.\n",
            "Cannot update lists of packages: Failed to fetch a; Some index files failed. Correct",
        ),
        (
            "install",
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)\n",
            "Cannot install packages glance-apy: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process "
            "7 (unattended-upgr). Let the other package manager finish",
        ),
    ],
)
def test_a_refusal_is_told_and_services_are_let_go(verb: str, stderr: str, message: str) -> None:
    manager = FakeManager(State(), **{verb: stderr})
    result = call(manager, "glance-apy")
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert manager.done[-1] == "release"


@pytest.mark.parametrize("name", ["--reinstall", "nova api", "nova-api=2", "nova-api-", "nova+", ""])
def test_what_is_no_name_of_a_package_is_refused(name: str) -> None:
    result = call(FakeManager(FRESH), name)
    assert result["code"] == "parameters"


def test_names_with_signs_are_names() -> None:
    assert call(FakeManager(FRESH), "g++", "libstdc++6", "python3.11", check=True)["changed"] is True


def test_reading_dpkg() -> None:
    state = parse(
        "nova-api\tinstalled\tok\t\n"
        "exim4\tinstalled\tok\tmail-transport-agent, smtp (= 1)\n"
        "old\tconfig-files\tok\t\n"
        "purged\tnot-installed\tok\t\n"
    )
    assert state.installed == {"nova-api", "exim4", "mail-transport-agent", "smtp"}
    assert (state.interrupted, state.broken) == (False, ())
    half = parse("nova-api\thalf-configured\tok\t\n")
    assert (half.installed, half.interrupted, half.broken) == (frozenset(), True, ())
    cut = parse("nova-api\thalf-installed\treinstreq\t\nglance-api\tunpacked\treinstreq\t\n")
    assert (cut.installed, cut.interrupted, cut.broken) == (frozenset(), True, ("nova-api", "glance-api"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system with the folders of a host; commands print what dpkg-query prints for one package."""
    for name in ("usr/sbin", "var/lib/apt/lists", "var/lib/apt/periodic", "var/lib/dpkg/updates"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(
        client, "run_command", lambda argv, **_options: Output(0, "nova-api\tinstalled\tok\t\n", "")
    )
    return tmp_path


def test_the_age_of_the_lists(root: Path) -> None:
    lists = root / "var/lib/apt/lists"
    assert Apt(1, str(root)).read().lists_age is None
    (lists / "mirror_dists_main_binary-amd64_Packages.lz4").touch()
    os.utime(lists, (0, 0))
    assert (Apt(1, str(root)).read().lists_age or 0) > 86400
    (root / "var/lib/apt/periodic/update-success-stamp").touch()
    assert (Apt(1, str(root)).read().lists_age or 1e9) < 60
    # A refresh that was cut: the rest of the lists is still to come.
    (lists / "partial").mkdir()
    (lists / "partial/mirror_dists_security_InRelease").touch()
    assert Apt(1, str(root)).read().lists_age is None


def test_a_journal_that_dpkg_left_is_an_interruption(root: Path) -> None:
    assert Apt(1, str(root)).read().interrupted is False
    (root / "var/lib/dpkg/updates/0001").touch()
    assert Apt(1, str(root)).read().interrupted is True


@pytest.mark.parametrize("own", [None, "#!/bin/sh\nexit 104\n"])
def test_services_are_held_back_and_the_hosts_own_policy_comes_back(root: Path, own: str | None) -> None:
    policy = root / "usr/sbin/policy-rc.d"
    if own:
        policy.write_text(own)
    apt = Apt(1, str(root))
    assert apt.read().held_back is False
    apt.run(Command("install", ("apt-get", "install", "nova-api"), ("nova-api",)))
    assert policy.read_text().endswith("exit 101\n")
    assert policy.stat().st_mode & 0o777 == 0o755
    # A run that is cut here is repaired by the next one, which is another process.
    cut = Apt(1, str(root))
    assert cut.read().held_back is True
    cut.run(Command("update", ("apt-get", "update"), ()))
    cut.release()
    assert (policy.read_text() if policy.exists() else None) == own
    assert cut.read().held_back is False
    assert list(policy.parent.iterdir()) == ([policy] if own else [])


def test_a_policy_that_came_after_a_cut_run_stays(root: Path) -> None:
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 104\n")
    Apt(1, str(root)).run(Command("install", ("apt-get", "install", "nova-api"), ("nova-api",)))
    policy.unlink()
    policy.write_text("#!/bin/sh\nexit 0\n")
    Apt(1, str(root)).release()
    assert [path.read_text() for path in policy.parent.iterdir()] == ["#!/bin/sh\nexit 0\n"]


@pytest.mark.parametrize("verb", ["configure", "update", "install"])
@pytest.mark.parametrize(
    "said",
    [
        "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 7 (apt-get)",
        "dpkg: error: dpkg frontend lock was locked by another process with pid 7\nNote: do not remove it.",
    ],
)
def test_another_package_manager_is_waited_for(
    root: Path, monkeypatch: pytest.MonkeyPatch, verb: str, said: str
) -> None:
    answers = [Output(100, "", said), Output(0, "", "")]
    calls: list[Sequence[str]] = []

    def answer(argv: Sequence[str], **_options: Any) -> Output:
        calls.append(argv)
        return answers.pop(0)

    monkeypatch.setattr(client, "run_command", answer)
    clock = FakeClock()
    Apt(60, str(root), clock).run(Command(verb, ("apt-get", verb), ()))
    assert [(argv[0], argv[-1]) for argv in calls] == [("apt-get", verb)] * 2
    assert clock.slept == [2]


@pytest.mark.parametrize("verb", ["configure", "update", "install"])
def test_who_holds_the_lock_is_told_in_the_end(
    root: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    said = f"dpkg: error: dpkg frontend lock was locked by another process with pid {os.getpid()}\nNote: x.\n"
    monkeypatch.setattr(client, "run_command", lambda argv, **_options: Output(2, "", said))
    clock = FakeClock()
    with pytest.raises(CollectionError, match=rf"with pid {os.getpid()} \(.+\)\. Let the other") as caught:
        Apt(60, str(root), clock).run(Command(verb, ("apt-get", verb), ()))
    assert caught.value.code == "locked"
    assert sum(clock.slept) == 60


def test_what_cannot_be_configured_is_left_to_the_installation(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "dpkg: error processing package nova-api (--configure):\n dependency problems\n"
    monkeypatch.setattr(client, "run_command", lambda argv, **_options: Output(1, "", said))
    warnings: list[str] = []
    Apt(1, str(root), FakeClock(), warnings.append).run(Command("configure", ("dpkg",), ("nova-api",)))
    assert ["Cannot configure packages nova-api" in warning for warning in warnings] == [True]


def test_a_failure_after_a_write_tells_what_was_done() -> None:
    result = call(FakeManager(State(), install="E: Unable to locate package glance-apy\n"), "glance-apy")
    assert result["changed"] is True
    assert result["commands"] == ["apt-get update"]
    assert result["failed_command"] == f"{INSTALL} glance-apy"


def answers(monkeypatch: pytest.MonkeyPatch, *outputs: Output) -> list[list[str]]:
    """Let these outputs come of the next commands; what was run is in the list."""
    ran: list[list[str]] = []
    left = iter(outputs)

    def run(argv: Sequence[str], **_options: Any) -> Output:
        ran.append(list(argv))
        return next(left)

    monkeypatch.setattr(client, "run_command", run)
    return ran


def dnf(made: Any) -> None:
    made.client = Dnf()


def test_dnf_installs_what_rpm_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = answers(
        monkeypatch, Output(0, "openstack-nova-api\npython3-PyMySQL\nconfig(httpd)\n", ""), Output(0, "", "")
    )
    names = ["python3-PyMySQL", "python3-mod_wsgi"]
    result = run_module(packages, dnf, packages=names)
    install = [*DNF.install, "python3-mod_wsgi"]
    assert (result["installed"], result["commands"]) == (["python3-mod_wsgi"], [" ".join(install)])
    assert ran[1:] == [install]
    assert ran[0][:3] == ["rpm", "--query", "--all"]


def test_dnf_is_not_asked_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = answers(monkeypatch, Output(0, "httpd\nwebserver\n", ""))
    result = run_module(packages, dnf, packages=["webserver"])
    assert (result["changed"], result["commands"], len(ran)) == (False, [], 1)


def test_what_dnf_says_is_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, Output(0, "", ""), Output(1, "", "Error: Unable to find a match: nova-apy\n"))
    result = run_module(packages, dnf, packages=["nova-apy"])
    assert result["msg"] == (
        "Cannot install packages nova-apy: Unable to find a match: nova-apy. Correct the host's sources of packages, "
        "or the names."
    )


@pytest.mark.parametrize(("red_hat", "kind"), [(True, Dnf), (False, Apt)])
def test_the_package_manager_is_that_of_the_host(
    monkeypatch: pytest.MonkeyPatch, red_hat: bool, kind: type
) -> None:
    monkeypatch.setattr(operation, "is_red_hat", lambda: red_hat)
    task = Task({"packages": ["x1"], "cache_valid_time": 1, "lock_timeout": 1})
    assert isinstance(operation.build(task).client, kind)
