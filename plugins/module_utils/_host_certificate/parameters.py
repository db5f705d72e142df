# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``host_certificate``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._formats.x509 import NOBODY, Trust
from .._shared.certificate_files import ISSUING_ARGUMENTS, PARTS, named, trust_of

_PLACES: dict[str, Any] = {
    "ca": {"type": "path"},
    "certificate": {"type": "path"},
    "private_key": {"type": "path", "no_log": False},
    "revoked": {"type": "path"},
}

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "revoked"], "default": "present"},
    "ca": {"type": "path"},
    "certificate": {"type": "path"},
    "private_key": {"type": "path", "no_log": False},
    "copies": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**_PLACES, "group": {"type": "str", "default": "root"}},
    },
    "files": {"type": "dict", "options": _PLACES},
    "place": {"type": "str", "choices": ["host", "control_node"], "default": "host"},
    "unit": {"type": "str", "default": "Services"},
    **ISSUING_ARGUMENTS,
    # This one comes from the action plugin too.
    "brought": {
        "type": "dict",
        "no_log": True,
        "options": {
            "ca": {"type": "str"},
            "certificate": {"type": "str"},
            "private_key": {"type": "str", "no_log": True},
            "revoked": {"type": "str"},
        },
    },
}


_NEEDED = {"present": ["ca", "certificate", "private_key"], "revoked": ["authority_directory"]}


def required_if() -> list[tuple[str, str, list[str]]]:
    """What each state needs, as Ansible takes it."""
    return [("state", state, needed) for state, needed in _NEEDED.items()]


@dataclass(frozen=True)
class Site:
    """A certificate that the site has issued: what its files are called, and their texts if they are known.

    Without texts they are files of this host. ``revoked`` is the authority's list of revoked ones ("" for none).
    """

    ca: str
    certificate: str
    private_key: str
    texts: Mapping[str, str] | None = field(default=None, repr=False)
    revoked: str = ""


@dataclass(frozen=True)
class Place:
    """Where a service finds its files ("" for one that it does not read), and the group that may read the key.

    ``revoked``: the list of revoked certificates; where the authority has none, a list that is there is removed.
    """

    ca: str = ""
    certificate: str = ""
    private_key: str = ""
    group: str = "root"
    revoked: str = ""


@dataclass(frozen=True)
class Desired:
    """A certificate for ``names`` (the first one is its common name; addresses among them), in all ``places``.

    The first place is the host's own; a certificate that is to be issued waits beside its key. ``trust`` and ``issued``
    (what the authority has answered to a signing request, PEM; "" for nothing yet) come from the cloud's own authority;
    ``site`` replaces both. A certificate is renewed ``renew_days`` before its end.
    """

    names: tuple[str, ...]
    places: tuple[Place, ...]
    trust: Trust = NOBODY
    site: Site | None = None
    issued: str = ""
    renew_days: int = 90

    @property
    def pending_key(self) -> str:
        """A key whose certificate has not come yet."""
        return f"{self.places[0].private_key}.pending"


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as what the host shall have. CollectionError where only some of the site's files are named."""
    copies = [{name: value or "" for name, value in each.items()} for each in params["copies"]]
    own = {name: params[name] for name in PARTS}
    given = named(params["files"] or {})
    return Desired(
        names=tuple(dict.fromkeys(params["names"])),
        places=(Place(**own), *(Place(**each) for each in copies)),
        trust=trust_of(params["authority"]),
        site=Site(**given, texts=params["brought"]) if given else None,
        issued=params["issued"],
        renew_days=params["renew_days"],
    )
