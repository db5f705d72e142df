# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates and keys of this host."""

from __future__ import annotations

import glob
import os
import pwd
from datetime import datetime, timezone
from typing import Protocol

from .._engine.errors import CollectionError
from .._engine.files import write_private
from .._formats import x509
from .._shared.certificate_files import CertificateFiles, LocalCertificateFiles
from . import places, ssh_keys
from .parameters import Desired
from .state import State

_HOST_KEYS = "/etc/ssh/ssh_host_*_key.pub"
_USER_KEY = ".ssh/id_ed25519"
_PRIVATE_FOLDER = 0o700


class HostStore(CertificateFiles, Protocol):
    """Reads certificates and keys too, and makes those of users; ``LocalStore`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What the host has. UnreachableError where it lacks what certificates are read with."""

    def create_user_key(self, user: str) -> None:
        """Make the SSH key of a user, and its public half beside it."""


class LocalStore(LocalCertificateFiles):
    """HostStore of the host that the module runs on; ``root`` is where its files begin."""

    def read(self, desired: Desired) -> State:
        """See ``HostStore``."""
        self._refuse_unreadable()
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        trust, own = desired.trust, desired.own
        if own:
            trust = x509.Trust(self._given(own.ca), self._given(own.revoked) if own.revoked else "")
        files = {path: stored for path in places.ALL if (stored := self._stored(path))}
        pending = self._text(places.PENDING_KEY)
        certificate, key = (self._text(places.CERTIFICATE[0]), self._text(places.KEY_OF_LIBVIRT[0]))
        offered, offered_key = desired.issued, pending
        if own:
            offered, offered_key = self._given(own.certificate), self._given(own.private_key)
        return State(
            trust=trust,
            now=now,
            files=files,
            certificate=x509.parsed(certificate, key, trust),
            offered=x509.parsed(offered, offered_key, trust),
            request=x509.signing_request(pending, desired.names[0]) if pending else "",
            user_key=self._public_key(desired.user),
            host_keys=tuple(self._host_keys()),
        )

    def create_user_key(self, user: str) -> None:
        """See ``HostStore``; the private half comes last, as the key counts as there when it is."""
        account = _account(user)
        path = os.path.join(self._path(account.pw_dir), _USER_KEY)
        private, public = ssh_keys.new_ssh_key(f"{user}@{os.uname().nodename}")
        for target, text in ((f"{path}.pub", public), (path, private)):
            write_private(target, text, account)

    def _public_key(self, user: str) -> str:
        try:
            home = self._path(_account(user).pw_dir)
        except CollectionError:
            return ""
        private = self._files.read(os.path.join(home, _USER_KEY))
        return ssh_keys.public_ssh_key(private.text) if private else ""

    def _host_keys(self) -> list[str]:
        paths = sorted(glob.glob(self._path(_HOST_KEYS)))
        stored = [self._files.read(path) for path in paths]
        # Type and key; the third word is a comment.
        return [" ".join(each.text.split()[:2]) for each in stored if each]

    def _folder_mode(self, folder: str) -> int:
        return _PRIVATE_FOLDER if folder.endswith("/private") else super()._folder_mode(folder)


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise CollectionError(
            "make",
            "SSH key of user",
            user,
            "there is no such user",
            "Install Nova's packages first",
            code="not_found",
        ) from None
