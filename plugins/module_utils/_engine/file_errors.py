# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a file that the operating system does not let a module read or write."""

from __future__ import annotations

import errno
import os

from .errors import CollectionError

_BECOME = "Run the task as root (become), or let this user do it (`ls -ld {path} {folder}`)"
_ROOT_DENIED = (
    "See what denies it to root: root_squash of a network file system, SELinux or AppArmor "
    "(`journalctl --dmesg --grep denied`)"
)
_IMMUTABLE = (
    "See whether {path} or its directory is immutable (`lsattr -d {path} {folder}`), "
    "and lift that with `chattr -i`"
)
# By the error's number; {path} is the file, {folder} its directory.
_REMEDIES = {
    errno.ENOSPC: (
        "Free space on its file system (`df {folder}` and `df --inodes {folder}` say what is used up)"
    ),
    errno.EDQUOT: "Free space below {folder}, or raise the quota of this user there",
    errno.EROFS: (
        "Mount its file system read-write (`findmnt --target {folder}`); "
        "`dmesg` says whether the kernel has made it read-only after an error"
    ),
    errno.EIO: "Look for errors of the disk that holds {folder} in `dmesg`, and replace that disk if there are any",
    errno.EISDIR: "{path} is a directory: name a file in it, or move it away",
    errno.ETXTBSY: "Stop the program that runs from this file (`fuser {path}`)",
    errno.EBUSY: (
        "Unmount it if it is a mount point (`findmnt {path}`), or stop what uses it (`fuser {path}`)"
    ),
    errno.ENAMETOOLONG: "Name a shorter path",
    errno.ELOOP: "Correct the symbolic links on the way (`namei {path}`)",
    errno.EMFILE: "Raise the number of files that a process may open (`ulimit -n`)",
    errno.ENFILE: "Raise the number of files that the host may have open (`sysctl fs.file-max`)",
    errno.ESTALE: "Mount the network file system that holds {folder} again",
}
_OTHERWISE = "Look at the file and its directory (`ls -ld {path} {folder}`)"


def file_error(verb: str, kind: str, path: str, error: OSError, code: str = "file") -> CollectionError:
    """The error that a person is shown; its detail ``errno`` is the name of the number, such as ENOSPC, or ""."""
    return CollectionError(
        verb, kind, path, file_cause(error), file_remedy(error, path), code=code, errno=_name(error)
    )


def file_cause(error: OSError) -> str:
    """What the operating system says, without the number and the path."""
    return str(error.strerror or error)


def file_remedy(error: OSError, path: str, is_root: bool | None = None) -> str:
    """What to do about the error when ``path`` was read or written. Looks for the directory that is missing.

    ``is_root``: whether the user who was refused is root; by default it is looked up.
    """
    is_root = os.geteuid() == 0 if is_root is None else is_root
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _way(path)
    if error.errno == errno.EACCES:
        template = _ROOT_DENIED if is_root else _BECOME
    elif error.errno == errno.EPERM:
        template = _IMMUTABLE if is_root else _BECOME
    else:
        template = _REMEDIES.get(error.errno or 0, _OTHERWISE)
    return template.format(path=path, folder=os.path.dirname(path) or ".")


def is_fault_of_the_host(error: BaseException) -> bool:
    """Whether an error that nobody foresaw is one of the host (a full or broken disk, a file that is denied)."""
    if not isinstance(error, OSError):
        return False
    denied = error.errno in (errno.EACCES, errno.EPERM)
    # A connection may be refused, too: that names no file.
    return error.filename is not None if denied else error.errno in _FAULTS


_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE)


def _way(path: str) -> str:
    """What is wrong on the way to a file: the first link that leads nowhere, what is no directory, what is missing."""
    for end in (index for index, letter in enumerate(path + "/") if letter == "/" and index):
        step = path[:end]
        if os.path.islink(step) and not os.path.exists(step):
            leads = os.path.realpath(step)
            folder = os.path.dirname(leads) if end == len(path) else leads
            return (
                f"Create the directory {folder}, to which the symbolic link {step} leads, or remove that link"
            )
        if os.path.exists(step) and not os.path.isdir(step):
            return f"{step} is no directory: move it away, or name another path"
    if os.path.isdir(os.path.dirname(path)):
        return "Name a file that is there"
    return f"Create the directory {os.path.dirname(path)}"


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")
