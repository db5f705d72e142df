# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host of Keystone in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_bootstrap.state import (
    Access,
    KeyRepository,
)

ACCESS = Access("u1", "p1", ("admin", "member", "reader"))


class FakeKeystoneHost:
    """A KeystoneHost: there is a Keystone if it has ``repositories``; its administrator has the access ``who``.

    keystone-manage ends with ``code`` (for keys of a repository whose setup is in ``broken``, with 1). With ``helps``
    a bootstrap gives the administrator access. ``ran`` holds the commands, ``passwords`` those they were given.
    """

    def __init__(
        self,
        *repositories: KeyRepository,
        who: Access | None = None,
        code: int = 0,
        broken: Sequence[str] = (),
        helps: bool = True,
    ) -> None:
        self.known = list(repositories)
        self.who = who
        self.code = code
        self.broken = broken
        self.helps = helps
        self.ran: list[list[str]] = []
        self.passwords: list[str] = []

    def repositories(self) -> tuple[KeyRepository, ...]:
        """See KeystoneHost."""
        if not self.known:
            raise UnreachableError("read", "configuration of", "keystone", "there is none", "Install it")
        return tuple(self.known)

    def access(self) -> Access | None:
        """See KeystoneHost."""
        return self.who

    def make_keys(self, path: str, argv: Sequence[str]) -> Output:
        """See KeystoneHost."""
        self.ran.append(list(argv))
        if self.code or argv[3] in self.broken:
            return Output(1, "", "Traceback\nPermission denied\n")
        self.known = [replace(one, keys=(0, 1)) if one.path == path else one for one in self.known]
        return Output(0, "", "")

    def bootstrap(self, argv: Sequence[str], password: str) -> Output:
        """See KeystoneHost."""
        self.ran.append(list(argv))
        self.passwords.append(password)
        if self.helps:
            self.who = ACCESS
        return Output(self.code, "", "DBConnectionError: no server" if self.code else "")
