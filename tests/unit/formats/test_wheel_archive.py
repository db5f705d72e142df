# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of wheels says from which lock it was made, and is never half there."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._formats.wheel_archive import (
    LOCK_DIGEST,
    REQUIREMENTS,
    WHEELS,
    pack,
    require_lock,
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with what goes into an archive."""
    folder = tmp_path / "built"
    (folder / WHEELS).mkdir(parents=True)
    (folder / WHEELS / "nova-29.4.0-py3-none-any.whl").touch()
    (folder / LOCK_DIGEST).write_text("d1\n")
    (folder / REQUIREMENTS).write_text("nova==29.4.0\n")
    return folder


def test_it_has_the_wheels_and_the_digest_of_their_lock(built: Path, tmp_path: Path) -> None:
    archive = tmp_path / "wheels.tar"
    pack(built, str(archive))
    require_lock(str(archive), "d1", "2024.1")
    with tarfile.open(archive) as tar:
        assert f"{WHEELS}/nova-29.4.0-py3-none-any.whl" in tar.getnames()
    assert archive.stat().st_mode & 0o777 == 0o644


def test_the_old_one_stays_until_the_new_one_is_whole(built: Path, tmp_path: Path) -> None:
    archive = tmp_path / "wheels.tar"
    archive.write_text("old")
    (built / REQUIREMENTS).unlink()
    with pytest.raises(FileNotFoundError):
        pack(built, str(archive))
    assert archive.read_text() == "old"


def test_wheels_of_another_lock_are_refused(built: Path, tmp_path: Path) -> None:
    pack(built, str(tmp_path / "wheels.tar"))
    with pytest.raises(
        CollectionError, match="Cannot install release zed: the archive has the wheels of another"
    ):
        require_lock(str(tmp_path / "wheels.tar"), "d2", "zed")


@pytest.mark.parametrize("content", [b"", b"\0" * 10240, b"no archive"])
def test_an_archive_that_is_not_whole_is_refused(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "wheels.tar"
    archive.write_bytes(content)
    with pytest.raises(CollectionError, match="the archive is not whole"):
        require_lock(str(archive), "d1", "2024.1")
