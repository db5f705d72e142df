# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate files of this host."""

from __future__ import annotations

import contextlib
import grp
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Protocol

from .._formats import x509
from .._shared.certificate_files import PARTS, CertificateFiles, LocalCertificateFiles, refuse_unreadable
from .parameters import Desired
from .state import State


class CertificateStore(CertificateFiles, Protocol):
    """Reads certificates and keys too; ``LocalCertificateStore`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What the host has. UnreachableError where it lacks what certificates are read with."""


class LocalCertificateStore(LocalCertificateFiles):
    """CertificateStore of the host that the module runs on; ``root`` is where its files begin."""

    def read(self, desired: Desired) -> State:
        """See ``CertificateStore``."""
        refuse_unreadable()
        own, site, trust = desired.places[0], desired.site, desired.trust
        pending = self._text(desired.pending_key)
        offered, offered_key = desired.issued, pending
        if site:
            paths = {name: str(getattr(site, name)) for name in (*PARTS, "revoked")}
            given = site.texts or {name: self._given(path) for name, path in paths.items() if path}
            trust = x509.Trust(given["ca"], given.get("revoked") or "")
            offered, offered_key = given["certificate"], given["private_key"]
        certificate, key = self._text(own.certificate), self._text(own.private_key)
        known = {
            path
            for each in desired.places
            for path in (each.ca, each.certificate, each.private_key, each.revoked)
            if path
        }
        return State(
            trust=trust,
            now=datetime.now(timezone.utc).replace(tzinfo=None),
            files={path: stored for path in sorted(known) if (stored := self._stored(path))},
            certificate=x509.parsed(certificate, key, trust),
            offered=x509.parsed(offered, offered_key, trust),
            request=x509.signing_request(pending, desired.names[0]) if pending else "",
            groups=_numbers({"root", *(each.group for each in desired.places)}),
        )


def _numbers(groups: Iterable[str]) -> dict[str, int]:
    found = {}
    for name in groups:
        with contextlib.suppress(KeyError):
            found[name] = grp.getgrnam(name).gr_gid
    return found
