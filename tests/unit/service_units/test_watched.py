# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real files: whatever is done to them after a moment, their time is later than that moment."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.client import HostFiles
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.watched import (
    StartNote,
    Watched,
)


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A configuration with an old backup, and a moment that has passed since."""
    folder = tmp_path / "etc"
    (folder / "api.d").mkdir(parents=True)
    for name in ("api.conf", "api.d/a.conf", "backup.conf"):
        (folder / name).write_text(name)
        os.utime(folder / name, (1000, 1000))
    (folder / "link.conf").symlink_to("api.conf")
    return folder


def moment() -> float:
    """A time between what was before and what comes; a file's time has the granularity of the kernel's tick."""
    time.sleep(0.02)
    now = time.time()
    time.sleep(0.02)
    return now


def watched(entry: Path | str) -> Watched:
    return HostFiles().watched([str(entry)])[str(entry)]


@pytest.mark.parametrize(
    ("entry", "change"),
    [
        ("api.conf", lambda etc: (etc / "api.conf").write_text("new")),
        ("api.conf", lambda etc: shutil.copy2(etc / "backup.conf", etc / "api.conf")),
        ("api.conf", lambda etc: (etc / "backup.conf").rename(etc / "api.conf")),
        ("link.conf", lambda etc: (etc / "api.conf").write_text("new")),
        (
            "link.conf",
            lambda etc: ((etc / "link.conf").unlink(), (etc / "link.conf").symlink_to("backup.conf")),
        ),
        ("api.d", lambda etc: (etc / "api.d/a.conf").write_text("new")),
        ("api.d", lambda etc: (etc / "api.d/b.conf").write_text("new")),
        ("api.d", lambda etc: (etc / "backup.conf").rename(etc / "api.d/b.conf")),
        ("api.d", lambda etc: (etc / "api.d/a.conf").unlink()),
        ("*.d/*.conf", lambda etc: shutil.copy2(etc / "backup.conf", etc / "api.d/b.conf")),
        ("*.d/*.conf", lambda etc: (etc / "api.d/a.conf").unlink()),
    ],
)
def test_every_change_of_the_content_is_seen_by_time_and_by_digest(
    etc: Path, entry: str, change: Callable[[Path], object]
) -> None:
    before = watched(etc / entry)
    then = moment()
    assert before.changed < then
    change(etc)
    after = watched(etc / entry)
    assert after.changed > then
    assert after.digests != before.digests
    assert None not in (before.digests, after.digests)


def test_the_same_content_has_the_same_digests(etc: Path) -> None:
    before = watched(etc / "api.d")
    (etc / "api.d/a.conf").touch()
    (etc / "api.d/a.conf").chmod(0o600)
    (etc / "api.d/.a.conf.swp").write_text("an editor's")
    assert (
        watched(etc / "api.d").digests
        == before.digests
        == {str(etc / "api.d/a.conf"): before.digests[str(etc / "api.d/a.conf")]}
    )


@pytest.mark.parametrize("entry", ["none.conf", "none.d/*.conf", "none/*"])
def test_what_is_not_there_has_no_time_and_no_content(etc: Path, entry: str) -> None:
    assert watched(etc / entry) == Watched(0.0, {})


def test_a_name_with_brackets_is_a_file_where_there_is_one(etc: Path) -> None:
    (etc / "api[1].conf").write_text("x")
    assert list(watched(etc / "api[1].conf").digests or {}) == [str(etc / "api[1].conf")]


def test_what_cannot_be_read_is_judged_by_its_time(etc: Path, nobody: None) -> None:
    os.mkfifo(pipe := Path("/tmp") / f"stackwright-{os.getpid()}")
    try:
        assert watched(pipe).digests is None
        assert watched(pipe).changed > 0
    finally:
        pipe.unlink()
    assert watched("/etc/shadow").digests is None
    assert watched("/etc/shadow").changed > 0


NOTE = StartNote("cafe", {"/etc/api.conf": {"/etc/api.conf": "1234"}})


def test_notes_are_kept_where_nobody_else_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "run/notes"
    files = HostFiles(str(folder))
    files.write_note("api@1.socket", NOTE)
    assert files.notes(["api@1.socket", "other"]) == {"api@1.socket": NOTE}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]
    replaced = StartNote("beef", {})
    files.write_note("api@1.socket", replaced)
    assert files.notes(["api@1.socket"]) == {"api@1.socket": replaced}


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = HostFiles(str(tmp_path / "file/notes"))
    files.write_note("api", NOTE)
    assert files.notes(["api"]) == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"invocation": "x"}', '{"invocation": "x", "digests": 5}']
)
def test_a_note_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "api.json").write_text(text)
    assert HostFiles(str(tmp_path)).notes(["api"]) == {}
