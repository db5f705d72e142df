# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``clouds_file``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.files import mode_bits

ARGUMENTS: dict[str, Any] = {
    "path": {"type": "path", "default": "/etc/openstack/clouds.yaml"},
    "name": {"type": "str", "required": True},
    "auth": {"type": "dict", "default": {}, "no_log": True},
    "options": {"type": "dict", "default": {}},
    "mode": {"type": "str", "default": "0600"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

HIDDEN = ("auth",)
"""Parameters that the result does not repeat."""


@dataclass(frozen=True)
class Desired:
    """One cloud of the file ``path``: what its entry shall have, None where there shall be none."""

    path: str
    name: str
    entry: Mapping[str, Any] | None = field(repr=False)
    mode: int = 0o600


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as a cloud. Options that are None stay out. Raises CollectionError for a mode that is none."""
    entry = {"auth": _given(params["auth"]), **_given(params["options"])}
    return Desired(
        params["path"],
        params["name"],
        entry if params["state"] == "present" else None,
        mode_bits(params["mode"]),
    )


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
