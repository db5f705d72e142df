# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control node knows of a release, on its way to a host."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .history import History

ASK = "ask"
"""What the action plugin hands over first: nothing yet, but it would answer a NotHandedOverError."""


class NotHandedOverError(CollectionError):
    """The module has to know of a release what only the control node has: ``release_needed`` of the result."""

    def __init__(self, service: str, series: str) -> None:
        super().__init__(
            "check",
            "options of",
            f"{service} ({series})",
            "what the collection knows of this release was not handed over",
            "Run the module through its action plugin",
            code="not_handed_over",
            release_needed={"service": service, "series": series},
        )


@dataclass(frozen=True)
class Handover:
    """What was handed over, None for nothing; ``may_ask`` when more would be handed over on request."""

    catalogue: Mapping[str, Any] | None = None
    history: History | None = None
    may_ask: bool = False


NOTHING_HANDED_OVER = Handover()


def packed(catalogue: Mapping[str, Any] | None, history: Mapping[str, Any]) -> str:
    """A plain option catalogue and a plain history of ``plugin_utils._shipped_catalogues`` as a short text."""
    data = {"catalogue": catalogue, "history": history}
    return base64.b64encode(zlib.compress(json.dumps(data).encode(), 9)).decode("ascii")


def unpacked(text: str) -> Handover:
    """What a text hands over: "" nothing, ASK nothing yet, any other what was packed."""
    if text in ("", ASK):
        return Handover(may_ask=bool(text))
    data = json.loads(zlib.decompress(base64.b64decode(text)))
    return Handover(data["catalogue"], History(data["history"]["removed"], data["history"]["newer"]))
