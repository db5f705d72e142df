# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``compute_identity``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._formats.x509 import NOBODY, Trust
from .._shared.certificate_files import ISSUING_ARGUMENTS, named, trust_of

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "unit": {"type": "str", "default": "Nova Compute"},
    **ISSUING_ARGUMENTS,
    "files": {
        "type": "dict",
        "options": {
            "ca": {"type": "path"},
            "certificate": {"type": "path"},
            "private_key": {"type": "path", "no_log": False},
            "revoked": {"type": "path"},
        },
    },
    "emulator_group": {"type": "str", "required": True},
    "user": {"type": "str", "default": "nova"},
}


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
    given = named(files or {})
    return Desired(
        names=tuple(dict.fromkeys(names)),
        trust=trust_of(authority),
        own=OwnFiles(**given) if given else None,
        issued=issued,
        renew_days=renew_days,
        emulator_group=emulator_group,
        user=user,
    )
