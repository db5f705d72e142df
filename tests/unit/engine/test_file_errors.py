# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person is told to do about a file that cannot be read or written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest import mock

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.file_errors import (
    file_error,
    file_remedy,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import (
    KEEP,
    LocalFiles,
    make_folder,
)

FILES = LocalFiles()
PATH = "/etc/nova/nova.conf"


@pytest.mark.parametrize(
    ("number", "root", "told"),
    [
        (errno.ENOSPC, True, ["Free space", "`df /etc/nova`", "`df --inodes /etc/nova`"]),
        (errno.EDQUOT, True, ["quota", "/etc/nova"]),
        (errno.EROFS, True, ["read-write", "`findmnt --target /etc/nova`"]),
        (errno.EIO, True, ["`dmesg`", "/etc/nova"]),
        (errno.EACCES, False, ["as root (become)"]),
        (errno.EACCES, True, ["root_squash", "SELinux", "AppArmor"]),
        (errno.EPERM, False, ["as root (become)"]),
        (errno.EPERM, True, [f"`lsattr -d {PATH} /etc/nova`", "`chattr -i`"]),
        (errno.EISDIR, True, ["directory", PATH]),
        (errno.ETXTBSY, True, [f"`fuser {PATH}`"]),
        (errno.EBUSY, True, [f"`findmnt {PATH}`", f"`fuser {PATH}`"]),
        (errno.ENAMETOOLONG, True, ["shorter"]),
        (errno.ELOOP, True, [f"`namei {PATH}`"]),
        (errno.EMFILE, True, ["`ulimit -n`"]),
        (errno.ENFILE, True, ["fs.file-max"]),
        (errno.ESTALE, True, ["again", "/etc/nova"]),
        (errno.EDOM, True, [f"`ls -ld {PATH} /etc/nova`"]),
    ],
)
def test_the_remedy_follows_from_the_cause(number: int, root: bool, told: list[str]) -> None:
    remedy = file_remedy(OSError(number, os.strerror(number)), PATH, is_root=root)
    assert [part for part in told if part not in remedy] == []
    assert "Create" not in remedy


def missing(tmp_path: Path) -> str:
    return str(tmp_path / "etc" / "nova" / "nova.conf")


def below_a_file(tmp_path: Path) -> str:
    (tmp_path / "nova").write_text("")
    return str(tmp_path / "nova" / "conf.d" / "nova.conf")


def dangling(tmp_path: Path) -> str:
    (tmp_path / "nova.conf").symlink_to(tmp_path / "gone" / "nova.conf")
    return str(tmp_path / "nova.conf")


def below_a_dangling_link(tmp_path: Path) -> str:
    (tmp_path / "nova").symlink_to(tmp_path / "gone")
    return str(tmp_path / "nova" / "nova.conf")


def circle(tmp_path: Path) -> str:
    (tmp_path / "nova").symlink_to("nova")
    return str(tmp_path / "nova" / "nova.conf")


def long_name(tmp_path: Path) -> str:
    return str(tmp_path / ("n" * 300))


def folder(tmp_path: Path) -> str:
    return str(tmp_path)


@pytest.mark.parametrize(
    ("place", "name", "remedy"),
    [
        (missing, "ENOENT", "Create the directory {tmp}/etc/nova"),
        (below_a_file, "ENOTDIR", "{tmp}/nova is no directory: move it away, or name another path"),
        (
            dangling,
            "ENOENT",
            "Create the directory {tmp}/gone, to which the symbolic link {tmp}/nova.conf leads, or remove that link",
        ),
        (
            below_a_dangling_link,
            "ENOENT",
            "Create the directory {tmp}/gone, to which the symbolic link {tmp}/nova leads, or remove that link",
        ),
        (circle, "ELOOP", "Correct the symbolic links on the way (`namei {tmp}/nova/nova.conf`)"),
        (long_name, "ENAMETOOLONG", "Name a shorter path"),
        (folder, "EISDIR", "{tmp} is a directory: name a file in it, or move it away"),
    ],
)
def test_a_file_that_cannot_be_written(tmp_path: Path, place: object, name: str, remedy: str) -> None:
    path = place(tmp_path)  # type: ignore[operator]
    with pytest.raises(CollectionError) as caught:
        FILES.write(path, "", KEEP, mode=0o640, backup=False)
    assert caught.value.remedy == remedy.format(tmp=tmp_path)
    assert (caught.value.code, caught.value.details["errno"]) == ("file", name)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_every_write_names_the_cause_and_its_remedy(tmp_path: Path, number: int) -> None:
    error = OSError(number, os.strerror(number))
    path = str(tmp_path / "nova.conf")
    remedy = file_remedy(error, path)
    with mock.patch("os.fsync", side_effect=error), pytest.raises(CollectionError) as written:
        FILES.write(path, "", KEEP, mode=0o640, backup=False)
    with mock.patch("os.symlink", side_effect=error), pytest.raises(CollectionError) as linked:
        FILES.link(path, "/etc/other.conf")
    with mock.patch("os.mkdir", side_effect=error), pytest.raises(CollectionError) as made:
        make_folder(f"{path}/new/file")
    assert [caught.value.remedy for caught in (written, linked)] == [remedy, remedy]
    assert made.value.remedy == file_remedy(error, f"{path}/new")
    assert list(tmp_path.iterdir()) == []


def test_the_sentence() -> None:
    error = file_error("write", "file", PATH, OSError(errno.ENOSPC, "No space left on device"))
    assert str(error) == (
        "Cannot write file /etc/nova/nova.conf: No space left on device. "
        "Free space on its file system (`df /etc/nova` and `df --inodes /etc/nova` say what is used up)."
    )
    assert error.details == {"errno": "ENOSPC"}


def test_an_error_without_a_number_says_what_it_has() -> None:
    """Libraries raise some of their own kinds of OSError."""
    error = file_error("read", "file", PATH, OSError("the certificate is none"))
    assert error.failure == "Cannot read file /etc/nova/nova.conf: the certificate is none"
    assert error.details == {"errno": ""}
