# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that gather the parts of a proof, and of a look for drift, and show them to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._engine.redaction import Redactor
from ..plugin_utils import _proof_page as pages
from ..plugin_utils._host_view import host_view
from ..plugin_utils._run_record import drift

_HEAD = ("PART", "ON", "RESULT", "SECONDS", "WHAT WAS SEEN")


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Filter name to function."""
        return {
            "drift": drift,
            "proof_hosts": proof_hosts,
            "proof_page": proof_page,
            "proof_parts": proof_parts,
            "proof_table": proof_table,
        }


def proof_parts(result: Mapping[str, Any], name: str, expect_cloud: bool = True) -> list[dict[str, Any]]:
    """The parts of a proof out of a module's result, whether it succeeded or not."""
    if result.get("parts"):
        return [dict(part) for part in result["parts"]]
    if result.get("healthy"):
        return [_part(name, "proven", _health(result))]
    detail = str(result.get("msg") or " ".join(result.get("missing", [])) or "no result")
    nothing = result.get("code") == "unreachable" or ("missing" in result and not result.get("services"))
    if nothing and not expect_cloud:
        return [_part(name, "skipped", f"not there yet: {detail}")]
    return [_part(name, "missing", detail)]


def proof_table(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The parts as lines of a table; evidence and remedy stand below a missing part."""
    rows = [_HEAD, *(_cells(part) for part in parts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = [_line(_HEAD, widths)]
    for part, row in zip(parts, rows[1:]):
        lines.append(_line(row, widths))
        if part["state"] == "missing":
            lines.extend(f"    | {line}" for line in part["evidence"])
            lines.extend([f"    > {part['remedy']}"] if part["remedy"] else [])
    return lines


def proof_hosts(
    names: Sequence[str],
    hostvars: Mapping[str, Any],
    controllers: Sequence[str],
    computes: Sequence[str],
) -> list[dict[str, Any]]:
    """What was seen of these hosts, which the inventory calls so, each with what it is in the cloud."""
    groups = {"controller": controllers, "compute": computes}
    return [
        host_view(name, hostvars[name], [kind for kind, members in groups.items() if name in members])
        for name in names
    ]


def proof_page(report: Mapping[str, Any], secrets: Sequence[str] = ()) -> str:
    """A proof as an HTML page, without these secrets and without any URL's password."""
    return pages.render(_redacted(report, Redactor(map(str, secrets))))


def _redacted(value: Any, redactor: Redactor) -> Any:
    """The same with every text in it masked, but not the names of what is what: a secret may be as short as these."""
    if isinstance(value, Mapping):
        return {str(key): _redacted(item, redactor) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted(item, redactor) for item in value]
    return redactor.text(str(value)) if isinstance(value, str) else value


def _part(name: str, state: str, detail: str) -> dict[str, Any]:
    return {
        "part": name,
        "subject": "",
        "state": state,
        "detail": detail,
        "seconds": 0.0,
        "evidence": [],
        "remedy": "",
    }


def _health(result: Mapping[str, Any]) -> str:
    services, computes = result.get("services", []), result.get("computes", [])
    return f"{len(services)} services up; {len(computes)} computes mapped to a cell and known to Placement"


def _cells(part: Mapping[str, Any]) -> tuple[str, ...]:
    return part["part"], part["subject"] or "-", part["state"], f"{part['seconds']:.1f}", part["detail"]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, subject, state, seconds = (cell.ljust(width) for cell, width in zip(row, widths))
    return f"{name}  {subject}  {state}  {seconds.strip().rjust(widths[3])}  {row[4]}"
