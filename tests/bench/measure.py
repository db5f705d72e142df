# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the way from bare hosts to a proven cloud, then every case beside what operators use otherwise.

The way is that of ``make demo``, playbook by playbook, then once more with nothing to change. A case is a
pair of playbooks in this folder, ``<case>/ours.yml`` and ``<case>/theirs.yml``. Each is run ``RUNS`` times,
in turns, and the fastest run of each counts: what is compared is the work, not the noise. For the same reason
the start of ansible-playbook itself, timed by a play without a task, is taken off both sides; what Ansible takes
for each task is not, but told. One case has no other side: ``many_services`` tells how the time of a registration
grows with the number of services.
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

import yaml

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests/bench"
REPORT = ROOT / "docs/benchmarks.md"
OURS = ROOT / ".venv/bin/ansible-playbook"
THEIRS = ROOT / ".cache/bench/bin/ansible-playbook"
DATA = ROOT / ".cache/bench/conf.yml"
OPTIONS = 41
RUNS = 3
MARK = "<!-- measured by make bench: below this line -->\n"


@dataclass(frozen=True)
class Case:
    """One comparison; ``limit`` is the largest ratio (ours to theirs) that we promise."""

    name: str
    title: str
    theirs: str
    limit: float


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


# What make demo runs, and what an operator runs again; each is timed once.
PHASES = (
    ("packages on both hosts, side by side", "stackwright.nova.packages"),
    ("MariaDB, RabbitMQ, memcached", "stackwright.nova.infrastructure"),
    ("Keystone, Glance, Placement, Neutron", "stackwright.nova.neighbours"),
    ("Nova, computes discovered", "stackwright.nova.nova"),
    ("the proof (verify.yml)", "stackwright.nova.verify"),
    ("again: site.yml, nothing to change", "stackwright.nova.site"),
    ("again: nova.yml, nothing to change", "stackwright.nova.nova"),
)
HOSTS = ("controller1", "compute1")
# In start/idle.yml.
IDLE_TASKS = 5

MANY_SERVICES = "many_services"
FEW, MANY = 50, 200
# Our requests grow with the number of services (a contract test counts them). Keystone itself takes longer for each
# the more it knows, because it makes the whole catalog to check a token: hence twice the ratio of the numbers.
GROWTH = 2 * MANY / FEW
# With ansible-playbook's own time.
NOOP_SECONDS = 5
# Every so many of these services has a user. Keystone itself takes most of the time to try a password (bcrypt).
USERS_EVERY = 4


def main() -> int:
    """Measure everything (or the cases named on the command line); 1 where a promise is broken."""
    wanted = set(sys.argv[1:])
    phases = [] if wanted else _phases()
    cases = [case for case in CASES if not wanted or case.name in wanted]
    _give_both_sides_the_options()
    start, task = _own_time()
    print(f"ansible-playbook: {start:.2f} s to start, {task:.2f} s for a task that does nothing")
    rows = []
    for case in cases:
        ours, theirs = _fastest(case)
        rows.append((case, ours, theirs, (ours - start) / (theirs - start)))
        print(f"{case.name}: {ours:.1f} s against {theirs:.1f} s: {rows[-1][-1]:.3f} (at most {case.limit})")
    growth = _growth() if not wanted or MANY_SERVICES in wanted else []
    for title, seconds, most in growth:
        print(f"{title}: {seconds:.1f} s (at most: {_promise(most)})")
    if not wanted:
        _write(phases, (start, task), rows, growth)
    broken = [ratio > case.limit for case, _, _, ratio in rows]
    return int(any(broken + [seconds > most for _, seconds, most in growth if most]))


