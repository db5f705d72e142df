# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks would do to the hosts of some clouds, beside what is kept of it; `tests/plans/run` says how.

tests/plans/run [--keep] [--first] [CLOUD[/PLAY] ...]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import compare
import kinds
import yaml

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_WORK = _ROOT / ".cache/plans"
_KEPT = _HERE / "kept"
_AT_A_TIME = 2


@dataclass(frozen=True)
class Play:
    """One run of a playbook on one cloud."""

    cloud: str
    name: str
    playbook: str
    arguments: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.cloud}/{self.name}"

    @property
    def kept(self) -> Path:
        return _KEPT / self.cloud / f"{self.name}.yml"


class _Dumper(yaml.CSafeDumper):
    """Texts of several lines as they are, nothing by reference."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represented(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represented)


def plays() -> list[Play]:
    """All of them, as clouds.yml names them."""
    named = yaml.safe_load((_HERE / "clouds.yml").read_text())
    return [
        Play(cloud, name, each["playbook"], _arguments(each))
        for cloud, its in named.items()
        for name, each in its.items()
    ]


def _arguments(play: Mapping[str, Any]) -> tuple[str, ...]:
    extra = ("-e", json.dumps(play["vars"])) if "vars" in play else ()
    return (*extra, *(("--check",) if play.get("check") else ()))


def recorded(play: Play) -> dict[str, list[kinds.Effect]]:
    """Host to what the playbook would do there; raises RuntimeError with what Ansible says where it fails."""
    work = _WORK / play.cloud / play.name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    record = work / "record.jsonl"
    record.touch()
    (work / "home").mkdir()
    # A rotation writes into it.
    secrets = work / "secrets.yml"
    shutil.copy(_HERE / "secrets.yml", secrets)
    secrets.chmod(0o600)
    environment = {
        **os.environ,
        "PLANS_RECORD": str(record),
        "HOME": str(work / "home"),
        "ANSIBLE_LOCAL_TEMP": str(work / "tmp"),
        "ANSIBLE_CONFIG": str(_HERE / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(_ROOT / ".venv"),
        "ANSIBLE_DEVEL_WARNING": "false",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    argv = [
        sys.executable,
        str(_HERE / "playbook.py"),
        "-i",
        str(_HERE / "clouds" / play.cloud),
        "-e",
        json.dumps({"cloud_secrets_file": str(secrets)}),
        *play.arguments,
        f"stackwright.nova.{play.playbook}",
    ]
    done = subprocess.run(argv, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    (work / "output").write_text(done.stdout + done.stderr)
    if done.returncode:
        message = f"Cannot record {play.title}: ansible-playbook failed.\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
        raise RuntimeError(message)
    # The longer path first: the work is below the checkout.
    places = _replaced(secrets) | {
        str(work): "{work}",
        str(_ROOT.resolve()): "{checkout}",
        str(_ROOT): "{checkout}",
    }
    plan: dict[str, list[kinds.Effect]] = {}
    for line in record.read_text().splitlines():
        each = json.loads(line)
        effect = kinds.effect(each, places)
        if effect:
            plan.setdefault(each["host"], []).append(effect)
    return plan


def _replaced(secrets: Path) -> dict[str, str]:
    """New secrets, whose order is not the same each time, to their names."""
    stored = yaml.safe_load(secrets.read_text())
    return {value: f"new-{name}" for name, value in stored.items() if str(value).startswith("replaced-")}


def _read(play: Play) -> dict[str, list[kinds.Effect]]:
    if not play.kept.is_file():
        return {}
    loaded: dict[str, list[kinds.Effect]] = yaml.load(play.kept.read_text(), yaml.CSafeLoader)
    return loaded


def _keep(play: Play, plan: Mapping[str, list[kinds.Effect]]) -> None:
    play.kept.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(dict(plan), Dumper=_Dumper, width=1000, sort_keys=True, allow_unicode=True)
    play.kept.write_text("---\n" + text)


def _judged(play: Play, keep: bool) -> tuple[Play, float, int, list[str]]:
    """With the seconds that it took, what is done in all, and what differs."""
    began = time.monotonic()
    try:
        plan = recorded(play)
        if keep:
            _keep(play, plan)
        found = [] if keep else compare.differences(_read(play), plan)
    except RuntimeError as error:
        return play, time.monotonic() - began, 0, [str(error)]
    return play, time.monotonic() - began, sum(map(len, plan.values())), found


def main() -> int:
    """Compare, or keep; 1 where something differs."""
    parser = argparse.ArgumentParser(prog="tests/plans/run", description=__doc__.splitlines()[0])
    parser.add_argument("chosen", nargs="*", metavar="CLOUD[/PLAY]", help="all clouds where none is named")
    parser.add_argument("--keep", action="store_true", help="rewrite the plans instead of comparing them")
    parser.add_argument(
        "--first", action="store_true", help="only the first play of each cloud: its deployment"
    )
    asked = parser.parse_args()
    every = plays()
    known = {each.cloud for each in every} | {each.title for each in every}
    unknown = [name for name in asked.chosen if name not in known]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; name some of {', '.join(sorted(known))}")
    chosen = [
        each for each in every if not asked.chosen or each.cloud in asked.chosen or each.title in asked.chosen
    ]
    if asked.first:
        chosen = list({each.cloud: each for each in reversed(chosen)}.values())[::-1]
    differs = False
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for play, seconds, done, found in pool.map(lambda each: _judged(each, asked.keep), chosen):
            differs = differs or bool(found)
            verdict = f"{len(found)} differences" if found else "kept" if asked.keep else "the same"
            print(f"{play.title}: {verdict} ({done} effects, {seconds:.0f} s)", flush=True)
            for line in found:
                print(f"  {line}", flush=True)
    return int(differs)


if __name__ == "__main__":
    raise SystemExit(main())
