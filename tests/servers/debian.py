# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of any Debian release, run from a directory: nothing is installed, and nobody needs root."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from servers.cache import cached
from servers.program import run
from testhosts import machine
from testhosts.sources import KEYRING

_LIBRARIES = ("lib/*-linux-*", "usr/lib/*-linux-*")


@dataclass(frozen=True)
class Tree:
    """A root directory with programs and all libraries that they need."""

    root: Path

    def command(self, program: str) -> list[str]:
        """How to run the program at this path below the root: with the tree's own libraries."""
        path = str(self.root / program)
        if self == MACHINE:
            return [path]
        libraries = [found for pattern in _LIBRARIES for found in sorted(self.root.glob(pattern))]
        loader = next(found for directory in libraries for found in directory.glob("ld-linux*.so.*"))
        return [str(loader), "--library-path", ":".join(map(str, libraries)), path]


MACHINE = Tree(Path("/"))
"""What this machine has installed itself."""


def packages(suite: str, *names: str, room: str = "debian") -> Tree:
    """A tree with these packages of a suite and all that they depend on; fetched once, kept for the next run.

    A room of the cache has one tree for each suite.

    The archive is the one that this machine's apt uses, with its keys, proxies and other settings.
    """

    def build(path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=path) as scratch:
            _unpack(suite, names, Path(scratch), path / "root")

    return Tree(cached(f"{room}/{suite}", "\n".join(names), build) / "root")


def _unpack(suite: str, names: tuple[str, ...], scratch: Path, root: Path) -> None:
    for directory in ("etc", "lists/partial", "archives/partial"):
        (scratch / directory).mkdir(parents=True)
    # A machine on which nothing is installed yet: libraries come along, down to the C library.
    (scratch / "status").touch()
    (scratch / "etc/sources.list").write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {source.uri} {suite} main\n"
            for source in machine.debian_sources()
            if source.part == ""
        )
    )
    apt = (
        *("apt-get", "--quiet", "--yes", "-oAPT::Sandbox::User=root", "-oDebug::NoLocking=true"),
        *(f"-oDir::Etc={scratch}/etc", f"-oDir::State={scratch}", f"-oDir::State::status={scratch}/status"),
        f"-oDir::Cache={scratch}",
    )
    run([*apt, "update"])
    run([*apt, "install", "--download-only", "--no-install-recommends", *names])
    for package in sorted((scratch / "archives").glob("*.deb")):
        run(["dpkg-deb", "--extract", str(package), str(root)])
