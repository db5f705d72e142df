# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate files of this host."""

from __future__ import annotations

import contextlib
import grp
import os
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Protocol

from ..clients import x509
from ..engine.errors import CollectionError, UnreachableError
from ..engine.files import Attributes, LocalFiles, StoredFile
from .parameters import Desired
from .state import State

_SECRET, _FOLDER = 0o600, 0o755


class CertificateFiles(Protocol):
    """Reads and writes certificates and keys; ``LocalCertificates`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What the host has. UnreachableError where it lacks what certificates are read with."""

    def write(self, path: str, text: str, mode: int, group: str) -> None:
        """Replace (or create) a file of root's at once, and its folders if there are none."""

    def create_key(self, path: str) -> None:
        """Make a private key of the kind that certificates are issued for."""

    def remove(self, path: str) -> None:
        """Remove a file."""


class LocalCertificates:
    """CertificateFiles of the host that the module runs on; ``root`` is where its files begin."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        self._files = LocalFiles()

    def read(self, desired: Desired) -> State:
        """See ``CertificateFiles``."""
        if not x509.IS_USABLE:
            raise UnreachableError(
                "read",
                "certificates",
                "",
                "Python's cryptography is not installed on the host",
                "Install python3-cryptography, which comes with OpenStack's services",
            )
        own, site, trust = desired.places[0], desired.site, desired.trust
        pending = self._text(desired.pending_key)
        offered, offered_key = desired.issued, pending
        if site:
            given = site.texts or {
                name: self._given(getattr(site, name)) for name in ("ca", "certificate", "private_key")
            }
            trust = x509.Trust(given["ca"])
            offered, offered_key = given["certificate"], given["private_key"]
        certificate, key = self._text(own.certificate), self._text(own.private_key)
        paths = {
            path for each in desired.places for path in (each.ca, each.certificate, each.private_key) if path
        }
        return State(
            trust=trust,
            now=datetime.now(timezone.utc).replace(tzinfo=None),
            files={path: stored for path in sorted(paths) if (stored := self._stored(path))},
            certificate=x509.parsed(certificate, key, trust),
            offered=x509.parsed(offered, offered_key, trust),
            request=x509.signing_request(pending, desired.names[0]) if pending else "",
            groups=_numbers({"root", *(each.group for each in desired.places)}),
        )

    def write(self, path: str, text: str, mode: int, group: str) -> None:
        """See ``CertificateFiles``."""
        target = self._path(path)
        os.makedirs(os.path.dirname(target), _FOLDER, exist_ok=True)
        self._files.write(target, text, Attributes("root", group, mode), mode=mode, backup=False)

    def create_key(self, path: str) -> None:
        """See ``CertificateFiles``."""
        self.write(path, x509.new_key(), _SECRET, "root")

    def remove(self, path: str) -> None:
        """See ``CertificateFiles``."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(path))

    def _given(self, path: str) -> str:
        stored = self._stored(path)
        if stored is None:
            raise CollectionError(
                "read",
                "file",
                path,
                "there is no such file on this host",
                "Put it there first, or set the variable's place to control_node",
                code="not_found",
            )
        return stored.text

    def _stored(self, path: str) -> StoredFile | None:
        return self._files.read(self._path(path))

    def _text(self, path: str) -> str:
        stored = self._stored(path)
        return stored.text if stored else ""

    def _path(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip("/"))


def _numbers(groups: Iterable[str]) -> dict[str, int]:
    found = {}
    for name in groups:
        with contextlib.suppress(KeyError):
            found[name] = grp.getgrnam(name).gr_gid
    return found
