# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the way from bare hosts to a proven cloud, then every case beside what operators use otherwise.

The way is that of ``make demo``, playbook by playbook, then once more with nothing to change. A case is a
pair of playbooks in this folder, ``<case>/ours.yml`` and ``<case>/theirs.yml``. Each is run ``RUNS`` times,
in turns, and the fastest run of each counts: what is compared is the work, not the noise. For the same reason
the start of ansible-playbook itself, timed by a play without a task, is taken off both sides; what Ansible takes
for each task is not, but reported. One case has no other side: ``many_services`` tells how the time of a
registration grows with the number of services. What compute hosts cost is for measure/scale.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pages
import yaml

from . import report
from .pace import Pace, measured_pace
from .playbook import HOSTS, OURS, ROOT, THEIRS, play
from .report import Comparison, Row

BENCH = ROOT / "measure/bench"
REPORT = ROOT / "docs/benchmarks.md"
DATA = ROOT / ".cache/bench/conf.yml"
OPTIONS = 41
RUNS = 3


@dataclass(frozen=True)
class Case:
    """One comparison; ``most`` is the largest ratio (ours to theirs) that we promise."""

    name: str
    title: str
    theirs: str
    most: float


CASES = (
    Case("conf_first", "41 options of nova.conf, first write", "41 community.general.ini_file tasks", 0.1),
    Case(
        "conf_noop", "41 options of nova.conf, nothing to change", "41 community.general.ini_file tasks", 0.1
    ),
    Case(
        "controller_noop",
        "all controller-side state of Nova, nothing to change",
        "community.mysql, openstack.cloud, ini_file and nova-manage tasks",
        0.1,
    ),
    Case(
        "schema_noop",
        "schemas and cells of Nova, nothing to change",
        "the five nova-manage commands of the guides as command tasks",
        0.06,
    ),
    Case(
        "registration",
        "four services registered for the first time",
        "the openstack commands of the guides",
        0.08,
    ),
)


# What make demo runs, timed once, and what an operator runs again, with the seconds that we promise (see pace.py).
PHASES = (
    ("packages on both hosts, side by side", "stackwright.nova.packages"),
    ("MariaDB, RabbitMQ, memcached", "stackwright.nova.infrastructure"),
    ("Keystone, Glance, Placement, Neutron", "stackwright.nova.neighbours"),
    ("Nova, computes discovered", "stackwright.nova.nova"),
    ("the proof (verify.yml)", "stackwright.nova.verify"),
)
RUNS_AGAIN = (
    ("again: site.yml, nothing to change", "stackwright.nova.site", 25),
    ("again: nova.yml, nothing to change", "stackwright.nova.nova", 10),
)
DEMO = ("controller1", "compute1")

AGAIN, MANY_SERVICES = "again", "many_services"
FEW, MANY = 50, 200
# Our requests grow with the number of services (a contract test counts them). Keystone itself takes longer for each
# the more it knows, because it makes the whole catalog to check a token: hence twice the ratio of the numbers.
GROWTH = 2 * MANY / FEW
# With ansible-playbook's own time.
NOOP_SECONDS = 5
# One in so many of these services has a user. Keystone itself takes most of the time to try a password (bcrypt).
USERS_EVERY = 4


def main() -> int:
    """Measure everything (or the cases named on the command line); 1 where a promise is broken."""
    names = [case.name for case in CASES] + [AGAIN, MANY_SERVICES]
    chosen = sys.argv[1:] or names
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        sys.exit(
            f"Cannot measure {', '.join(unknown)}: there is no such case. Choose from {', '.join(names)}."
        )
    everything = not sys.argv[1:]
    if everything:
        # It is computed again, and timed.
        subprocess.run([HOSTS, "down", "local"], check=True)
    phases = _phases() if everything else []
    _print(phases)
    again = _again() if AGAIN in chosen else []
    _print(again)
    cases = [case for case in CASES if case.name in chosen]
    pace = measured_pace() if everything or cases else Pace(0.0, 0.0)
    comparisons = _compare(cases, pace.start)
    growth = _growth() if MANY_SERVICES in chosen else []
    _print(growth)
    if everything:
        _write(
            [
                *report.table("phase", "seconds", [*phases, *again]),
                "",
                f"Ratios are without the {pace.start:.1f} s that ansible-playbook takes to start on either side. "
                "Promises in seconds are multiplied by the machine's pace, measured in turns with the runs that they "
                f"are for; in the end a task that does nothing took {pace.task:.2f} s.\n",
                *report.comparisons(comparisons),
                "",
                *report.table("many services", "seconds", growth),
            ]
        )
    return int(any(row.broken for row in [*again, *comparisons, *growth]))


def _print(rows: list[Row]) -> None:
    for row in rows:
        print(row, flush=True)


