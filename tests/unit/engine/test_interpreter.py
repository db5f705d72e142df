# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run with the Python of the release in use, where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine import interpreter
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The interpreters that a module changes to, on a host with a virtual environment."""
    python = tmp_path / "python"
    python.touch(mode=0o755)
    seen: list[str] = []
    monkeypatch.setattr(interpreter, "_INTERPRETER", str(python))
    monkeypatch.setattr(interpreter, "respawn_module", seen.append)
    return seen


def test_the_python_of_the_release_in_use_is_taken(changes: list[str]) -> None:
    interpreter.change_interpreter({"path": "/etc/nova/nova.conf"})
    assert [Path(path).name for path in changes] == ["python"]


def test_it_is_taken_once(changes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "has_respawned", lambda: True)
    interpreter.change_interpreter({})
    assert changes == []


def test_with_packages_of_the_distribution_nothing_happens(
    changes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_INTERPRETER", "/nonexistent/python")
    interpreter.change_interpreter({})
    assert changes == []


def test_parameters_that_would_never_arrive_are_refused(changes: list[str]) -> None:
    large: dict[str, Any] = {"files": "x" * 60_000}
    with pytest.raises(CollectionError, match="Split the task"):
        interpreter.change_interpreter(large)
    assert changes == []
