# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of proofs: one as a real run left it, one of a cloud in which much is wrong, and one of nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTHING: dict[str, Any] = {
    "proven": False,
    "cloud": "",
    "region": "",
    "time": "",
    "parts": [],
    "instances": [],
}
_REAL = Path(__file__).parents[1] / "unit/page/proof.json"


def proven() -> dict[str, Any]:
    """A cloud in which all is as it should be."""
    report: dict[str, Any] = json.loads(_REAL.read_text())
    return report


def damaged() -> dict[str, Any]:
    """A cloud in which much is wrong."""
    report = proven()
    change = {
        "host": "controller1",
        "play": "p",
        "role": "controller",
        "task": "Write configuration",
        "item": "",
    }
    report["proven"] = False
    report["parts"][3] |= {
        "state": "missing",
        "detail": "neutron-l3-agent on controller1 is not alive",
        "evidence": ["neutron-l3-agent on controller1: not alive, last heard of 2026-11-23 13:58:01"],
        "remedy": "Look into the agent's log on its host; it needs the message queue",
    }
    report["agents"][2]["alive"] = False
    report["services"][0]["state"] = "down"
    report["services"][2]["status"] = "disabled"
    report["instances"] = []
    report["hosts"][0]["configuration"]["findings"] = [
        "/etc/nova/nova.conf: [api] auth_strateg is not an option"
    ]
    report["hosts"][1]["configuration"] = {"release": "", "findings": [], "problem": "Cannot read file x"}
    report["hosts"][1]["certificates"][1]["until"] = "2026-12-01T00:00:00Z"
    report["hosts"] += [{**report["hosts"][1], "name": f"compute{number}"} for number in (2, 3, 4)]
    report["drift"] = {
        **report["run"],
        "changes": [
            {
                **change,
                "status": "changed",
                "commands": ["set [conductor] workers = 2 in /etc/nova/nova.conf"],
            }
        ],
        "failures": [{**change, "host": "compute2", "status": "unreachable"}],
    }
    report["run"]["spans"][-1]["failed"] = 1
    return report
