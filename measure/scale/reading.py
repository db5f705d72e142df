# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that prints, as JSON, what a controller holds and what it has done so far: to be run there, twice."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

# The line that uwsgi writes for each request that was answered.
_REQUEST = re.compile(
    r"^\[pid: [^]]*\] \S+ \(\) \{[^}]*\} \[[^]]*\] (?P<method>[A-Z]+) (?P<path>\S+) => generated ",
    re.MULTILINE,
)
# The folders of /var/log whose files have such lines.
APIS = ("keystone", "nova", "placement", "neutron", "glance")
# The user that each service runs as.
_USERS = {
    "mysql": "MariaDB",
    "rabbitmq": "RabbitMQ",
    "memcache": "memcached",
    **{user: user.capitalize() for user in APIS},
}
OTHERS = "others"
# One start of rabbitmqctl, which takes seconds, for all numbers.
_QUEUE = """
Received = fun(Map) -> lists:sum([maps:get(messages_received_total, C, 0) || C <- maps:values(Map)]) end,
{length(rabbit_networking:connections()), length(rabbit_channel:list()), length(rabbit_amqqueue:list()),
 Received(rabbit_global_counters:overview())}.
"""
_STATUS = """
SHOW GLOBAL STATUS WHERE Variable_name IN
  ('Threads_connected', 'Max_used_connections', 'Questions', 'Innodb_buffer_pool_bytes_data')
"""
# Seconds for which each Nova Compute has been known.
_AGES = """
SELECT TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP()) FROM nova.services
WHERE `binary` = 'nova-compute' AND deleted = 0
"""


def kind(method: str, path: str) -> str:
    """What a request is: ``token`` (a new one), ``read`` or ``write``."""
    if method == "POST" and path.partition("?")[0].endswith("/auth/tokens"):
        return "token"
    return "read" if method in ("GET", "HEAD") else "write"


def count_requests(logs: Iterable[str]) -> dict[str, int]:
    """Kind to number of requests in what an API has logged."""
    found: dict[str, int] = defaultdict(int)
    for log in logs:
        for match in _REQUEST.finditer(log):
            found[kind(match["method"], match["path"])] += 1
    return dict(found)


def queue_numbers(answer: str) -> dict[str, int]:
    """The numbers of RabbitMQ's answer: ``{12,30,45,1000}``."""
    connections, channels, queues, messages = (int(number) for number in re.findall(r"\d+", answer))
    return {"connections": connections, "channels": channels, "queues": queues, "messages": messages}


def memory(process: Path) -> float:
    """MiB of a process (its folder in /proc), what it shares counted once. Raises OSError where it is gone."""
    rollup = (process / "smaps_rollup").read_text()
    share = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(share[1]) / 1024 if share else 0.0


def stat(process: Path) -> list[str]:
    """The fields of a process in /proc/PID/stat, from its state on. Raises OSError where it is gone."""
    # What stands before is the name of the program, which may have spaces.
    return (process / "stat").read_text().rpartition(")")[2].split()


def _said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _requests() -> dict[str, dict[str, int]]:
    return {
        api: count_requests(path.read_text(errors="replace") for path in Path("/var/log", api).glob("*.log"))
        for api in APIS
    }


def _database(query: str) -> list[list[str]]:
    lines = _said("mariadb", "--batch", "--skip-column-names", "--execute", query).splitlines()
    return [line.split("\t") for line in lines]


def _processes() -> tuple[dict[str, float], dict[str, float]]:
    """MiB of memory and seconds of CPU by service; what processes share is counted once."""
    held: dict[str, float] = defaultdict(float)
    cpu: dict[str, float] = defaultdict(float)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            user = pwd.getpwuid(folder.stat().st_uid).pw_name
            own, fields = memory(folder), stat(folder)
        except (OSError, KeyError):
            # It has ended meanwhile, or belongs to the kernel.
            continue
        service = _USERS.get(user, OTHERS)
        held[service] += own
        cpu[service] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return dict(held), dict(cpu)


def main() -> None:
    """What is held first, then what has been counted: the program's own work is then in both readings alike."""
    queue = queue_numbers(_said("rabbitmqctl", "--quiet", "eval", _QUEUE))
    status = {name: int(value) for name, value in _database(_STATUS)}
    # That of this very query.
    status["Threads_connected"] -= 1
    ages = [int(age) for (age,) in _database(_AGES)]
    held, cpu = _processes()
    print(
        json.dumps(
            {
                "taken": time.time(),
                "memory": held,
                "cpu": cpu,
                "queue": queue,
                "database": status,
                "ages": ages,
                "requests": _requests(),
            }
        )
    )


if __name__ == "__main__":
    main()
