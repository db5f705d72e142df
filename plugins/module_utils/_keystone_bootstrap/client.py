# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Keystone of a host: its keys, its API, and keystone-manage beside it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Callable, Protocol

from .._clients.openstack_api import Cloud
from .._clients.openstack_errors import ApiError
from .._clients.oslo_config import read_service_settings
from .._engine.errors import CollectionError
from .._engine.file_errors import file_remedy
from .._engine.process import Output, run_command
from .state import DEFAULT_REPOSITORIES, Access, KeyRepository

# keystone-manage reads the password from here; on its command line every user of the host could.
PASSWORD_VARIABLE = "OS_BOOTSTRAP_PASSWORD"

_OPTION = "key_repository"
_UNAUTHORIZED = 401


class KeystoneHost(Protocol):
    """What the bootstrap needs of a host."""

    def repositories(self) -> tuple[KeyRepository, ...]:
        """The repositories that the configuration names. Raises UnreachableError without Keystone."""

    def access(self) -> Access | None:
        """Access as the administrator; None if it is refused."""

    def make_keys(self, path: str, argv: Sequence[str]) -> Output:
        """Run ``argv``, which puts the first keys into the directory ``path``."""

    def bootstrap(self, argv: Sequence[str], password: str) -> Output:
        """Run ``argv``, which finds the administrator's password in its environment."""


class LocalKeystone:
    """This host, on which Keystone's processes run as the user ``run_as``.

    ``connect`` connects to its API as the administrator; it is called when that is first needed.
    """

    def __init__(self, config_file: str, run_as: str, connect: Callable[[], Cloud]) -> None:
        self._config_file = config_file
        self._run_as = run_as
        self._connect = connect

    @cached_property
    def _cloud(self) -> Cloud:
        return self._connect()

    def repositories(self) -> tuple[KeyRepository, ...]:
        """The numbers of the keys in each directory."""
        places = [(one.section, _OPTION) for one in DEFAULT_REPOSITORIES]
        settings = read_service_settings("keystone", "keystone-manage", [self._config_file], places)
        return tuple(_found(one, settings[one.section, _OPTION] or one.path) for one in DEFAULT_REPOSITORIES)

    def access(self) -> Access | None:
        """Ask for a new token each time."""
        self._cloud.session.invalidate()
        try:
            access = self._cloud.access()
        except ApiError as error:
            if error.status != _UNAUTHORIZED:
                raise
            return None
        return Access(access.user_id, access.project_id, tuple(sorted(access.role_names)))

    def make_keys(self, path: str, argv: Sequence[str]) -> Output:
        """The service's user makes the keys: it owns them then, and the log too."""
        if not os.path.isdir(path):
            account = pwd.getpwnam(self._run_as)
            os.makedirs(path, mode=0o700)
            os.chown(path, account.pw_uid, account.pw_gid)
        return run_command(argv, run_as=self._run_as)

    def bootstrap(self, argv: Sequence[str], password: str) -> Output:
        """Run it as the service's user, who then owns the log."""
        return run_command(argv, run_as=self._run_as, environment={PASSWORD_VARIABLE: password})


def _found(repository: KeyRepository, path: str) -> KeyRepository:
    try:
        keys = tuple(sorted(int(name) for name in os.listdir(path) if name.isdigit()))
    except FileNotFoundError:
        keys = ()
    except OSError as error:
        raise CollectionError(
            "read",
            "keys of",
            "Keystone",
            str(error),
            file_remedy(error, path),
        ) from error
    return replace(repository, path=path, keys=keys)
