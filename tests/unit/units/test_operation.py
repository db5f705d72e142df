# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading, applying and waiting, with a scripted service manager and a clock that only sleeping moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils.units.operation import ServiceUnits
from ansible_collections.stackwright.nova.plugins.module_utils.units.plan import DesiredUnit, Unit

RUNNING = Unit(installed=True, enabled=True, active_state="active", sub_state="running", started=1.0)
STOPPED = Unit(installed=True, enabled=True)


@dataclass
class Host:
    """A host with one unit; ``after_start`` is what becomes of it."""

    unit: Unit
    after_start: Unit = STOPPED
    answers_at: float = 0.0
    now: float = 100.0
    done: list[str] = field(default_factory=list)

    def units(self, names):
        return dict.fromkeys(names, self.unit)

    def systemctl(self, verb, names=()):
        self.done.append(f"{verb} {' '.join(names)}".strip())
        if verb in ("start", "restart"):
            self.unit = replace(self.after_start, started=self.now)

    def last_words(self, names):
        return "the database is gone"

    def modification_times(self, paths):
        return {}

    def refusal(self, url):
        return None if self.now >= self.answers_at else "Connection refused"

    def sleep(self, seconds):
        self.now += seconds


def operation(host: Host, **options) -> ServiceUnits:
    defaults = {
        "desired": [DesiredUnit("api")],
        "answers": [],
        "changed_files": [],
        "predicts": False,
        "settle": 2.0,
        "timeout": 30.0,
    }
    return ServiceUnits(
        manager=host,
        refusal=host.refusal,
        sleep=host.sleep,
        clock=lambda: host.now,
        **{**defaults, **options},
    )


def carry_out(host: Host, **options) -> None:
    subject = operation(host, **options)
    plan = subject.plan(subject.read())
    if plan.changed:
        subject.apply(plan)


def test_waits_until_the_unit_has_settled_and_the_api_answers() -> None:
    host = Host(STOPPED, RUNNING, answers_at=110.0)
    carry_out(host, answers=["http://controller:8774/"])
    assert host.done == ["start api"]
    assert 110.0 <= host.now < 111.0


def test_a_unit_that_leaves_with_status_zero_is_a_failure() -> None:
    with pytest.raises(CollectionError, match=r"unit api: it is inactive .*the database is gone"):
        carry_out(Host(STOPPED, STOPPED))


def test_a_unit_that_is_restarted_over_and_over_is_a_failure() -> None:
    with pytest.raises(CollectionError, match="auto-restart"):
        carry_out(Host(STOPPED, replace(RUNNING, active_state="activating", sub_state="auto-restart")))


def test_silence_ends_in_an_error_that_names_the_url_and_the_cause() -> None:
    with pytest.raises(CollectionError, match=r"after 30 seconds \(http://x/: Connection refused\)"):
        carry_out(Host(STOPPED, RUNNING, answers_at=1000.0), answers=["http://x/"])


def test_waits_for_what_an_earlier_cut_run_has_started() -> None:
    host = Host(RUNNING, answers_at=105.0)
    carry_out(host, answers=["http://x/"])
    assert host.done == []
    assert host.now >= 105.0


def test_a_unit_that_shall_not_run_need_not_be_installed() -> None:
    subject = operation(Host(Unit()))
    subject.desired = [DesiredUnit("api", enabled=False, running=False)]
    assert not subject.plan(subject.read()).changed
    subject.desired = [DesiredUnit("api", enabled=True, running=False)]
    with pytest.raises(CollectionError, match="Cannot manage unit api: not installed"):
        subject.read()


def test_a_unit_that_is_not_installed_is_refused_but_predicted_in_check_mode() -> None:
    with pytest.raises(CollectionError, match="Cannot manage unit api: not installed"):
        carry_out(Host(Unit()))
    subject = operation(Host(Unit()), predicts=True)
    assert subject.plan(subject.read()).commands == ["systemctl enable api", "systemctl start api"]


def test_a_change_that_is_only_predicted_predicts_the_restart_of_those_that_watch_it() -> None:
    desired = [DesiredUnit("api", watch=("/etc/api.conf",)), DesiredUnit("bus")]
    subject = operation(Host(RUNNING), desired=desired, predicts=True, changed_files=["/etc/api.conf"])
    assert subject.plan(subject.read()).result["restarted"] == ["api"]
