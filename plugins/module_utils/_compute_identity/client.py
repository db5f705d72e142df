# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH keys of this host."""

from __future__ import annotations

import glob
import os
import pwd
from typing import Protocol

from .._engine.errors import CollectionError
from .._engine.files import LocalFiles, write_private
from .._shared.certificate_files import refuse_unreadable
from . import ssh_keys
from .parameters import Desired
from .state import State

_HOST_KEYS = "/etc/ssh/ssh_host_*_key.pub"
_USER_KEY = ".ssh/id_ed25519"


class KeyStore(Protocol):
    """Reads SSH keys, and makes those of users; ``LocalKeyStore`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What the host has. UnreachableError where it lacks what keys are read with."""

    def create_user_key(self, user: str) -> None:
        """Make the SSH key of a user, and its public half beside it."""


class LocalKeyStore:
    """KeyStore of the host that the module runs on; ``root`` is where its files begin."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        self._files = LocalFiles()

    def read(self, desired: Desired) -> State:
        """See ``KeyStore``."""
        refuse_unreadable()
        return State(self._public_key(desired.user), tuple(self._host_keys()))

    def create_user_key(self, user: str) -> None:
        """See ``KeyStore``; the private half comes last, as the key counts as there when it is."""
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

    def _path(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip("/"))


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
