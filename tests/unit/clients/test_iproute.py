# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ip` prints, and what it says when it fails."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import iproute
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output


def test_its_answer_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        iproute, "run_command", lambda argv, timeout: Output(0, f'[{{"argv": "{" ".join(argv)}"}}]', "")
    )
    assert iproute.ip("address", "show") == [{"argv": "ip -json address show"}]


def test_nothing_is_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iproute, "run_command", lambda argv, timeout: Output(0, "", ""))
    assert iproute.ip("route") == []


def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iproute, "run_command", lambda argv, timeout: Output(1, "", "Cannot open netlink\n"))
    with pytest.raises(CollectionError, match=r"`ip -json route` says: Cannot open netlink. Run the command"):
        iproute.ip("route")


def test_a_route_over_several_interfaces_is_on_each_of_them() -> None:
    printed = [{"dst": "default", "nexthops": [{"dev": "eth0"}, {"dev": "eth1"}]}, {"dev": "eth0"}, {}]
    assert iproute.default_interfaces(printed) == ("eth0", "eth1")
