# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the lock of a release: every Python package of its services with version and hashes, for one Python.

    python3 tools/release_locks/build.py 2024.1 --python 3.11 --constraints upper-constraints.txt

See README.md beside this file. Needs uv and PyYAML.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomllib
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "plugins/module_utils/_shared"))

from services import SERIES, SERVICES, major  # noqa: E402

LOCKS = ROOT / "roles/packages/files/releases"
EXCEPTIONS = Path(__file__).with_name("exceptions.yml")
MACHINE = "x86_64"
# What the services need without saying so: drivers, the server of the APIs, the operator's client, and what installs
# and builds the rest.
COMPANIONS = (
    "PyMySQL",
    "libvirt-python",
    "osc-placement",
    "packaging",
    "pbr",
    # oslo.cache before 3.4 loads it with any pool of connections to memcached.
    "python-binary-memcached",
    "python-memcached",
    "python-openstackclient",
    "setuptools",
    "uv",
    "uwsgi",
    "wheel",
)
# Its metadata can only be had with libvirt's headers, and says nothing.
_METADATA = '[[dependency-metadata]]\nname = "libvirt-python"\nrequires-dist = []\n'
_CONSTRAINT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)===?(?P<version>[^;\s]+)"
    r"(?:\s*;\s*python_version\s*(?P<relation>[=<>!]+)\s*['\"](?P<python>[\d.]+)['\"])?"
)


def wanted(release: str) -> list[str]:
    """The services by their major versions, and their companions."""
    services = [f"{each.distribution}=={major(each.name, release)}.*" for each in SERVICES.values()]
    return [*services, *COMPANIONS]


def constraints(text: str, python: str) -> dict[str, str]:
    """The version of each package for one Python.

    Many have one line for each Python of the release's time, as ``python_version=='3.8'``. A Python that came later
    gets the line of the newest one before it.
    """
    chosen: dict[str, tuple[tuple[int, ...], str]] = {}
    here = _number(python)
    for line in text.splitlines():
        match = _CONSTRAINT.fullmatch(line.partition("#")[0].strip())
        if not match:
            continue
        there = _number(match["python"] or "")
        if match["relation"] and not _applies(match["relation"], here, there):
            continue
        # What names this Python or an older one exactly says more than what holds for all.
        weight = there if match["relation"] == "==" else here
        name = match["name"].lower()
        if name not in chosen or weight >= chosen[name][0]:
            chosen[name] = (weight, match["version"])
    return {name: version for name, (_weight, version) in sorted(chosen.items())}


def overrides(exceptions: Iterable[Mapping[str, Any]], release: str, python: str) -> list[str]:
    """The versions that take the place of constraints."""
    return [
        each["version"]
        for each in exceptions
        if release in each["releases"] and python in each.get("pythons", [python])
    ]


def lines(packages: Iterable[Mapping[str, Any]], python: str) -> Iterator[str]:
    """A requirement with hashes for each package: of its source, and of its wheels for this Python."""
    for package in sorted(packages, key=lambda each: str(each["name"])):
        files = [each for each in [package.get("sdist"), *package.get("wheels", [])] if each]
        hashes = sorted({each["hashes"]["sha256"] for each in files if fits(_file_name(each["url"]), python)})
        marker = f" ; {package['marker']}" if package.get("marker") else ""
        requirement = f"{package['name']}=={package['version']}{marker}"
        yield " \\\n    ".join([requirement, *(f"--hash=sha256:{each}" for each in hashes)])


def fits(file: str, python: str) -> bool:
    """Whether a file of a package is its source, or a wheel for this Python on Linux with glibc."""
    if not file.endswith(".whl"):
        return True
    pythons, abi, platform = file.removesuffix(".whl").split("-")[-3:]
    version = _number(python)
    for tag in pythons.split("."):
        number = re.fullmatch(r"(?:py|cp)(\d)(\d*)", tag)
        if not number or int(number[1]) != version[0]:
            continue
        minor = int(number[2] or 0)
        exact = minor == version[1]
        older = minor <= version[1] and ("abi3" in abi or abi == "none")
        if exact or older:
            return platform == "any" or ("manylinux" in platform and platform.endswith(MACHINE))
    return False


def compiled(release: str, python: str, text: str, exceptions: Sequence[str]) -> list[dict[str, Any]]:
    """What uv makes of it: packages with their files."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pins = constraints(text, python)
        for each in exceptions:
            pins.pop(each.partition("==")[0], None)
        (place / "release.in").write_text("\n".join(wanted(release)))
        (place / "constraints.txt").write_text("\n".join(f"{name}=={pins[name]}" for name in pins))
        (place / "overrides.txt").write_text("\n".join(exceptions))
        (place / "uv.toml").write_text(_METADATA)
        argv = ["uv", "pip", "compile", "--quiet", "--no-header", "--format", "pylock.toml"]
        argv += ["--python-version", python, "--python-platform", "x86_64-manylinux_2_36"]
        argv += ["--config-file", "uv.toml", "--constraints", "constraints.txt"]
        argv += ["--overrides", "overrides.txt", "--output-file", "pylock.toml", "release.in"]
        subprocess.run(argv, cwd=place, check=True)
        packages: list[dict[str, Any]] = tomllib.loads((place / "pylock.toml").read_text())["packages"]
    return packages


def lock(release: str, python: str, text: str) -> str:
    """The text of the lock."""
    exceptions = overrides(yaml.safe_load(EXCEPTIONS.read_text()), release, python)
    digest = hashlib.sha256(text.encode()).hexdigest()
    head = (
        f"# OpenStack {release} for Python {python}. Made by tools/release_locks from the release's constraints",
        f"# (sha256 {digest[:16]}…), without {', '.join(exceptions) or 'exceptions'}.",
    )
    return "\n".join([*head, *lines(compiled(release, python, text, exceptions), python)]) + "\n"


def main() -> None:
    """Write one lock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("release", choices=SERIES)
    parser.add_argument("--python", required=True, help="the Python of the hosts, 3.11 say")
    parser.add_argument("--constraints", required=True, type=Path, help="the release's upper-constraints.txt")
    arguments = parser.parse_args()
    path = LOCKS / f"{arguments.release}-python{arguments.python}.txt"
    path.write_text(lock(arguments.release, arguments.python, arguments.constraints.read_text()))
    print(path.relative_to(ROOT))


def _applies(relation: str, here: tuple[int, ...], there: tuple[int, ...]) -> bool:
    return {
        "==": there <= here,
        ">=": here >= there,
        "<=": here <= there,
        "<": here < there,
        ">": here > there,
    }[relation]


def _number(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split(".") if part)


def _file_name(url: str) -> str:
    return url.rsplit("/", 1)[-1]


if __name__ == "__main__":
    main()
