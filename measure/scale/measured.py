# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured with a number of compute hosts, the tables that this makes, and what is promised of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pages
from bench.report import Row

from .reading import APIS, OTHERS

# CPU seconds of the control node for each added compute host, with nothing to change (see bench/pace.py).
CPU_SECONDS = 1.5
COMPUTE_TASKS, CONTROLLER_TASKS = 20, 70
# Each further host may take as many requests as the first ones did, and so much more: runs differ by what services
# happen to do meanwhile.
GROWTH, FURTHER_REQUESTS = 1.25, 2.0
# What the page is about on paper.
MANY = 1000
_SERVICES = ("MariaDB", "RabbitMQ", "Nova", "Neutron", "Keystone", "Placement", "Glance", "memcached", OTHERS)


@dataclass(frozen=True)
class Reading:
    """What a controller holds, and what it has done so far (reading.py)."""

    taken: float
    memory: Mapping[str, float]
    cpu: Mapping[str, float]
    queue: Mapping[str, int]
    database: Mapping[str, int]
    ages: Sequence[int]
    requests: Mapping[str, Mapping[str, int]]

    def asked(self, api: str) -> int:
        """The requests to an API."""
        return sum(self.requests[api].values())


@dataclass(frozen=True)
class Span:
    """The time from one reading to the next."""

    first: Reading
    last: Reading

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.last.taken - self.first.taken) / 60

    def requests(self, api: str) -> int:
        """The requests to an API."""
        return self.last.asked(api) - self.first.asked(api)

    @property
    def registrations(self) -> int:
        """What was written to Keystone's catalog, accounts and roles."""
        return self.last.requests["keystone"].get("write", 0) - self.first.requests["keystone"].get(
            "write", 0
        )

    @property
    def messages(self) -> int:
        """What was published to RabbitMQ."""
        return self.last.queue["messages"] - self.first.queue["messages"]

    @property
    def statements(self) -> int:
        """What MariaDB was asked."""
        return self.last.database["Questions"] - self.first.database["Questions"]

    @property
    def cpu(self) -> float:
        """CPU seconds of all services."""
        return sum(self.last.cpu.values()) - sum(self.first.cpu.values())

    @property
    def host_minutes(self) -> float:
        """For how long Nova Computes were known that were not before, all together."""
        return sum(self.last.ages) / 60 if not self.first.ages else 0.0


@dataclass(frozen=True)
class Line:
    """One line of a table, a value for each number of hosts; ``grows``: whether more hosts go on as the first did."""

    name: str
    values: Sequence[float | str | None]
    decimals: int = 0
    grows: bool = True

    def cells(self) -> list[str]:
        """The values as texts."""
        return [
            value if isinstance(value, str) else "" if value is None else f"{value:,.{self.decimals}f}"
            for value in self.values
        ]

    def further(self, hosts: Sequence[int]) -> list[str]:
        """What each additional host adds, and what many of them come to: by the first and the last value there is."""
        known = [(host, one) for host, one in zip(hosts, self.values) if isinstance(one, (int, float))]
        if len(known) < 2 or not self.grows:
            return ["", ""]
        (fewest, least), (most, value) = known[0], known[-1]
        each = (value - least) / (most - fewest)
        # Nothing becomes less than none: what is hardly there goes up and down by itself.
        return [f"{each:.2f}", f"{max(0.0, value + each * (MANY - most)):,.0f}"]


@dataclass(frozen=True)
class PlayRun:
    """A run on the control node: memory in MiB, tasks of the busiest compute host and of the controller."""

    seconds: float
    cpu: float
    memory: float
    tasks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Size:
    """All that was measured with a number of compute hosts; with none there are no runs."""

    hosts: int
    origin: str
    rest: Span
    enlisting: PlayRun | None = None
    enlisted: Span | None = None
    discoveries: int = 0
    again: PlayRun | None = None
    asked_again: Span | None = None
    few_forks: PlayRun | None = None
    connections: tuple[int, float] = (0, 0.0)
    pace: float = 0.0


def size(kept: Mapping[str, Any]) -> Size:
    """As it was kept (``dataclasses.asdict``)."""

    def span(key: str) -> Span | None:
        return Span(Reading(**kept[key]["first"]), Reading(**kept[key]["last"])) if kept[key] else None

    def run(key: str) -> PlayRun | None:
        return PlayRun(**kept[key]) if kept[key] else None

    rest = span("rest")
    assert rest
    return Size(
        kept["hosts"],
        kept["origin"],
        rest,
        run("enlisting"),
        span("enlisted"),
        kept["discoveries"],
        run("again"),
        span("asked_again"),
        run("few_forks"),
        tuple(kept["connections"]),
        kept["pace"],
    )


