# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's own administration program: nova-manage, keystone-manage, neutron-db-manage …"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._engine.process import Output, run_command


@dataclass(frozen=True)
class ServiceProgram:
    """A program with the configuration files that it reads, in order, and the user that it runs as."""

    name: str
    files: tuple[str, ...]
    run_as: str

    def argv(self, *words: str, more_files: Sequence[str] = ()) -> list[str]:
        """The program with its configuration files, ``more_files`` last, and then these words."""
        options = [word for path in (*self.files, *more_files) for word in ("--config-file", path)]
        return [self.name, *options, *words]

    def command(self, *words: str) -> str:
        """What a person would type for ``run``."""
        return shlex.join(self.argv(*words))

    def run(
        self, *words: str, environment: Mapping[str, str] | None = None, more_files: Sequence[str] = ()
    ) -> Output:
        """Run it to its end as its user, who then owns the log; the caller judges the exit code.

        Secrets belong into ``environment`` or into a file that only the user can read, never into ``words``.
        Raises UnreachableError where the program or the user is not there (yet).
        """
        return run_command(
            self.argv(*words, more_files=more_files), run_as=self.run_as, environment=environment
        )
