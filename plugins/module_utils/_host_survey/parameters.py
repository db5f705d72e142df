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
    "certificate": {
        "type": "dict",
        "options": {
            "files": {"type": "dict", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "place": {"type": "str", "choices": ["host", "control_node"], "default": "host"},
        },
    },
    "packages": {"type": "list", "elements": "str", "default": []},
    "certificate_files": {"type": "list", "elements": "path", "default": []},
}


@dataclass(frozen=True)
class Desired:
    """Names to look up, and servers (URLs, or tcp://host:port) that must answer the host.

    ``certificate``: the site's
    files on this host (ca, certificate, private_key), {} for none, and ``certificate_names`` what it must be for.
    ``packages``: names to look up the versions of. ``certificate_files``: PEM files of a deployed host to read.
    """

    names: tuple[str, ...]
    connections: tuple[str, ...]
    certificate: Mapping[str, str] = field(default_factory=dict)
    certificate_names: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    certificate_files: tuple[str, ...] = ()


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments, all that is listed each once."""
    certificate = params["certificate"] or {"files": {}, "names": []}
    lists = ("names", "connections", "packages", "certificate_files")
    return Desired(
        certificate=certificate["files"],
        certificate_names=tuple(certificate["names"]),
        **{name: tuple(dict.fromkeys(params[name])) for name in lists},
    )