class Sizes:
    """What was measured with no compute host, and with one and more of them."""

    def __init__(self, sizes: Sequence[Size]) -> None:
        ordered = sorted(sizes, key=lambda one: one.hosts)
        self.all = ordered
        self.none = next((one for one in ordered if not one.hosts), None)
        self.some = [one for one in ordered if one.hosts]

    def enlisting_requests(self, one: Size, api: str) -> float:
        """The requests of enlisting alone: without what the controller and its new hosts ask while they are idle."""
        assert one.enlisted and self.none
        idle = self.none.rest.requests(api) / self.none.rest.minutes
        each = (one.rest.requests(api) / one.rest.minutes - idle) / one.hosts
        return one.enlisted.requests(api) - idle * one.enlisted.minutes - each * one.enlisted.host_minutes

    def again_requests(self, one: Size, api: str) -> float:
        """The requests of a run with nothing to change alone."""
        assert one.asked_again
        return (
            one.asked_again.requests(api)
            - one.rest.requests(api) / one.rest.minutes * one.asked_again.minutes
        )

    def cpu_row(self) -> Row | None:
        """The promise of the control node's cost, at the pace of the machine."""
        if len(self.some) < 2:
            return None
        first, last = self.some[0], self.some[-1]
        assert first.again and last.again
        return Row(
            f"CPU seconds of the control node for each added compute host ({last.hosts} against {first.hosts}: "
            f"{last.again.cpu:.0f} and {first.again.cpu:.0f})",
            (last.again.cpu - first.again.cpu) / (last.hosts - first.hosts),
            CPU_SECONDS,
        ).at_pace(last.pace)

    def promises(self) -> list[Row]:
        """Numbers with the most that each may be."""
        rows = [row for row in [self.cpu_row()] if row]
        for one in self.some:
            assert one.again
            rows.append(
                Row(
                    f"tasks on a compute host, {one.hosts} of them",
                    one.again.tasks["compute"],
                    COMPUTE_TASKS,
                    0,
                )
            )
            rows.append(
                Row(
                    f"tasks on the controller, {one.hosts} compute hosts",
                    one.again.tasks["controller"],
                    CONTROLLER_TASKS,
                    0,
                )
            )
        return rows

    def broken(self) -> Iterator[str]:
        """The promises that were not kept, a sentence each."""
        yield from (str(row) for row in self.promises() if row.broken)
        for one in self.some:
            assert one.enlisted
            if one.discoveries != 1:
                yield f"{one.hosts} hosts: {one.discoveries} discoveries, and one is promised"
            if one.enlisted.registrations:
                yield f"{one.hosts} hosts: {one.enlisted.registrations} changes in Keystone, and none is promised"
            if len(one.enlisted.last.ages) != one.hosts:
                yield f"{one.hosts} hosts: Nova knows {len(one.enlisted.last.ages)} of them"
        counts: tuple[tuple[str, Callable[[Size, str], float]], ...] = (
            ("enlisting", self.enlisting_requests),
            ("nothing to change", self.again_requests),
        )
        for what, count in counts if self.none else ():
            for api in APIS:
                yield from _faster_than_linear(
                    f"{what}, requests to {api.capitalize()}",
                    [(one.hosts, count(one, api)) for one in self.some],
                )

    def lines(self) -> list[str]:
        """The tables, and what was not kept."""
        broken = list(self.broken())
        return [
            *(f"- {sentence}." for sentence in broken or ["All promises were kept"]),
            "",
            *self._table("measured", self._origins(), self.all, further=False),
            "",
            *self._table("enlisting in one play (`add_compute`)", self._enlisting(), self.some),
            "",
            *self._table("`site` with nothing to change", self._again(), self.some),
            "",
            *self._table("memory of the controller, MiB", self._memory(), self.all),
            "",
            *self._table("what the controller holds", self._holdings(), self.all),
            "",
            *self._table("idle, each minute", self._rest(), self.all),
        ]

    @staticmethod
    def _table(title: str, rows: Sequence[Line], sizes: Sequence[Size], *, further: bool = True) -> list[str]:
        hosts = [one.hosts for one in sizes]
        titles = [
            title,
            *map(_hosts, hosts),
            *(["each additional host", f"{MANY:,} hosts"] if further else []),
        ]
        return pages.table(
            titles, [[row.name, *row.cells(), *(row.further(hosts) if further else [])] for row in rows]
        )

    def _origins(self) -> list[Line]:
        return [
            Line("date and commit", [one.origin for one in self.all]),
            Line("pace of the machine (1: that of the promises)", [one.pace or None for one in self.all], 1),
        ]

    def _enlisting(self) -> list[Line]:
        runs = [one.enlisting for one in self.some if one.enlisting]
        spans = [one.enlisted for one in self.some if one.enlisted]
        return [
            Line("seconds, the hosts' own work included", [run.seconds for run in runs], grows=False),
            Line("CPU seconds of the control node", [run.cpu for run in runs], 1),
            Line("memory of the control node at most, MiB", [run.memory for run in runs], grows=False),
            Line("discoveries", [one.discoveries for one in self.some]),
            Line("changes in Keystone", [span.registrations for span in spans]),
            *(
                Line(
                    f"requests to {api.capitalize()}",
                    [self.enlisting_requests(one, api) if self.none else None for one in self.some],
                )
                for api in APIS
            ),
        ]

    def _again(self) -> list[Line]:
        runs = [one.again for one in self.some if one.again]
        fewer = [one.few_forks for one in self.some]
        return [
            Line("seconds, with a fork for each host", [run.seconds for run in runs], grows=False),
            Line("CPU seconds of the control node", [run.cpu for run in runs], 1),
            Line("memory of the control node at most, MiB", [run.memory for run in runs], grows=False),
            Line(
                "of that connections which stay open (`ControlPersist`)",
                [one.connections[1] for one in self.some],
            ),
            Line("seconds, with 5 forks", [run.seconds if run else None for run in fewer]),
            Line("CPU seconds, with 5 forks", [run.cpu if run else None for run in fewer], 1),
            Line("memory, with 5 forks", [run.memory if run else None for run in fewer]),
            Line("tasks on a compute host", [run.tasks["compute"] for run in runs]),
            Line("tasks on the controller", [run.tasks["controller"] for run in runs]),
            *(
                Line(f"requests to {api.capitalize()}", [self.again_requests(one, api) for one in self.some])
                for api in APIS
            ),
        ]

    def _memory(self) -> list[Line]:
        lasts = [one.rest.last for one in self.all]
        return [
            *(Line(service, [last.memory.get(service, 0.0) for last in lasts]) for service in _SERVICES),
            Line("all", [sum(last.memory.values()) for last in lasts]),
        ]

    def _holdings(self) -> list[Line]:
        lasts = [one.rest.last for one in self.all]
        pool = [last.database["Innodb_buffer_pool_bytes_data"] / 2**20 for last in lasts]
        return [
            Line("connections to MariaDB", [last.database["Threads_connected"] for last in lasts]),
            Line("the most there were", [last.database["Max_used_connections"] for last in lasts]),
            Line("data in MariaDB's buffer pool, MiB", pool),
            Line("connections to RabbitMQ", [last.queue["connections"] for last in lasts]),
            Line("channels", [last.queue["channels"] for last in lasts]),
            Line("queues", [last.queue["queues"] for last in lasts]),
        ]

    def _rest(self) -> list[Line]:
        spans = [one.rest for one in self.all]
        return [
            *(
                Line(
                    f"requests to {api.capitalize()}",
                    [span.requests(api) / span.minutes for span in spans],
                    1,
                )
                for api in APIS
            ),
            Line("messages to RabbitMQ", [span.messages / span.minutes for span in spans]),
            Line("statements to MariaDB", [span.statements / span.minutes for span in spans]),
            Line("CPU seconds of the controller's services", [span.cpu / span.minutes for span in spans], 1),
        ]


def _faster_than_linear(what: str, counts: Sequence[tuple[int, float]]) -> Iterator[str]:
    """A sentence where the last hosts took more than the first ones, each."""
    if len(counts) < 3:
        return
    (few, at_few), (some, at_some), (many, at_many) = counts[0], counts[1], counts[-1]
    first = max(0.0, at_some - at_few) / (some - few)
    last = (at_many - at_some) / (many - some)
    if last > first * GROWTH + FURTHER_REQUESTS:
        yield (
            f"{what}: {last:.1f} for each host from {some} to {many}, and {first:.1f} from {few} to {some}; "
            "they may not grow faster than the hosts"
        )


def _hosts(number: int) -> str:
    return {0: "no host", 1: "1 host"}.get(number, f"{number} hosts")
