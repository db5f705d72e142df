# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of playbooks that are watched task by task, and ended at once with all that they started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from testhosts import container

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ROOT / "tools/hosts"
PLAYBOOK = ROOT / ".venv/bin/ansible-playbook"
_CALLBACKS = ROOT / "measure/watched/callback"
_REST = (
    "for unit in $(systemctl list-unit-files --state=enabled --no-legend 'nova-*.service' 'neutron-*.service' "
    "keystone.service 'glance-*.service' 'placement-*.service' | cut --delimiter=' ' --fields=1); do "
    "systemctl --quiet is-active $unit || systemctl --quiet disable $unit; done"
)
# In place of a lab's name in the control groups: the name of a lab begins with no dot.
_GROUP = ".watched"


class LabError(Exception):
    """A promise is broken, or cannot be tried."""


@dataclass(frozen=True)
class TaskRecord:
    """A task of a run: when it began and ended (Unix times), what it changed, what failed on which host."""

    number: int
    name: str
    path: str
    began: float
    ended: float | None = None
    changed: frozenset[str] = frozenset()
    failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it runs."""
        return self.ended - self.began if self.ended else 0.0


class Run:
    """ansible-playbook in a separate control group, as one control node would run it.

    ``node`` names the control node: each has its own connections and its own copy of what Ansible keeps.
    """

    def __init__(
        self, lab: Lab, playbook: str, *options: str, halt: str = "", node: str = "first", check: bool = False
    ) -> None:
        directory = lab.directory / node
        directory.mkdir(parents=True, exist_ok=True)
        self.lab = lab
        self.events = directory / "events.jsonl"
        self.go = Path(f"{self.events}.go")
        self.output = directory / "output.log"
        for leftover in (self.events, self.go):
            leftover.unlink(missing_ok=True)
        self._group = container.control_group(_GROUP, f"{lab.name}-{node}")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(directory / "home"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"/run/stackwright-{lab.name}-{node}",
            "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "checkpoints",
            "ANSIBLE_FORCE_COLOR": "0",
            "CHECKPOINTS_EVENTS": str(self.events),
            "CHECKPOINTS_HALT": halt,
        }
        argv = [str(PLAYBOOK), *lab.inventory_options, playbook, *options, *(["--check"] if check else [])]
        self.began = time.time()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                container.inside(self._group, argv),
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, timeout: float = 1800) -> int:
        """The exit status; the connections that Ansible keeps are closed."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.output} does not end within {timeout:.0f} s") from None
        finally:
            self.kill()

    def succeed(self, timeout: float = 1800) -> Run:
        """Wait for the end, which must be a good one."""
        status = self.wait(timeout)
        if status:
            raise LabError(f"the run ended with {status}:\n{self.output.read_text()[-4000:]}")
        return self

    def wait_for(self, event: str, number: int = 0, timeout: float = 900) -> bool:
        """Whether an event (of the task with this number) has come before the end of the run."""
        deadline = time.monotonic() + timeout
        while True:
            running = self.process.poll() is None
            if any(e["event"] == event and e["number"] >= number for e in self._events()):
                return True
            if not running:
                return False
            if time.monotonic() > deadline:
                raise LabError(f"{self.output}: no {event} of task {number} within {timeout:.0f} s")
            time.sleep(0.02)

    def wait_for_end_of(self, number: int, seconds: float) -> None:
        """Wait so long, but not beyond the end of the task with this number."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if any(e["number"] > number for e in self._events()):
                return
            time.sleep(0.02)

    def proceed(self) -> None:
        """Let a run that has halted go on."""
        self.go.touch()

    def kill(self) -> None:
        """End the run and all that it started on this machine, at once."""
        with suppress(FileNotFoundError):
            container.kill(_GROUP, self._group.name)
        self.process.wait()

    def tasks(self) -> list[TaskRecord]:
        """What is known of the tasks so far, in their order."""
        events = list(self._events())
        starts = [event for event in events if event["event"] == "task"]
        records = []
        for index, start in enumerate(starts):
            results = [
                e for e in events if e["number"] == start["number"] and e["event"] not in ("task", "halt")
            ]
            ended = starts[index + 1]["time"] if index + 1 < len(starts) else None
            records.append(
                TaskRecord(
                    start["number"],
                    start["name"],
                    start["path"],
                    start["time"],
                    ended or max((e["time"] for e in results), default=None),
                    frozenset(e["host"] for e in results if e.get("changed")),
                    {e["host"]: e["message"] for e in results if e["event"] in ("failed", "unreachable")},
                )
            )
        return records

    def _events(self) -> Iterator[dict]:
        if not self.events.exists():
            return
        for line in self.events.read_text(encoding="utf-8").splitlines():
            # The last line may be half written at this moment.
            with suppress(ValueError):
                yield json.loads(line)


@dataclass(frozen=True)
class Lab:
    """Local hosts that may be broken."""

    name: str
    hosts: tuple[str, ...]

    @property
    def directory(self) -> Path:
        """What this machine keeps of the lab."""
        return ROOT / ".cache/labs" / self.name

    @property
    def secrets_file(self) -> Path:
        """The cloud's secrets."""
        return self.directory / "secrets.yml"

    @property
    def certificates(self) -> Path:
        """The directory of the cloud's certificate authority."""
        return self.directory / "secrets-certificates"

    @property
    def inventory_options(self) -> list[str]:
        """The hosts, their variables, and the file with the secrets."""
        return [
            "--inventory",
            str(self.directory / "hosts.yml"),
            "--extra-vars",
            f"cloud_secrets_file={self.secrets_file}",
        ]

    def up(self, *options: str) -> None:
        """Make new hosts, and keep their disks as they are then."""
        self.down()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.secrets_file.unlink(missing_ok=True)
        shutil.rmtree(self.certificates, ignore_errors=True)
        self.tool("up", *self.hosts, *options)
        self.write_inventory()
        self.snapshot()

    def snapshot(self) -> None:
        """Keep the disks as they are; what was never started does not start with the host either.

        Debian's packages enable their services, and a boot would start them without a configuration: they end and
        start again for ever, and leave two cores nothing for anybody else.
        """
        for host in self.hosts:
            self.ssh(host, _REST)
        self.tool("snapshot")

    def write_inventory(self) -> None:
        """Write down how Ansible reaches the hosts."""
        listing = subprocess.run([HOSTS, "inventory", self.name], capture_output=True, text=True, check=True)
        (self.directory / "hosts.yml").write_text(listing.stdout)
        variables = self.directory / "group_vars"
        variables.unlink(missing_ok=True)
        variables.symlink_to(ROOT / "measure/watched/group_vars")

    def down(self) -> None:
        """Remove the hosts."""
        subprocess.run([HOSTS, "down", self.name], check=True, stdout=subprocess.DEVNULL)

    def tool(self, command: str, *arguments: str) -> None:
        """Run a command of tools/hosts on the lab."""
        subprocess.run([HOSTS, command, self.name, *arguments], check=True, stdout=subprocess.DEVNULL)

    def ssh(self, host: str, command: str, stdin: str = "", check: bool = True) -> str:
        """The output of a command on a host."""
        done = subprocess.run(
            [HOSTS, "ssh", self.name, host, command], input=stdin, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise LabError(f"{host}: `{command}` ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def kill_sessions(self) -> None:
        """End what runs on the hosts over SSH: modules outlive the control node that started them."""
        for host in self.hosts:
            for group in container.control_group(self.name, host).glob("**/ssh.service/cgroup.procs"):
                for pid in map(int, group.read_text().split()):
                    with suppress(FileNotFoundError, ProcessLookupError):
                        command = Path(f"/proc/{pid}/cmdline").read_text()
                        if not command.startswith("sshd: /usr/sbin/sshd"):
                            os.kill(pid, signal.SIGKILL)