def _phases() -> list[Row]:
    """Seconds of each phase on recreated hosts, packages coming from the local cache."""
    start = time.monotonic()
    subprocess.run([HOSTS, "up", "local", *DEMO], check=True)
    phases = [Row("two bare hosts", time.monotonic() - start)]
    phases += [Row(title, play(OURS, playbook).seconds) for title, playbook in PHASES]
    return phases


def _again() -> list[Row]:
    """Runs with nothing to change, in turns with tasks that do nothing: no machine is equally fast all the time."""
    rounds = []
    for _turn in range(RUNS):
        pace = measured_pace()
        rounds.append(
            [
                Row(title, play(OURS, playbook).check_unchanged(DEMO).seconds, most).at_pace(pace.factor)
                for title, playbook, most in RUNS_AGAIN
            ]
        )
    return [report.middle(rows) for rows in zip(*rounds)]


def _compare(cases: list[Case], start: float) -> list[Comparison]:
    """Each case, beside what operators use otherwise."""
    if cases:
        _give_both_sides_the_options()
    rows = []
    for case in cases:
        ours, theirs = _fastest(case)
        ratio = (ours - start) / (theirs - start)
        rows.append(Comparison(case.title, case.theirs, theirs, ours, ratio, case.most))
        print(
            f"{case.name}: {ours:.1f} s against {theirs:.1f} s: {ratio:.3f} (at most {case.most})", flush=True
        )
    return rows


def _give_both_sides_the_options() -> None:
    """The first 41 options of the controller's own nova.conf, as a tree for us and as a list for ini_file."""
    text = subprocess.run(
        [HOSTS, "ssh", "local", DEMO[0], "cat", "/etc/nova/nova.conf"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    parser = configparser.RawConfigParser(default_section="", delimiters="=", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    options = [(section, *item) for section in parser.sections() for item in parser.items(section)][:OPTIONS]
    tree: dict[str, dict[str, str]] = {}
    for section, option, value in options:
        tree.setdefault(section, {})[option] = value
    rows = [{"section": section, "option": option, "value": value} for section, option, value in options]
    DATA.parent.mkdir(parents=True, exist_ok=True)
    DATA.touch(mode=0o600)
    DATA.write_text(yaml.safe_dump({"bench_conf": tree, "bench_conf_list": rows}))


def _growth() -> list[Row]:
    """Seconds to register few and many services, and many again, each with the most that it may take."""
    first = {}
    for number in (FEW, MANY):
        _registered(MANY, "absent")
        first[number] = _registered(number, "present")
    again = _registered(MANY, "present")
    without_users = _registered(MANY, "present", users=False)
    _registered(MANY, "absent")
    ratio = first[MANY] / first[FEW]
    return [
        Row(
            f"{MANY} services for the first time, {ratio:.1f} times as long as {FEW}",
            first[MANY],
            first[FEW] * GROWTH,
        ),
        Row(f"{MANY} services, nothing to change", without_users, NOOP_SECONDS),
        Row(f"the same, and the passwords of {MANY // USERS_EVERY} users tried", again),
    ]


def _registered(number: int, state: str, *, users: bool = True) -> float:
    """Seconds of one run; the services have three endpoints each, and some a user."""
    services = [
        {
            "name": f"bench-{serial}",
            "type": f"bench-{serial}",
            "endpoints": dict.fromkeys(("public", "internal", "admin"), f"http://controller1/bench-{serial}"),
            **(
                {}
                if serial % USERS_EVERY or not users
                else {"user": f"bench-{serial}", "password": f"bench-password-{serial}"}
            ),
        }
        for serial in range(number)
    ]
    given = json.dumps({"bench_many_services": services, "bench_state": state})
    return play(OURS, str(BENCH / MANY_SERVICES / "ours.yml"), "--extra-vars", given).seconds


def _fastest(case: Case) -> tuple[float, float]:
    ours, theirs = [], []
    for _turn in range(RUNS):
        ours.append(_timed(OURS, case.name, "ours"))
        theirs.append(_timed(THEIRS, case.name, "theirs"))
    return min(ours), min(theirs)


def _timed(playbook: Path, case: str, side: str) -> float:
    """Seconds of one run; what the run needs beforehand (``<side>_before.yml``) is not counted."""
    before = BENCH / case / f"{side}_before.yml"
    if before.exists():
        play(OURS, str(before))
    return play(playbook, str(BENCH / case / f"{side}.yml")).seconds


def _write(lines: list[str]) -> None:
    first = f"Measured by `make bench` on {date.today()}, at commit {pages.commit()}, on {os.cpu_count()} cores.\n"
    before = REPORT.read_text() if REPORT.exists() else ""
    REPORT.write_text(report.merge(before, [first, *lines]))


if __name__ == "__main__":
    sys.exit(main())
