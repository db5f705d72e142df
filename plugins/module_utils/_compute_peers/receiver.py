# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receives files of instances from another compute host, and does nothing else.

OpenSSH runs it in the place of whatever a compute host asks for with its key. Nova's rsync transport (option
remote_filesystem_transport) copies into, makes and removes below the folder of instances; rrsync, which comes with
rsync, keeps it there. Only what Nova makes from the root of the host down is taken apart here: such a tree arrives
aside, and what it names below the folder of instances is then made there, empty as it is.

It is a separate program, and installed as one: it imports nothing but Python's library.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

# A tree from the root of the host down, as rsync --archive --relative --no-implied-dirs asks for it.
_FROM_ROOT = re.compile(r"rsync --server -\S+ --no-implied-dirs \. /")


def main(arguments: Sequence[str]) -> int:
    """``arguments``: the folder of instances, and the path of rrsync."""
    folder, rrsync = arguments
    command = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if _FROM_ROOT.fullmatch(command):
        return _make(folder, rrsync, command)
    words = shlex.split(command) if command else []
    if words[:2] != ["rsync", "--server"] or not command.endswith(f" {words[-1]}"):
        return _refused("only opens the way for the files of instances")
    below = _below(folder, words[-1])
    if below is None:
        return _refused(f"does not open {words[-1]}")
    return _received(folder, rrsync, f"{command[: -len(words[-1])]}{below}")


def _refused(what: str) -> int:
    sys.stderr.write(f"This key {what}.\n")
    return 1


def _received(folder: str, rrsync: str, command: str) -> int:
    environment = {**os.environ, "SSH_ORIGINAL_COMMAND": command}
    # Later releases let only one host in at a time otherwise, and earlier ones do not know the option.
    with open(rrsync, encoding="utf-8", errors="replace") as program:
        at_once = ["-no-lock"] if "-no-lock" in program.read() else []
    return subprocess.run([rrsync, "-wo", *at_once, folder], env=environment, check=False).returncode


def _make(folder: str, rrsync: str, command: str) -> int:
    aside = tempfile.mkdtemp(prefix=".arriving-", dir=folder)
    try:
        code = _received(aside, rrsync, command)
        if code:
            return code
        for path, is_folder in _arrived(aside):
            if _below(folder, path) is None:
                return _refused(f"does not open {path}")
            if is_folder:
                os.makedirs(path, exist_ok=True)
            else:
                with open(path, "ab"):
                    os.utime(path)
        return 0
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _arrived(aside: str) -> Iterator[tuple[str, bool]]:
    """The leaves of the tree by the paths that they shall have, and whether they are folders."""
    for folder, folders, files in os.walk(aside):
        place = folder[len(aside) :]
        if place and not folders and not files:
            yield place, True
        for name in files:
            yield os.path.join(place, name), False


def _below(folder: str, path: str) -> str | None:
    """The path as seen from the folder, with a leading slash; None for one that is not in it."""
    real = os.path.realpath(path)
    root = os.path.realpath(folder)
    if real == root:
        return "/"
    return real[len(root) :] if real.startswith(f"{root}/") else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
