# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine import lock
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.lock import only_run
from fakes.clock import FakeClock

ROOT = Path(__file__).parents[3]
_HOLDER = """
import sys, time
from pathlib import Path
from ansible_collections.stackwright.nova.plugins.module_utils._engine import lock
lock._folder = lambda: Path(sys.argv[1])
with lock.only_run("module", print):
    print("taken", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the locks."""
    monkeypatch.setattr(lock, "_folder", lambda: tmp_path)
    return tmp_path


def test_a_second_run_waits_no_longer_than_it_may() -> None:
    with (
        only_run("module", print),
        pytest.raises(CollectionError) as caught,
        only_run("module", print, timeout=30, clock=FakeClock()),
    ):
        raise AssertionError("two at once")
    assert str(caught.value) == (
        f"Cannot begin module module: another run of it is at work on this host, process {os.getpid()}, and has not "
        "ended for 30 s. Let it end, or see why it hangs."
    )


def test_other_modules_do_not_wait() -> None:
    with only_run("one", print), only_run("other", print, timeout=0):
        pass


def test_the_next_one_goes_on_when_the_first_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_NOTICEABLE", 0.05)
    order, warnings = [], []

    def second() -> None:
        with only_run("module", warnings.append):
            order.append("second")

    thread = threading.Thread(target=second)
    with only_run("module", warnings.append):
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert warnings == ["Waited 0 s for another run of module on this host."]


def test_a_lock_ends_with_its_process(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".venv")}
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "taken\n"
    with pytest.raises(CollectionError, match=f"process {holder.pid},"), only_run("module", print, timeout=0):
        pass
    holder.kill()
    holder.wait()
    with only_run("module", print, timeout=5):
        pass


def test_the_folder_is_this_users_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(lock.os, "access", lambda *arguments: False)
    monkeypatch.setattr(lock.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = lock._folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(lock.os, "geteuid", lambda: 4711)
    folder.rename(tmp_path / "stackwright-4711")
    with pytest.raises(CollectionError, match="it belongs to somebody else"):
        lock._folder()
