# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files: read with their attributes, replaced at once."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .errors import CollectionError
from .file_errors import file_error

_NEW = 0o640
_OTHERS = 0o007
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True)
class StoredFile:
    """A file's text (line endings untranslated) with its owner, group and permission bits."""

    text: str
    uid: int = 0
    gid: int = 0
    mode: int = _NEW


@dataclass(frozen=True)
class Attributes:
    """Owner and group (names or numbers) and mode; None keeps what is there."""

    owner: str | None = None
    group: str | None = None
    mode: int | None = None

    def final_mode(self, stored: StoredFile | None, secret: bool) -> int:
        """The mode that the file will have: a new one 0640, and one with secrets closed to the world."""
        if self.mode is not None:
            return self.mode
        if stored is None:
            return _NEW
        return stored.mode & ~_OTHERS if secret else stored.mode

    def commands(self, path: str, stored: StoredFile | None, mode: int) -> list[str]:
        """What a person would type to give the file these attributes."""
        commands = []
        if self.owner is not None and (stored is None or not _is_user(self.owner, stored.uid)):
            commands.append(f"chown {self.owner} {path}")
        if self.group is not None and (stored is None or not _is_group(self.group, stored.gid)):
            commands.append(f"chgrp {self.group} {path}")
        if stored is None or mode != stored.mode:
            commands.append(f"chmod {mode:04o} {path}")
        return commands


KEEP = Attributes()


class FileStore(Protocol):
    """Where configuration files are kept."""

    def read(self, path: str) -> StoredFile | None:
        """The file; None where there is none."""

    def write(self, path: str, text: str, attributes: Attributes, *, mode: int, backup: bool) -> str:
        """Replace (or create) the file at once; returns the backup's path, "" without one."""

    def target(self, path: str) -> str | None:
        """What stands in the symbolic link; None where there is nothing."""

    def link(self, path: str, target: str) -> None:
        """Make the symbolic link, or replace one at once."""


class LocalFiles:
    """The files of this host."""

    def read(self, path: str) -> StoredFile | None:
        """The file; None where there is none."""
        try:
            with open(path, "rb") as file:
                data = file.read()
                status = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error("read", "file", path, error) from error
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise CollectionError(
                "read",
                "file",
                path,
                f"line {line} is not UTF-8 text",
                "Correct that line first",
                code="unreadable",
                line=line,
            ) from error
        return StoredFile(text, status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))

    def write(self, path: str, text: str, attributes: Attributes, *, mode: int, backup: bool) -> str:
        """Replace (or create) the file at once; returns the backup's path, "" without one."""
        target = os.path.realpath(path)
        stored = self.read(target)
        uid = stored.uid if stored else os.geteuid()
        gid = stored.gid if stored else os.getegid()
        if attributes.owner is not None:
            uid = _uid(attributes.owner)
        if attributes.group is not None:
            gid = _gid(attributes.group)
        saved = ""
        try:
            if backup and stored:
                saved = f"{target}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
                shutil.copy2(target, saved)
                os.chown(saved, stored.uid, stored.gid)
            _replace(target, text, uid, gid, mode)
        except OSError as error:
            raise file_error("write", "file", path, error) from error
        return saved

    def target(self, path: str) -> str | None:
        """What stands in the symbolic link; None where there is nothing.

        Raises CollectionError for what is no link: somebody may need it.
        """
        if os.path.lexists(path) and not os.path.islink(path):
            raise CollectionError(
                "replace", "file", path, "it is no symbolic link, which it shall become", "Move it away"
            )
        return os.readlink(path) if os.path.lexists(path) else None

    def link(self, path: str, target: str) -> None:
        """Make the symbolic link, or replace one at once."""
        draft = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}")
        try:
            os.symlink(target, draft)
            os.replace(draft, path)
        except OSError as error:
            raise file_error("make", "link", path, error) from error


def mode_bits(mode: str) -> int:
    """The bits of a mode as parameters have it, "0640"; raises CollectionError where it is none."""
    try:
        bits = int(mode, 8)
    except ValueError:
        bits = -1
    if not 0 <= bits <= 0o7777:
        raise CollectionError(
            "use",
            "mode",
            repr(mode),
            "it is not an octal number",
            "Write it in quotes, such as '0640'",
            code="parameters",
        )
    return bits


def make_folder(path: str, mode: int = 0o755) -> bool:
    """Make the folder of a file, if only that is missing, and return whether it was made; one that is there stays."""
    folder = os.path.dirname(path)
    try:
        os.mkdir(folder, mode)
    except (FileExistsError, FileNotFoundError):
        return False
    except OSError as error:
        raise file_error("make", "directory", folder, error) from error
    return True


def write_private(path: str, text: str, account: pwd.struct_passwd) -> None:
    """Replace (or create) a file that only its user reads, and make its folder likewise if only that is missing."""
    if make_folder(path, _PRIVATE_FOLDER):
        os.chown(os.path.dirname(path), account.pw_uid, account.pw_gid)
    owner = Attributes(str(account.pw_uid), str(account.pw_gid))
    LocalFiles().write(path, text, owner, mode=_PRIVATE, backup=False)


def rendered(texts: Mapping[str, str]) -> str:
    """One side of a diff of several files, by path."""
    return "\n".join(f"# {path}\n{text}" for path, text in texts.items())


def _replace(target: str, text: str, uid: int, gid: int, mode: int) -> None:
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(target), prefix=f".{os.path.basename(target)}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchown(file.fileno(), uid, gid)
            os.fchmod(file.fileno(), mode)
            with contextlib.suppress(OSError):
                os.setxattr(draft, "security.selinux", os.getxattr(target, "security.selinux"))
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        os.unlink(draft)
        raise


def _is_user(name: str, uid: int) -> bool:
    with contextlib.suppress(CollectionError):
        return _uid(name) == uid
    return False


def _is_group(name: str, gid: int) -> bool:
    with contextlib.suppress(CollectionError):
        return _gid(name) == gid
    return False


def _uid(name: str) -> int:
    try:
        return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid
    except KeyError:
        raise CollectionError(
            "use", "owner", name, "there is no such user", "Install the service's packages first"
        ) from None


def _gid(name: str) -> int:
    try:
        return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
    except KeyError:
        raise CollectionError(
            "use", "group", name, "there is no such group", "Install the service's packages first"
        ) from None
