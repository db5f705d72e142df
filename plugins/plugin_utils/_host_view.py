# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof shows of one host, from the host's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# The module was asked to set nothing, so what it finds is always of others.
_OF_OTHERS = " (not set by this task)"


def host_view(name: str, variables: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """The host that the inventory calls ``name``; what was not looked at is empty.

    ``kinds``: what it is in the cloud, controller, compute or both.
    """
    facts = variables.get("ansible_facts") or {}
    survey = (variables.get("__verify_survey") or {}).get("survey") or {}
    checked = variables.get("__verify_configuration") or {}
    return {
        "name": str(variables.get("__compute_name") or facts.get("nodename") or name),
        "inventory_name": name,
        "kinds": list(kinds),
        "address": str(variables.get("cloud_management_address") or ""),
        "system": " ".join(
            str(facts[fact]) for fact in ("distribution", "distribution_version") if facts.get(fact)
        ),
        "kernel": str(facts.get("kernel") or ""),
        "python": str(facts.get("python_version") or ""),
        "packages": dict(survey.get("packages") or {}),
        "certificates": [dict(one) for one in survey.get("certificate_files") or ()],
        "configuration": _configuration(checked),
    }


def _configuration(checked: Mapping[str, Any]) -> dict[str, Any]:
    """What was found in the files that Nova reads; no ``release`` where they could not be held against one, and why."""
    findings = [str(warning).replace(_OF_OTHERS, "") for warning in checked.get("warnings") or ()]
    if "files" in checked:
        return {"release": str(checked.get("release") or ""), "findings": findings, "problem": ""}
    return {"release": "", "findings": [], "problem": str(checked.get("msg") or "")}
