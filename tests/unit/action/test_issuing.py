# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control node's part of modules that have a certificate issued: what it makes of the host's answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.stackwright.nova.plugins.action.compute_identity import ActionModule
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509

REQUEST = x509.signing_request(x509.new_key(), "compute1")


def run(directory: Path, *answers: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The action's result where the module answers so on the host, and the arguments that it was called with."""
    calls: list[dict[str, Any]] = []
    left = list(answers)

    def execute(module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        del task_vars
        calls.append(dict(module_args))
        return {"changed": True, "commands": [f"call {len(calls)}"], **left.pop(0)}

    arguments = {"names": ["compute1"], "emulator_group": "emulators", "authority_directory": str(directory)}
    task = Mock(args=arguments, check_mode=False, async_val=0, action="compute_identity")
    loader = Mock(path_dwim=lambda path: path)
    action = ActionModule(task, Mock(), Mock(), loader, Mock(), None)
    action._execute_module = execute
    return action.run(task_vars={}), calls


def test_the_host_gets_what_it_asked_for(tmp_path: Path) -> None:
    result, calls = run(tmp_path / "authority", {"request": REQUEST}, {"request": ""})
    assert "issued" not in calls[0]
    assert calls[1]["issued"].startswith("-----BEGIN CERTIFICATE-----")
    assert (result["commands"], result["changed"]) == (["call 1", "call 2"], True)
    assert "request" not in result


def test_a_host_that_does_not_take_it_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="Cannot use certificate for compute1: the host rejected"):
        run(tmp_path / "authority", {"request": REQUEST}, {"request": REQUEST})


def test_a_module_that_fails_is_heard(tmp_path: Path) -> None:
    result, _calls = run(tmp_path / "authority", {"request": REQUEST}, {"failed": True, "msg": "no"})
    assert (result["failed"], result["msg"]) == (True, "no")


def test_what_each_part_of_the_module_changes_is_shown_once(tmp_path: Path) -> None:
    parts = [{"before": "ssh"}, {"before": "certificate"}]
    result, _calls = run(
        tmp_path / "authority",
        {"request": REQUEST, "diff": parts},
        {"request": "", "diff": {"before": "to be issued"}},
    )
    assert result["diff"] == [*parts, {"before": "to be issued"}]
