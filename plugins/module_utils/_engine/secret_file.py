# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets for programs that take them from a file."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import CollectionError, UnreachableError

_SHARED = "/tmp"
_PASSABLE = 0o001


@contextmanager
def secret_file(text: str, owner: str, suffix: str = "", prefix: str = "secret-") -> Iterator[str]:
    """The path of a file with ``text`` that only ``owner`` (and root) can read, gone afterwards."""
    try:
        account = pwd.getpwnam(owner)
    except KeyError:
        raise UnreachableError(
            "write a file for", "user", owner, "there is no such user", "Install the service's packages first"
        ) from None
    handle, path = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=_directory(account))
    try:
        with open(handle, "w", encoding="utf-8") as file:
            _give(handle, account)
            file.write(text)
        yield path
    finally:
        os.unlink(path)


def _directory(account: pwd.struct_passwd) -> str:
    """A place that the owner gets to: a TMPDIR of root's own, as libpam-tmpdir makes them, is closed to all others."""
    own = os.path.realpath(tempfile.gettempdir())
    way = [own[:end] or "/" for end, letter in enumerate(own + "/") if letter == "/"]
    passable = all(os.stat(step).st_mode & _PASSABLE for step in way)
    return own if passable or account.pw_uid == os.geteuid() else _SHARED


def _give(handle: int, account: pwd.struct_passwd) -> None:
    if account.pw_uid == os.geteuid():
        return
    try:
        os.fchown(handle, account.pw_uid, account.pw_gid)
    except PermissionError as error:
        raise CollectionError(
            "write a file for", "user", account.pw_name, str(error.strerror), "Run the task as root (become)"
        ) from error
