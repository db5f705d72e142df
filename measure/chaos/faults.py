# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova is deployed on fails under way: stopped, frozen, refusing, without space.

Each fault comes as nova.yml is about to begin the task that needs what fails, on hosts that have all but Nova. The
run must end within a bound, with an error that says what is wrong (or do without, and finish); when the fault is
gone, the same command must finish, and the hosts must be those of a run without a fault.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pages
from testhosts import container
from watched.runs import Lab, LabError, Run, TaskRecord

from . import state

LAB = Lab("chaos-faults", ("controller1", "compute1"))
NOVA = "stackwright.nova.nova"
# Seconds from the fault to the end of the run, whatever fails.
BOUND = 420.0
TITLES = ("fault", "before the task", "seconds", "the run says", "commit")
# What is known of each fault: one alone can be repeated (--fault), on another day and machine, and the page is whole.
_RESULTS = Path(__file__).with_suffix(".json")
_UNIT = re.compile(r"(?P<host>\S+) units: (?P<unit>[\w@.-]+): ")
_CLEAR = re.compile(r"Cannot \w+ .+: .+\. .+", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """What fails, how, before which task of nova.yml on a host of which group, and how it is repaired."""

    name: str
    task: str
    break_it: str
    mend_it: str
    host: str = "controller1"

    @property
    def key(self) -> str:
        """What stands for the fault among others."""
        return f"{self.name}, {self.task}"


@dataclass(frozen=True)
class Result:
    """How a run with a fault ended."""

    fault: Fault
    seconds: float
    message: str

    def row(self) -> list[str]:
        """The result as a row of a table."""
        return [self.fault.name, self.fault.task, f"{self.seconds:.0f}", self.message or "it did without"]


def _unit(name: str, unit: str, task: str, *, host: str = "controller1") -> list[Fault]:
    return [
        Fault(f"{name} stopped", task, f"systemctl stop {unit}", f"systemctl start {unit}", host),
        Fault(
            f"{name} frozen",
            task,
            f"systemctl kill --signal=SIGSTOP {unit}",
            f"systemctl kill --signal=SIGCONT {unit}",
            host,
        ),
    ]


# Kilobytes that a service may write when it starts, such as MariaDB's temporary tablespace.
_STARTS = 32768


def _full(directory: str, spare: int, unit: str = "") -> tuple[str, str]:
    """Commands that put a directory onto a separate file system without space, and back."""
    stop, start = (f"systemctl stop {unit};", f"systemctl start {unit};") if unit else ("", "")
    aside = "/root/full-disk"
    break_it = (
        f"set -e; {stop} cp -a {directory} {aside}; size=$(du -sk {aside} | cut -f1);"
        f"mount -t tmpfs -o size=$((size + {spare} + {_STARTS}))k,mode=0755 full {directory};"
        f"cp -a {aside}/. {directory};"
        f"{start} free=$(df --output=avail -k {directory} | tail -1);"
        f"head -c $(((free - {spare}) * 1024)) /dev/zero >{directory}/.fill; df -k {directory}"
    )
    mend_it = (
        f"set -e; rm {directory}/.fill; {stop} rm -rf {aside}; cp -a {directory} {aside}; umount {directory};"
        f"find {directory} -mindepth 1 -delete; cp -a {aside}/. {directory}; rm -rf {aside}; {start}"
    )
    return break_it, mend_it


_GRANTS = "Ensure databases and grants"
_SCHEMAS = "Ensure schemas and cells before the API starts"
_CONFIGURATION = "Write configuration"
_REGISTER = "Register service, user and endpoints"
_START = "Ensure units run the configuration on disk"
# Every connection is taken, the administrator's spare one included.
_TAKE_CONNECTIONS = (
    "mysql -e 'set global max_connections = 10'; for i in $(seq 40); do setsid mysql -e 'select sleep(3600)' "
    ">/dev/null 2>&1 & done; sleep 2"
)
_GIVE_CONNECTIONS = "pkill -f '[s]elect sleep'; sleep 1; systemctl restart mariadb"
# A server in Keystone's place that is always too busy.
_BUSY = (
    "from http.server import *\\n"
    "class Busy(BaseHTTPRequestHandler):\\n"
    "    def do_GET(self): self.send_error(503)\\n"
    "    do_POST = do_GET\\n"
    'ThreadingHTTPServer(("", 5000), Busy).serve_forever()\\n'
)
FAULTS: Sequence[Fault] = (
    *_unit("MariaDB", "mariadb", _GRANTS),
    Fault("MariaDB refuses (too many connections)", _GRANTS, _TAKE_CONNECTIONS, _GIVE_CONNECTIONS),
    *_unit("MariaDB", "mariadb", _SCHEMAS),
    Fault("MariaDB's disk full", _SCHEMAS, *_full("/var/lib/mysql", 512, "mariadb")),
    *_unit("RabbitMQ", "rabbitmq-server", _CONFIGURATION),
    *_unit("RabbitMQ", "rabbitmq-server", _START),
    Fault(
        "RabbitMQ refuses (account without permissions)",
        _START,
        "rabbitmqctl clear_permissions openstack",
        # Neutron's DHCP agent ends where it is refused, as if all were well, so systemd leaves it; nova.yml does too.
        "rabbitmqctl set_permissions openstack '.*' '.*' '.*'; systemctl start neutron-dhcp-agent",
    ),
    *_unit("memcached", "memcached", _REGISTER),
    *_unit("Keystone", "keystone", _REGISTER),
    Fault(
        "Keystone refuses (503)",
        _REGISTER,
        f"systemctl stop keystone; printf '{_BUSY}' >/run/busy.py;"
        "setsid python3 /run/busy.py >/dev/null 2>&1 & sleep 2",
        "pkill -f '[b]usy.py'; systemctl start keystone",
    ),
    *_unit("Placement", "placement-api", f"compute1/{_START}"),
    Fault("the controller's disk full", _CONFIGURATION, *_full("/etc/nova", 0)),
    Fault(
        "a compute host's disk full", f"compute1/{_CONFIGURATION}", *_full("/etc/nova", 0), host="compute1"
    ),
    Fault("a compute host without power", f"compute1/{_START}", "power off", "power on", "compute1"),
    Fault("a compute host frozen", f"compute1/{_CONFIGURATION}", "freeze", "thaw", "compute1"),
)


def run(names: Sequence[str] = (), lab: Lab = LAB) -> list[str]:
    """Carry out the faults (or those with one of these words in their name), keep the results; those that did harm."""
    lab.up("--baked")
    for playbook in ("packages", "infrastructure", "neighbours"):
        Run(lab, f"stackwright.nova.{playbook}").succeed()
    lab.snapshot()
    _settle(lab)
    whole = Run(lab, NOVA).succeed()
    expected = state.read(lab)
    wanted = [fault for fault in FAULTS if not names or any(name in fault.name for name in names)]
    harm = []
    for fault in wanted:
        try:
            result = _carry_out(fault, lab, whole.tasks(), expected)
        except LabError as error:
            harm.append(fault.key)
            print(f"Cannot keep a promise: {error}", flush=True)
        else:
            record(result)
            print("  ".join(result.row()), flush=True)
    return harm


def record(result: Result, path: Path = _RESULTS) -> None:
    """Keep a result, with its commit, in the place of an older one."""
    known = {**_known(path), result.fault.key: [*result.row(), pages.commit()]}
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def rows(path: Path = _RESULTS, faults: Sequence[Fault] = FAULTS) -> list[list[str]]:
    """The results of all faults in their order; none while one is missing."""
    known = _known(path)
    return [known[fault.key] for fault in faults] if all(fault.key in known for fault in faults) else []


def _known(path: Path) -> Mapping[str, list[str]]:
    return json.loads(path.read_text()) if path.exists() else {}


def _carry_out(fault: Fault, lab: Lab, tasks: list[TaskRecord], expected: state.State) -> Result:
    lab.tool("restore")
    _settle(lab)
    number = _number(fault, tasks)
    run = Run(lab, NOVA, halt=str(number))
    if not run.wait_for("halt", number):
        raise LabError(f"{fault.name}: the run ended before the fault:\n{run.output.read_text()[-3000:]}")
    _act(lab, fault.host, fault.break_it)
    run.proceed()
    began = time.monotonic()
    try:
        status = run.process.wait(BOUND)
    except Exception as error:
        raise LabError(f"{fault.name}: the run does not end within {BOUND:.0f} s") from error
    finally:
        seconds = time.monotonic() - began
        run.kill()
        _act(lab, fault.host, fault.mend_it)
    message = _message(fault, run) if status else ""
    _settle(lab)
    Run(lab, NOVA).succeed()
    found = state.read(lab)
    if different := state.differences(expected, found):
        words = [_last_words(lab, line) for line in different]
        raise LabError(
            f"{fault.name}: after the next run the hosts differ: {different}\n"
            + "\n".join(filter(None, words))
        )
    return Result(fault, seconds, message)


def _last_words(lab: Lab, difference: str) -> str:
    """What the journal has of a unit that differs."""
    found = _UNIT.match(difference)
    if not found:
        return ""
    return lab.ssh(found["host"], f"systemctl status --lines 25 --no-pager --full {found['unit']} || true")


def _number(fault: Fault, tasks: list[TaskRecord]) -> int:
    """The number of the task; that of a compute host is the last of its name."""
    group, _slash, name = fault.task.rpartition("/")
    numbers = [task.number for task in tasks if task.name.rpartition(" : ")[2] == name]
    if not numbers:
        raise LabError(f"{fault.name}: nova.yml has no task {name}")
    return numbers[-1] if group else numbers[0]


def _act(lab: Lab, host: str, action: str) -> None:
    """Break or repair: the power, the whole host, or a command on it."""
    group = container.control_group(lab.name, host)
    actions: dict[str, Callable[[], object]] = {
        "power off": lambda: container.kill(lab.name, host),
        "power on": lambda: lab.tool("up", *lab.hosts, "--baked"),
        "freeze": lambda: (group / "cgroup.freeze").write_text("1"),
        "thaw": lambda: (group / "cgroup.freeze").write_text("0"),
    }
    actions.get(action, lambda: lab.ssh(host, action))()


def _message(fault: Fault, run: Run) -> str:
    """What the run said of the fault; raises LabError where it is no clear error."""
    failures = [failure for task in run.tasks() for failure in task.failures.values()]
    if not failures or any("Traceback" in failure for failure in failures):
        raise LabError(f"{fault.name}: no clear error:\n{run.output.read_text()[-3000:]}")
    first = failures[0]
    if fault.host == "controller1" and not _CLEAR.search(first):
        raise LabError(f"{fault.name}: no clear error: {first}")
    return " ".join(first.split())[:300]


def _settle(lab: Lab) -> None:
    """Wait until the hosts have booted and Keystone answers: the fault is to be the only one."""
    for host in lab.hosts:
        lab.ssh(host, "timeout 120 systemctl is-system-running --wait || true")
    ask = "import urllib.request; urllib.request.urlopen('http://controller1:5000/v3')"
    again = f'for i in $(seq 240); do python3 -c "{ask}" 2>/dev/null && exit; sleep 0.5; done; exit 1'
    lab.ssh("controller1", again)
