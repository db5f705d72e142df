# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the option catalogues that the collection ships, from the packages on PyPI.

    python3 tools/option_catalogues/build.py [--work DIR] [SERIES ...]

Every release gets a throw-away virtual environment (made by uv, with the Pythons on the PATH) with the
newest point release of each service and the libraries of its time. What is read there is kept in DIR, so
that a build that was interrupted goes on where it was; then all releases of a service are merged into one
file of ``plugins/plugin_utils/_option_catalogues``.
"""

from __future__ import annotations

import argparse
import json
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import merge
from releases import BUILD_CONSTRAINTS, COMPANIONS, DISTRIBUTIONS, RELEASES, UNBOUND, Release, major

ROOT = Path(__file__).resolve().parents[2]
HARVEST = ROOT / "plugins/module_utils/_nova_conf_ini/harvest.py"
SERVICES = ROOT / "plugins/module_utils/_shared/services.py"

# Python before 3.8 has neither of the two.
_BEFORE_38 = """
import importlib, sys, importlib_metadata
importlib.metadata = sys.modules["importlib.metadata"] = importlib_metadata
"""


def main() -> int:
    """Build what is missing, merge all, and say what could not be built."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "stackwright-options")
    parser.add_argument("series", nargs="*", help="rebuild these (default: those not built yet)")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    failed = 0
    for release in reversed(RELEASES):
        if release.name in arguments.series:
            for old in arguments.work.glob(f"{release.name}-*.json"):
                old.unlink()
        if not arguments.series or release.name in arguments.series:
            failures = build(release, arguments.work)
            failed += len(failures)
            print(*failures, sep="\n", end="\n" if failures else "", flush=True)
    for service in DISTRIBUTIONS:
        merge.write(service, arguments.work, ROOT / "plugins/plugin_utils/_option_catalogues")
    return 1 if failed else 0


def build(release: Release, work: Path) -> list[str]:
    """Read the options of one release; returns what failed."""
    missing = [s for s in DISTRIBUTIONS if major(s, release) > 0 and not _target(work, release, s).exists()]
    if not missing:
        return []
    groups = [missing, *([service] for service in missing)]
    failures = {}
    for services in groups:
        if all(_target(work, release, service).exists() for service in services):
            continue
        environment = work / "venv"
        try:
            install(release, services, environment)
        except subprocess.CalledProcessError as error:
            failures.update({s: f"{s} of {release.name}: {_last_lines(error.stderr)}" for s in services})
            continue
        for service in services:
            try:
                answer = read(service, environment)
            except subprocess.CalledProcessError as error:
                failures[service] = f"{service} of {release.name}: {_last_lines(error.stderr)}"
                continue
            found = json.loads(answer)
            own = [f"{namespace}: {error}" for namespace, error, own in found["problems"] if own]
            if own:
                failures[service] = f"{service} of {release.name}: {own}"
                continue
            failures.pop(service, None)
            _target(work, release, service).write_text(answer, encoding="utf-8")
            options = sum(map(len, found["groups"].values()))
            print(release.name, service, found["version"], options, found["problems"], flush=True)
    shutil.rmtree(work / "venv", ignore_errors=True)
    return list(failures.values())


def install(release: Release, services: list[str], environment: Path) -> None:
    """Make a virtual environment with these services as they were."""
    shutil.rmtree(environment, ignore_errors=True)
    _run("uv", "venv", "--quiet", "--python", release.python, str(environment))
    newest = {DISTRIBUTIONS[service][0]: "2100-01-01" for service in services}
    until = [f"--exclude-newer-package={name}={day}" for name, day in {**_unbound(release), **newest}.items()]
    requirements = [f"{DISTRIBUTIONS[service][0]}=={major(service, release)}.*" for service in services] + [
        companion for service in services for companion in COMPANIONS.get(service, ())
    ]
    requirements += release.pins
    if release.python == "3.6":
        requirements.append("importlib-metadata")
    constraints = environment.parent / "build-constraints.txt"
    built_with = next(pins for day, pins in BUILD_CONSTRAINTS.items() if release.libraries_until < day)
    constraints.write_text("\n".join(built_with), encoding="utf-8")
    _run(
        "uv",
        "pip",
        "install",
        "--quiet",
        f"--python={environment}/bin/python",
        f"--exclude-newer={release.libraries_until}",
        f"--build-constraint={constraints}",
        *until,
        *requirements,
        # Packages of these days still import pkg_resources.
        "setuptools<81",
    )


def read(service: str, environment: Path) -> str:
    """Run the collection's own reader in an environment."""
    source = HARVEST.read_text(encoding="utf-8")
    python = environment / "bin/python"
    if "3.6" in _run(str(python), "--version"):
        source = _BEFORE_38 + source.replace("from __future__ import annotations", "")
    return _run(str(python), "-", json.dumps(_harvest_arguments(service)), stdin=source)


def _harvest_arguments(service: str) -> dict[str, Any]:
    """What the modules say about a service, too."""
    return runpy.run_path(str(SERVICES))["SERVICES"][service].harvest_arguments()


def _unbound(release: Release) -> dict[str, str]:
    return {name: max(day, release.libraries_until) for name, day in UNBOUND.items()}


def _target(work: Path, release: Release, service: str) -> Path:
    return work / f"{release.name}-{service}.json"


def _run(*argv: str, stdin: str | None = None) -> str:
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, argv, done.stdout, done.stderr)
    return done.stdout


def _last_lines(text: str) -> str:
    return " | ".join(line.strip() for line in text.strip().splitlines()[-6:])


if __name__ == "__main__":
    sys.exit(main())
