# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys with which Keystone encrypts tokens and credentials: made once, before it starts."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..engine.errors import CollectionError, UnreachableError
from ..engine.plan import Plan, Step
from ..engine.process import Output, last_words, run_command
from ..engine.runner import Operation
from ..oslo.ini import IniError, IniFile


@dataclass(frozen=True)
class Repository:
    """A directory of keys: files named by numbers, of which 0 is the next to be used."""

    setup: str
    section: str
    path: str
    keys: tuple[int, ...] = ()


REPOSITORIES = (
    Repository("fernet_setup", "fernet_tokens", "/etc/keystone/fernet-keys"),
    Repository("credential_setup", "credential", "/etc/keystone/credential-keys"),
)


# What the setup commands leave: the staged key and the primary one.
_FIRST_KEYS = (0, 1)


class KeyStore(Protocol):
    """What there is of keys, and the program that makes them."""

    def read(self) -> tuple[Repository, ...]:
        """The repositories that the configuration names. Raises UnreachableError without Keystone."""

    def make(self, path: str, argv: Sequence[str]) -> Output:
        """Run ``argv``, which puts the first keys into the directory ``path``."""


@dataclass(frozen=True)
class LocalKeyStore:
    """KeyStore of the Keystone on this host, whose processes run as the user ``run_as``."""

    config_file: str
    run_as: str

    def read(self) -> tuple[Repository, ...]:
        """The numbers of the keys in each directory."""
        try:
            with open(self.config_file, encoding="utf-8") as file:
                config = IniFile.parse(file.read())
            return tuple(_found(repository, config) for repository in REPOSITORIES)
        except FileNotFoundError as error:
            raise UnreachableError(
                "read",
                "configuration of",
                "Keystone",
                f"there is no {self.config_file}",
                "Install Keystone and write its configuration first",
            ) from error
        except (OSError, IniError) as error:
            raise CollectionError(
                "read",
                "keys of",
                "Keystone",
                str(error),
                "Run the task as root (become), with a configuration that Keystone can read",
            ) from error

    def make(self, path: str, argv: Sequence[str]) -> Output:
        """The service's user makes the keys: it owns them then, and the log too."""
        if not os.path.isdir(path):
            account = pwd.getpwnam(self.run_as)
            os.makedirs(path, mode=0o700)
            os.chown(path, account.pw_uid, account.pw_gid)
        return run_command(argv, run_as=self.run_as)


@dataclass
class KeyRepositories(Operation):
    """Repositories that hold keys. Existing keys are never touched: rotation is another task."""

    store: KeyStore
    config_file: str
    run_as: str

    def read(self) -> tuple[Repository, ...]:
        """See KeyStore."""
        return self.store.read()

    def nothing(self) -> tuple[Repository, ...]:
        """No keys where the packages expect them."""
        return REPOSITORIES

    def plan(self, current: Sequence[Repository]) -> Plan:
        """One command for each repository without keys."""
        steps = []
        for repository in current:
            if not repository.keys:
                argv = self._setup(repository)
                steps.append(Step(shlex.join(argv), "make", {"path": repository.path, "argv": argv}))
        made = [one if one.keys else replace(one, keys=_FIRST_KEYS) for one in current]
        return Plan(
            steps=tuple(steps),
            before={one.path: list(one.keys) for one in current if one.keys},
            after={one.path: list(one.keys) for one in made},
            result={"key_repositories": [{"path": one.path, "keys": list(one.keys)} for one in made]},
        )

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Run the commands."""
        for step in plan.steps:
            output = self.store.make(**step.arguments)
            if output.code:
                raise CollectionError(
                    "make",
                    "keys in",
                    step.arguments["path"],
                    f"keystone-manage ended with status {output.code}: {last_words(output.stderr, output.stdout)}",
                    "Correct what it complains about; without keys Keystone issues no tokens",
                )
        return {}

    def _setup(self, repository: Repository) -> list[str]:
        words = ["keystone-manage", "--config-file", self.config_file, repository.setup]
        return [*words, "--keystone-user", self.run_as, "--keystone-group", self.run_as]


def _found(repository: Repository, config: IniFile) -> Repository:
    assigned = config.find(repository.section, "key_repository")
    path = assigned[-1].text.strip() if assigned else repository.path
    try:
        keys = tuple(sorted(int(name) for name in os.listdir(path) if name.isdigit()))
    except FileNotFoundError:
        keys = ()
    return replace(repository, path=path, keys=keys)
