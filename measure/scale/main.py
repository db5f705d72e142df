# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enlists more and more compute hosts in a running cloud, and writes what each takes into docs/scale.md.

Before each number of hosts the controller is as it was without any. The hosts share one machine with the control node,
so what is promised is CPU time of ansible-playbook and of what it starts, and numbers of requests, not seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pages
import yaml
from bench.pace import measured_pace
from bench.playbook import OURS, ROOT, Run, play
from lab.hosts import HostError, hosts

from . import peers
from .control_node import Memory, connections, disconnect
from .measured import PlayRun, Reading, Size, Sizes, Span, size

LAB = "scale"
CONTROLLER = "controller1"
# A machine with less memory measures fewer: each takes 0.5 GB, the controller 3.2 GB.
NUMBERS = (0, 1, 5, 20)
_FOLDER = ROOT / ".cache/scale"
_RESULTS = _FOLDER / "results.json"
_RECORDS = _FOLDER / "records"
_READING = ROOT / "measure/scale/reading.py"
_VARIABLES = ROOT / "measure/scale/vars.yml"
_PAGE = pages.DOCS / "scale.md"
# Seconds until new hosts do no more than they always do, and for which they are watched then.
_SETTLE, _REST = 45.0, 120.0
# Ansible's own default, which most sites have.
_FEW_FORKS = 5
_RUNS = 2


def main() -> int:
    """Measure the numbers of hosts of the command line; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, help="numbers of compute hosts; by default 0 1 5 20")
    parser.add_argument(
        "--peers", action="store_true", help="only what lists of compute hosts take, without hosts"
    )
    options = parser.parse_args()
    chosen = [] if options.peers else options.numbers or list(NUMBERS)
    os.environ["STACKWRIGHT_RUN_RECORDS"] = str(_RECORDS)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    if options.peers or not options.numbers:
        _write("make scale: peers", [f"{_origin()}.", "", *peers.lines(peers.measure())])
    if not chosen:
        return 0
    _controller()
    for number in chosen:
        _keep(_measure(number))
        sizes = Sizes([size(kept) for kept in _kept().values()])
        _write("make scale: hosts", sizes.lines())
    return int(any(sizes.broken()))


def _write(mark: str, lines: Sequence[str]) -> None:
    print("\n".join(lines), flush=True)
    _PAGE.write_text(pages.merge(_PAGE.read_text(), mark, lines))


def _origin() -> str:
    return f"{date.today()}, commit {pages.commit()}"


def _controller() -> None:
    """A cloud without a compute host, kept to come back to."""
    _remove_computes()
    try:
        hosts("restore", LAB)
    except HostError:
        hosts("up", LAB, CONTROLLER, "--baked")
        _play("site", [])
        hosts("snapshot", LAB)


def _measure(number: int) -> Size:
    """One number of hosts, from a controller that knows none to a run with nothing to change."""
    computes = [f"compute{serial}" for serial in range(1, number + 1)]
    disconnect()
    _remove_computes()
    hosts("restore", LAB)
    # Services load most of what they need with their first request.
    _play("site", [])
    if not computes:
        time.sleep(_SETTLE)
        return Size(0, _origin(), _rest())
    hosts("up", LAB, *computes, "--baked")
    before = _reading()
    _run, enlisting = _watched("add_compute", computes)
    enlisted = Span(before, _reading())
    discoveries = _discoveries()
    print(f"{number} compute hosts enlisted in {enlisting.seconds:.0f} s", flush=True)
    time.sleep(_SETTLE)
    rest = _rest()
    again, asked_again = min((_again(computes) for _turn in range(_RUNS)), key=lambda one: one[0].cpu)
    few = _again(computes, "--forks", str(_FEW_FORKS))[0] if number > _FEW_FORKS else None
    return Size(
        number,
        _origin(),
        rest,
        enlisting,
        enlisted,
        discoveries,
        again,
        asked_again,
        few,
        connections(),
        measured_pace(*_inventories(computes[:1])).factor,
    )


def _again(computes: Sequence[str], *options: str) -> tuple[PlayRun, Span]:
    """A run with nothing to change."""
    before = _reading()
    run, measured = _watched("site", computes, *options)
    run.check_unchanged([CONTROLLER, *computes])
    return measured, Span(before, _reading())


def _watched(playbook: str, computes: Sequence[str], *options: str) -> tuple[Run, PlayRun]:
    with Memory() as memory:
        run = _play(playbook, computes, *options)
    tasks = {
        "compute": max(run.tasks(host) for host in computes),
        "controller": run.tasks(CONTROLLER),
    }
    return run, PlayRun(run.seconds, run.cpu, memory.peak, tasks)


def _play(playbook: str, computes: Sequence[str], *options: str) -> Run:
    """A playbook over an inventory that has these compute hosts and no others, without --limit."""
    return play(OURS, f"stackwright.nova.{playbook}", *_inventories(computes), *options)


def _inventories(computes: Sequence[str]) -> list[str]:
    inventory = _FOLDER / f"{len(computes)}.yml"
    inventory.write_text(hosts("inventory", LAB, CONTROLLER, *computes))
    return ["--inventory", str(inventory), "--inventory", str(_VARIABLES)]


def _discoveries() -> int:
    """How often nova-manage looked for hosts in the last run, as the run's record has it."""
    (record,) = _RECORDS.glob("*/add_compute.json")
    changes = json.loads(record.read_text())["changes"]
    record.unlink()
    return sum("discover_hosts" in command for change in changes for command in change["commands"])


def _rest() -> Span:
    before = _reading()
    time.sleep(_REST)
    return Span(before, _reading())


def _reading() -> Reading:
    """What the controller holds, and what it has done so far."""
    return Reading(**json.loads(hosts("ssh", LAB, CONTROLLER, "python3", "-", stdin=_READING.read_text())))


def _remove_computes() -> None:
    try:
        listing = hosts("inventory", LAB)
    except HostError:
        return
    children = yaml.safe_load(listing)["all"]["children"]
    computes = children.get("compute", {}).get("hosts", {})
    if computes:
        hosts("down", LAB, *computes)


def _kept() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(_RESULTS.read_text()) if _RESULTS.exists() else {}
    return found


def _keep(one: Size) -> None:
    """Keep what was measured, in the place of what was measured before with as many hosts."""
    kept = _kept() | {str(one.hosts): asdict(one)}
    _RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except HostError as error:
        sys.exit(f"Cannot measure: {error}")
