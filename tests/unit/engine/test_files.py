# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and replacing files on this machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import (
    KEEP,
    Attributes,
    LocalFiles,
    StoredFile,
)

FILES = LocalFiles()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_read_back_to_the_byte(tmp_path):
    path = tmp_path / "nova.conf"
    text = "[DEFAULT]\r\nx = é\u2028\n\rlast"
    FILES.write(str(path), text, KEEP, mode=0o640, backup=False)
    assert path.read_bytes() == text.encode()
    assert FILES.read(str(path)) == StoredFile(text, os.geteuid(), os.getegid(), 0o640)
    assert [entry.name for entry in tmp_path.iterdir()] == ["nova.conf"]


@pytest.mark.parametrize(
    ("before", "secret", "asked", "after"),
    [
        (None, True, None, 0o640),
        (0o600, True, None, 0o600),
        (0o664, True, None, 0o660),
        (0o664, False, None, 0o664),
        (0o600, True, 0o644, 0o644),
    ],
)
def test_modes(before, secret, asked, after):
    stored = None if before is None else StoredFile("", mode=before)
    assert Attributes(mode=asked).final_mode(stored, secret) == after


def test_a_link_stays_a_link(tmp_path):
    path = tmp_path / "real.conf"
    path.write_text("a")
    link = tmp_path / "nova.conf"
    link.symlink_to(path)
    FILES.write(str(link), "b", KEEP, mode=0o640, backup=False)
    assert link.is_symlink()
    assert path.read_text() == "b"


def test_backup_keeps_the_former_text_and_mode(tmp_path):
    path = tmp_path / "nova.conf"
    assert FILES.write(str(path), "a", KEEP, mode=0o640, backup=True) == ""
    path.chmod(0o600)
    saved = FILES.write(str(path), "b", KEEP, mode=0o640, backup=True)
    copy = Path(saved)
    assert copy.read_text() == "a"
    assert mode(copy) == 0o600


def test_files_that_cannot_be_read_or_written(tmp_path):
    assert FILES.read(str(tmp_path / "none")) is None
    with pytest.raises(CollectionError, match="Is a directory"):
        FILES.read(str(tmp_path))
    (tmp_path / "latin").write_bytes(b"[DEFAULT]\nx = \xe9\n")
    with pytest.raises(CollectionError, match="line 2 is not UTF-8"):
        FILES.read(str(tmp_path / "latin"))
    with pytest.raises(CollectionError, match="Create the directory"):
        FILES.write(str(tmp_path / "no" / "nova.conf"), "", KEEP, mode=0o640, backup=False)
    with pytest.raises(CollectionError, match="no such user"):
        FILES.write(
            str(tmp_path / "nova.conf"), "", Attributes(owner="nobody-here"), mode=0o640, backup=False
        )
    with pytest.raises(CollectionError, match="no such group"):
        FILES.write(
            str(tmp_path / "nova.conf"), "", Attributes(group="nobody-here"), mode=0o640, backup=False
        )
    assert [entry.name for entry in tmp_path.iterdir()] == ["latin"]


def test_commands():
    stored = StoredFile("", uid=0, gid=0, mode=0o640)
    assert Attributes("root", "root").commands("f", stored, 0o640) == []
    assert Attributes("0", "0").commands("f", stored, 0o640) == []
    expected = ["chown nova f", "chgrp nova f", "chmod 0600 f"]
    assert Attributes("nova", "nova").commands("f", stored, 0o600) == expected
    assert Attributes("root").commands("f", None, 0o640) == ["chown root f", "chmod 0640 f"]