def _phases() -> list[tuple[str, float]]:
    """Seconds of each phase on hosts made anew, packages coming from the local cache."""
    hosts = ROOT / "tools/hosts"
    subprocess.run([hosts, "down", "local"], check=True)
    start = time.monotonic()
    subprocess.run([hosts, "up", "local", *HOSTS], check=True)
    phases = [("two bare hosts", time.monotonic() - start)]
    for title, playbook in PHASES:
        start = time.monotonic()
        _play(OURS, playbook)
        phases.append((title, time.monotonic() - start))
        print(f"{title}: {phases[-1][1]:.0f} s", flush=True)
    return phases


def _give_both_sides_the_options() -> None:
    """The first 41 options of the controller's own nova.conf, as a tree for us and as a list for ini_file."""
    text = subprocess.run(
        [ROOT / "tools/hosts", "ssh", "local", "controller1", "cat", "/etc/nova/nova.conf"],
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


def _own_time() -> tuple[float, float]:
    """Seconds that Ansible takes to start, and for each task that does nothing."""
    start = min(_timed(OURS, "start", "ours") for _ in range(RUNS))
    idle = min(_timed(OURS, "start", "idle") for _ in range(RUNS))
    return start, (idle - start) / IDLE_TASKS


def _growth() -> list[tuple[str, float, float | None]]:
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
        (
            f"{MANY} services for the first time, {ratio:.1f} times as long as {FEW}",
            first[MANY],
            first[FEW] * GROWTH,
        ),
        (f"{MANY} services, nothing to change", without_users, NOOP_SECONDS),
        (f"the same, and the passwords of {MANY // USERS_EVERY} users tried", again, None),
    ]


def _promise(seconds: float | None) -> str:
    return "no promise" if seconds is None else f"{seconds:.1f}"


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
    start = time.monotonic()
    _play(OURS, str(BENCH / MANY_SERVICES / "ours.yml"), "--extra-vars", given)
    return time.monotonic() - start


def _fastest(case: Case) -> tuple[float, float]:
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(_timed(OURS, case.name, "ours"))
        theirs.append(_timed(THEIRS, case.name, "theirs"))
    return min(ours), min(theirs)


def _timed(playbook: Path, case: str, side: str) -> float:
    """Seconds of one run; what the run needs beforehand (``<side>_before.yml``) is not counted."""
    before = BENCH / case / f"{side}_before.yml"
    if before.exists():
        _play(OURS, str(before))
    start = time.monotonic()
    _play(playbook, str(BENCH / case / f"{side}.yml"))
    return time.monotonic() - start


def _play(playbook: Path, name: str, *options: str) -> None:
    # Their playbooks run with our settings too: pipelining and persistent connections for both.
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    if playbook == THEIRS:
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".cache/bench")
    done = subprocess.run(
        [playbook, name, *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"Cannot measure {name}: it failed.\n{done.stdout[-3000:]}")


def _write(
    phases: list[tuple[str, float]],
    own: tuple[float, float],
    rows: list[tuple[Case, float, float, float]],
    growth: list[tuple[str, float, float | None]],
) -> None:
    lines = [
        f"Measured by `make bench` on {date.today()}, on {os.cpu_count()} cores.\n",
        "| phase | seconds |",
        "| --- | ---: |",
        *(f"| {title} | {seconds:.0f} |" for title, seconds in phases),
        "",
        f"Ratios are without the {own[0]:.1f} s that ansible-playbook takes to start on either side. A task that "
        f"does nothing takes it {own[1]:.2f} s.\n",
        "| what | done by others with | seconds | ours | ratio | at most |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {case.title} | {case.theirs} | {theirs:.1f} | {ours:.1f} | {ratio:.3f} | {case.limit} |"
        for case, ours, theirs, ratio in rows
    ]
    lines += ["", "| many services | seconds | at most |", "| --- | ---: | ---: |"]
    lines += [f"| {title} | {seconds:.1f} | {_promise(most)} |" for title, seconds, most in growth]
    kept = REPORT.read_text().split(MARK)[0] if REPORT.exists() else "# Benchmarks\n\n"
    REPORT.write_text(kept + MARK + "\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
