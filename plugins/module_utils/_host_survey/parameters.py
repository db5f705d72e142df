# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``host_survey``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "default": []},
    "connections": {"type": "list", "elements": "str", "default": []},
    "declared": {"type": "dict", "default": {}},
    "certificate": {
        "type": "dict",
        "options": {
            "files": {"type": "dict", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "place": {"type": "str", "choices": ["host", "control_node"], "default": "host"},
        },
    },
    # The action plugin keeps them.
    "roles": {"type": "list", "elements": "path", "default": []},
}


@dataclass(frozen=True)
class Desired:
    """Names to look up, and servers (URLs, or tcp://host:port) that must answer the host.

    ``declared`` is what the inventory says of the host, for whoever judges the survey. ``certificate``: the site's
    files on this host (ca, certificate, private_key), {} for none, and ``certificate_names`` what it must be for.
    """

    names: tuple[str, ...]
    connections: tuple[str, ...]
    declared: Mapping[str, Any]
    certificate: Mapping[str, str] = field(default_factory=dict)
    certificate_names: tuple[str, ...] = ()


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments, names and connections each once."""
    names, connections = (tuple(dict.fromkeys(params[name])) for name in ("names", "connections"))
    certificate = params["certificate"] or {"files": {}, "names": []}
    return Desired(names, connections, params["declared"], certificate["files"], tuple(certificate["names"]))
