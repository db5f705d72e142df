# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Administrative commands, and definitions that go in and out."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import rabbitmqctl
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output


def answer(monkeypatch: pytest.MonkeyPatch, output: Output) -> list[list[str]]:
    """What every call says; returns the calls."""
    calls: list[list[str]] = []

    def run(argv: list[str], **options: Any) -> Output:
        calls.append(argv)
        return output

    monkeypatch.setattr(rabbitmqctl, "run_command", run)
    return calls


def test_a_command_is_run_as_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answer(monkeypatch, Output(0, "", ""))
    rabbitmqctl.run("add_vhost", "/cell 2")
    assert calls == [["rabbitmqctl", "add_vhost", "/cell 2"]]
    assert rabbitmqctl.command("add_vhost", "/cell 2") == "rabbitmqctl add_vhost '/cell 2'"


def test_a_user_that_is_gone_by_now_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Output(67, "", 'Error:\nUser "guest" does not exist'))
    rabbitmqctl.run("delete_user", "guest")
    with pytest.raises(CollectionError, match="does not exist"):
        rabbitmqctl.run("set_permissions", "guest", ".*", ".*", ".*")


def test_definitions_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answer(monkeypatch, Output(0, '{"users": []}', ""))
    assert rabbitmqctl.export_definitions() == {"users": []}
    assert calls == [["rabbitmqctl", "--quiet", "export_definitions", "-"]]


def test_the_nodes_of_a_cluster_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answer(monkeypatch, Output(0, '{"disk_nodes": ["rabbit@one"], "running_nodes": []}', ""))
    assert rabbitmqctl.cluster_status()["disk_nodes"] == ["rabbit@one"]
    assert calls == [["rabbitmqctl", "--quiet", "--formatter", "json", "cluster_status"]]


def test_a_broker_says_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Output(0, "'rabbit@controller-1'\n", ""))
    assert rabbitmqctl.node_name() == "rabbit@controller-1"


def test_definitions_go_in_through_a_file_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def run(argv: list[str], **options: Any) -> Output:
        path = Path(argv[-1])
        calls.append((argv[:-1], path, path.stat().st_mode & 0o777, json.loads(path.read_text())))
        return Output(0, "", "")

    monkeypatch.setattr(rabbitmqctl, "run_command", run)
    monkeypatch.setattr(rabbitmqctl, "_BROKER_USER", pwd.getpwuid(os.geteuid()).pw_name)
    rabbitmqctl.import_definitions({"users": ["nova"]}, "user nova")
    argv, path, mode, definitions = calls[0]
    assert argv == ["rabbitmqctl", "--quiet", "import_definitions"]
    assert (mode, definitions) == (0o600, {"users": ["nova"]})
    assert not path.exists()


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            "Error: unable to perform an operation on node 'rabbit@host'. Please see diagnostics",
            UnreachableError,
        ),
        ("Error: this command requires the 'rabbit' app to be running on the target node", UnreachableError),
        ("Distribution failed: {{:shutdown, {:failed_to_start_child, :net_kernel}}}", UnreachableError),
        ('Error:\n{:no_such_vhost, "x"}', CollectionError),
    ],
)
def test_failures(monkeypatch: pytest.MonkeyPatch, stderr: str, kind: type[Exception]) -> None:
    answer(monkeypatch, Output(69, "", stderr))
    with pytest.raises(CollectionError, match=r"^Cannot read users of the broker: ") as caught:
        rabbitmqctl.export_definitions()
    assert caught.type is kind
    with pytest.raises(CollectionError, match=r"^Cannot delete user of the broker: ") as caught:
        rabbitmqctl.run("delete_user", "guest")
    assert caught.type is kind
