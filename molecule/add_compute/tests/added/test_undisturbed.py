# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud that ran did not notice that new compute hosts came: nothing of it was restarted."""

from __future__ import annotations

from typing import Any

testinfra_hosts = ["ansible://controller", "ansible://first"]


def test_no_service_was_restarted(before: dict[str, Any], after: dict[str, Any]) -> None:
    kept = before["units"]
    assert {name: after["units"].get(name) for name in kept} == kept
