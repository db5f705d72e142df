# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine import secret_file as subject
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.secret_file import secret_file

ME = getpass.getuser()


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(subject, "_SHARED", str(tmp_path))
    return tmp_path


def test_only_its_owner_can_read_it_while_it_is_there(place: Path) -> None:
    with secret_file("s3cret", ME, ".conf", prefix="cell_v2-") as name:
        path = Path(name)
        assert path.read_text() == "s3cret"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (path.name[:8], path.suffix) == ("cell_v2-", ".conf")
    assert list(place.iterdir()) == []


def test_leaves_nothing_behind_where_it_cannot_be_given_away(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    with pytest.raises(CollectionError) as caught, secret_file("s3cret", ME):
        pass
    assert str(caught.value) == (
        f"Cannot write a file for user {ME}: Operation not permitted. Run the task as root (become)."
    )
    assert list(place.iterdir()) == []


def test_an_unknown_user(place: Path) -> None:
    with (
        pytest.raises(UnreachableError, match="there is no such user"),
        secret_file("s3cret", "nobody-of-that-name"),
    ):
        pass
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("mode", "shared"), [(0o700, True), (0o711, False), (0o1777, False)])
def test_another_user_gets_to_it(monkeypatch: pytest.MonkeyPatch, mode: int, shared: bool) -> None:
    """libpam-tmpdir gives every user, and so root, a TMPDIR that nobody else may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as own, tempfile.TemporaryDirectory(dir="/tmp") as common:
        monkeypatch.setattr(tempfile, "tempdir", own)
        monkeypatch.setattr(subject, "_SHARED", common)
        Path(own).chmod(mode)
        with secret_file("s3cret", ME) as name:
            assert Path(name).parent == Path(own)
        monkeypatch.setattr(os, "fchown", lambda *_arguments: None)
        monkeypatch.setattr(os, "geteuid", lambda: -1)
        with secret_file("s3cret", ME) as name:
            assert Path(name).parent == Path(common if shared else own)
