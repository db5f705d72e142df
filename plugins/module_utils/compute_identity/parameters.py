# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``compute_identity``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..clients.x509 import NOBODY, Trust
from ..engine.errors import CollectionError

_FILES = ("ca", "certificate", "private_key")

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "unit": {"type": "str", "default": "Nova Compute"},
    "authority_directory": {"type": "path"},
    "authority_name": {"type": "str", "default": "stackwright.nova"},
    "days": {"type": "int", "default": 825},
    # These two come from the action plugin.
    "authority": {
        "type": "dict",
        "options": {"certificate": {"type": "str"}, "revoked": {"type": "str"}},
    },
    "files": {
        "type": "dict",
        "options": {
            "ca": {"type": "path"},
            "certificate": {"type": "path"},
            "private_key": {"type": "path", "no_log": False},
            "revoked": {"type": "path"},
        },
    },
    "issued": {"type": "str", "default": ""},
    "renew_days": {"type": "int", "default": 90},
    "emulator_group": {"type": "str", "required": True},
    "user": {"type": "str", "default": "nova"},
}


OF_THE_CONTROL_NODE = ("unit", "authority_directory", "authority_name", "days")
"""Parameters that the action plugin keeps."""


@dataclass(frozen=True)
class OwnFiles:
    """Files of this host with a certificate that the site has issued."""

    ca: str
    certificate: str
    private_key: str
    revoked: str = ""


@dataclass(frozen=True)
class Desired:
    """A host that proves itself under these ``names`` (the first one is its common name; addresses among them).

    ``trust`` and ``issued`` (what the authority has answered to a signing request, PEM; "" for nothing yet) come from
    the cloud's own authority; ``own`` replaces both. A certificate is renewed ``renew_days`` before its end.
    ``emulator_group`` is the group that QEMU runs as, ``user`` the one that Nova runs as.
    """

    names: tuple[str, ...]
    trust: Trust = NOBODY
    own: OwnFiles | None = None
    issued: str = ""
    renew_days: int = 90
    emulator_group: str = "libvirt-qemu"
    user: str = "nova"


def desired(
    names: Sequence[str],
    authority: Mapping[str, str | None] | None,
    files: Mapping[str, str | None] | None,
    issued: str,
    renew_days: int,
    emulator_group: str,
    user: str,
) -> Desired:
    """The arguments as what the host shall have. CollectionError where only some of the site's files are named."""
    return Desired(
        names=tuple(dict.fromkeys(names)),
        trust=Trust(*(str((authority or {}).get(name) or "") for name in ("certificate", "revoked"))),
        own=_own(files or {}),
        issued=issued,
        renew_days=renew_days,
        emulator_group=emulator_group,
        user=user,
    )


def _own(files: Mapping[str, str | None]) -> OwnFiles | None:
    given = {name: path for name, path in files.items() if path}
    missing = [name for name in _FILES if name not in given]
    if not given:
        return None
    if missing:
        raise CollectionError(
            "use",
            "certificate",
            ", ".join(given.values()),
            f"{', '.join(missing)} is not named",
            f"Name all of {', '.join(_FILES)}, or none of them",
            code="arguments",
        )
    return OwnFiles(**given)
