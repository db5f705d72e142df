# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.errors import CollectionError
from ..engine.files import Attributes
from .conf_file import Desired, Knowledge
from .history import History
from .shipment import unpacked


def desired(params: Mapping[str, Any]) -> Desired:
    """The request. Raises a CollectionError for parameters of the wrong shape."""
    options, raw = _sections("options", params), _sections("raw_options", params)
    twice = [f"[{s}] {name}" for s in options for name in options[s] if name in raw.get(s, {})]
    if twice:
        raise CollectionError(
            "read",
            "parameters",
            "options and raw_options",
            f"{', '.join(twice)} is in both",
            "Leave it in one of them",
            code="parameters",
        )
    return Desired(
        path=params["path"],
        options=options,
        raw_options=raw,
        service=params["service"],
        release="" if params["release"] == "auto" else params["release"],
        validate=params["validate"],
        allow_unknown=tuple(params["allow_unknown"]),
        other_files=tuple(params["other_files"]),
        exclusive_sections=tuple(params["exclusive_sections"]),
        attributes=Attributes(params["owner"], params["group"], _mode(params["mode"])),
        backup=params["backup"],
    )


def knowledge(shipped: str) -> Knowledge:
    """What the action plugin handed over: "" nothing, "ask" when it waits for a question."""
    if shipped in ("", "ask"):
        return Knowledge(may_ask=bool(shipped))
    data = unpacked(shipped)
    return Knowledge(data["schema"], History(data["history"]["gone"], data["history"]["newer"]))


def _sections(parameter: str, params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    sections = {}
    for section, values in params[parameter].items():
        if not isinstance(values, (Mapping, type(None))):
            raise CollectionError(
                "read",
                "parameter",
                parameter,
                f"[{section}] holds no dictionary of options",
                "Write it as section, option, value",
                code="parameters",
            )
        sections[str(section)] = {str(name): value for name, value in (values or {}).items()}
    return sections


def _mode(mode: str | None) -> int | None:
    if mode is None:
        return None
    try:
        bits = int(mode, 8)
    except ValueError:
        bits = -1
    if not 0 <= bits <= 0o7777:
        raise CollectionError(
            "use",
            "mode",
            repr(mode),
            "it is not an octal number",
            "Write it in quotes, such as '0640'",
            code="parameters",
        )
    return bits
