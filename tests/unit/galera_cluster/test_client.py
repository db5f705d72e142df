# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a node on which no cluster begins."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import systemd
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._galera_cluster import client


def test_a_server_that_does_not_begin_is_told_with_its_log_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = {
        "galera_new_cluster": Output(1, "", "Job for mariadb.service failed.\n"),
        "journalctl": Output(0, "[ERROR] WSREP: It may not be safe to bootstrap\n", ""),
    }

    def run(argv: list[str], **options: Any) -> Output:
        return outputs[argv[0]]

    monkeypatch.setattr(client, "run_command", run)
    monkeypatch.setattr(systemd, "run_command", run)
    with pytest.raises(CollectionError) as caught:
        client.LocalNode("mariadb", "/var/lib/mysql", 5.0).begin()
    assert str(caught.value) == (
        "Cannot begin cluster of the database with unit mariadb: Job for mariadb.service failed. "
        "Correct what the log reports (journalctl --unit mariadb), then run again."
    )
    assert caught.value.details["log"] == {
        "journalctl --unit mariadb": ["[ERROR] WSREP: It may not be safe to bootstrap"]
    }
