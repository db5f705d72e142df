# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of this host's Keystone."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from .._engine.errors import CollectionError, UnreachableError
from .._engine.file_errors import file_error
from .._engine.files import write_private
from .._engine.process import last_words, run_command
from .state import State

_OTHERS = 0o077


class LocalKeys:
    """Files of Keystone's user, named by their numbers."""

    def __init__(self, run_as: str) -> None:
        self._run_as = run_as

    def read(self, directories: tuple[str, ...]) -> State:
        """Raises UnreachableError where Keystone is not installed, CollectionError where a key cannot be read."""
        self._account()
        keys: dict[str, dict[str, str]] = {}
        readable: list[str] = []
        for directory in directories:
            keys[directory] = {}
            for path in sorted(Path(directory).glob("[0-9]*")):
                if not path.name.isdigit():
                    continue
                try:
                    keys[directory][path.name] = path.read_text(encoding="ascii")
                    mode = stat.S_IMODE(path.stat().st_mode)
                except OSError as error:
                    raise file_error("read", "key", str(path), error) from None
                except UnicodeDecodeError:
                    raise CollectionError(
                        "read",
                        "key",
                        str(path),
                        "it is not ASCII text, as Keystone's keys are",
                        "Restore it from another controller or a backup",
                    ) from None
                readable += [str(path)] if mode & _OTHERS else []
        return State(keys, tuple(readable))

    def write(self, directory: str, number: str, key: str) -> None:
        """Put a key in, or another one in its place, for Keystone alone."""
        write_private(os.path.join(directory, number), key, self._account())

    def remove(self, directory: str, number: str) -> None:
        """Take a key away."""
        Path(directory, number).unlink(missing_ok=True)

    def rotate(self, config_file: str) -> None:
        """Have Keystone make another key for tokens."""
        user = self._run_as
        argv = ["keystone-manage", "--config-file", config_file, "fernet_rotate"]
        output = run_command([*argv, "--keystone-user", user, "--keystone-group", user], run_as=user)
        if output.code:
            raise CollectionError(
                "rotate",
                "keys of",
                "Keystone",
                f"keystone-manage ended with status {output.code}: {last_words(output.stderr, output.stdout)}",
                "Correct what it complains about; tokens go on with the keys that are there",
            )

    def _account(self) -> pwd.struct_passwd:
        try:
            return pwd.getpwnam(self._run_as)
        except KeyError:
            raise UnreachableError(
                "read", "keys of", "Keystone", f"there is no user {self._run_as}", "Install Keystone first"
            ) from None
