# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module wheelhouse, with a builder that only notes what it is asked for, and with a pip that is a script."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._wheelhouse.client import Pip
from ansible_collections.stackwright.nova.plugins.module_utils._wheelhouse.parameters import (
    Desired,
    digest,
    entries,
)
from ansible_collections.stackwright.nova.plugins.modules import wheelhouse
from fakes.modules import run_module

LOCK = """\
# a comment
nova==29.4.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
packaging==23.2 \\
    --hash=sha256:ff
pbr==6.0.0 \\
    --hash=sha256:cc
setuptools==65.7.0 \\
    --hash=sha256:dd
wheel==0.45.1 \\
    --hash=sha256:ee
"""
# A Python whose pip leaves one wheel, or fails.
PYTHON = """\
#!/bin/sh
case "$*" in
*venv*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
*install*) cp "${*##* }" FOLDER/builders; echo "$https_proxy" > FOLDER/proxy ;;
*wheel*)
  if [ -e FOLDER/broken ]; then echo "ERROR: no matching hash" >&2; exit 1; fi
  while [ "$1" != --wheel-dir ]; do shift; done
  mkdir "$2"; printf content > "$2/nova-29.4.0-py3-none-any.whl" ;;
esac
"""


class FakeBuilder:
    def __init__(self, built: bool) -> None:
        self.built = built
        self.done: list[str] = []

    def read(self, desired: Desired) -> bool:
        return self.built

    def build(self, desired: Desired) -> None:
        self.done.append(desired.archive)


def call(builder: FakeBuilder, check: bool = False, **params: Any) -> dict[str, Any]:
    def prepare(made: Any) -> None:
        made.client = builder

    return run_module(
        wheelhouse,
        prepare,
        check=check,
        diff=True,
        **{"lock": "/x.txt", "path": "/x.tar", "lock_text": LOCK, **params},
    )


def test_wheels_are_built_once() -> None:
    builder = FakeBuilder(built=False)
    predicted = call(builder, check=True)
    assert builder.done == []
    done = call(builder)
    assert done == predicted
    assert done["changed"] is True
    assert builder.done == [done["archive"]]
    again = call(FakeBuilder(built=True))
    assert (again["changed"], again["commands"], again["archive"]) == (False, [], done["archive"])


def test_another_lock_is_another_archive() -> None:
    one = call(FakeBuilder(built=True))["archive"]
    other = call(FakeBuilder(built=True), lock_text=LOCK.replace("aa", "ff"))["archive"]
    assert one != other


def test_a_lock_that_nothing_can_be_built_with_is_refused() -> None:
    result = call(FakeBuilder(built=False), lock_text="nova==29.4.0\n")
    assert result["msg"].startswith("Cannot use lock /x.txt: it has no setuptools, wheel, packaging, pbr")


def test_passwords_of_indexes_are_not_shown() -> None:
    result = run_module(
        wheelhouse,
        lambda made: setattr(made, "client", FakeBuilder(built=True)),
        invocation=True,
        lock="/x.txt",
        path="/x.tar",
        lock_text=LOCK,
        index_url="https://me:gEheim77@index.example.org/simple",
    )
    assert "gEheim77" not in str(result)


def test_a_lock_is_read_package_by_package() -> None:
    assert list(entries(LOCK)) == ["nova", "packaging", "pbr", "setuptools", "wheel"]
    assert entries(LOCK)["nova"].count("--hash") == 2


@pytest.fixture
def wish(tmp_path: Path) -> Desired:
    python = tmp_path / "python"
    python.write_text(PYTHON.replace("FOLDER", str(tmp_path)))
    python.chmod(0o755)
    environment = {"https_proxy": "http://proxy.example.org"}
    return Desired(LOCK, str(tmp_path / "kept"), str(python), environment=environment)


def test_the_archive_has_the_wheels_and_the_hashes_that_they_have_now(wish: Desired, tmp_path: Path) -> None:
    pip = Pip()
    assert not pip.read(wish)
    pip.build(wish)
    assert pip.read(wish)
    with tarfile.open(wish.archive) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert (tmp_path / "out/lock").read_text() == digest(LOCK) + "\n"
    hashed = hashlib.sha256(b"content").hexdigest()
    assert (tmp_path / "out/requirements.txt").read_text() == f"nova==29.4.0 --hash=sha256:{hashed}\n"
    assert (tmp_path / "out/wheels/nova-29.4.0-py3-none-any.whl").read_text() == "content"
    # What builds the others is installed from the lock too, and nothing of the draft is left.
    assert "nova" not in (tmp_path / "builders").read_text()
    assert (tmp_path / "builders").read_text().count("==") == 4
    assert (tmp_path / "proxy").read_text() == "http://proxy.example.org\n"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [Path(wish.archive).name]


def test_what_pip_says_is_told_and_nothing_half_is_left(wish: Desired, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(CollectionError, match="ERROR: no matching hash"):
        Pip().build(wish)
    assert list((tmp_path / "kept").iterdir()) == []
