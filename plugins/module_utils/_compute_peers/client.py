# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that authorize other hosts on this one."""

from __future__ import annotations

import inspect
import pwd
import sys

from .._engine.errors import UnreachableError
from .._engine.files import Attributes, LocalFiles, make_folder, write_private
from . import receiver
from .parameters import Desired
from .places import RECEIVER, authorized_keys, client_config, known_hosts
from .state import State

_PROGRAM = 0o755


class LocalPeerFiles:
    """The files of the host that the module runs on."""

    def __init__(self) -> None:
        self._files = LocalFiles()

    def read(self, desired: Desired) -> State:
        """What is there. UnreachableError where there is no such user yet."""
        try:
            home = pwd.getpwnam(desired.user).pw_dir
        except KeyError:
            raise UnreachableError(
                "read", "home of user", desired.user, "there is no such user", "Install Nova's packages first"
            ) from None
        paths = (RECEIVER, authorized_keys(home), known_hosts(home), client_config(home))
        stored = {path: self._files.read(path) for path in paths}
        return State(home, program(), {path: file for path, file in stored.items() if file})

    def write(self, path: str, text: str, user: str) -> None:
        """Replace (or create) a file at once; those in the user's home belong to the user."""
        if path == RECEIVER:
            make_folder(path)
            self._files.write(path, text, Attributes("root", "root"), mode=_PROGRAM, backup=False)
        else:
            write_private(path, text, pwd.getpwnam(user))


def program() -> str:
    """The receiver as a program of this host's Python, isolated from what users install."""
    return f"#!{sys.executable} -I\n{inspect.getsource(receiver)}"
