# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands run as a service's user, with a plain environment and without a shell."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import CollectionError, UnreachableError
from .file_errors import file_error

# oslo.log writes them whether a terminal reads them or not.
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Output:
    """What a finished command left behind."""

    code: int
    stdout: str
    stderr: str


def run_command(
    argv: Sequence[str],
    *,
    run_as: str | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float | None = None,
) -> Output:
    """Run ``argv`` to its end (at most ``timeout`` seconds); return its exit code and output.

    ``run_as`` needs root unless it is the current user. Secrets belong into ``stdin`` or ``environment``,
    never into ``argv``, which every user of the host can read.
    """
    account = pwd.getpwuid(os.geteuid()) if run_as is None else _account(run_as)
    env = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": account.pw_dir,
        "USER": account.pw_name,
        **(environment or {}),
    }
    switch: dict[str, Any] = {}
    if account.pw_uid != os.geteuid():
        groups = os.getgrouplist(account.pw_name, account.pw_gid)
        switch = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=env,
            cwd="/",
            timeout=timeout,
            encoding="utf-8",
            errors="replace",
            check=False,
            **switch,
        )
    except FileNotFoundError as error:
        raise UnreachableError(
            "run", "command", argv[0], "it is not installed", "Install the package that holds it"
        ) from error
    except PermissionError as error:
        raise CollectionError(
            "run",
            "command",
            argv[0],
            f"{error.strerror} as user {account.pw_name}",
            "Run the task as root (become)"
            if os.geteuid()
            else f"Let that user run it (`namei --long {argv[0]}`)",
        ) from error
    except OSError as error:
        raise file_error("run", "command", argv[0], error) from error
    except subprocess.TimeoutExpired as error:
        raise CollectionError(
            "run",
            "command",
            argv[0],
            f"it had not finished after {timeout:g} seconds",
            "Look at the service's log and at the servers that it talks to, then run again",
            code="timeout",
        ) from error
    return Output(done.returncode, done.stdout, _COLOURS.sub("", done.stderr))


def last_words(*texts: str) -> str:
    """What a program said last, on one line: that of the first text that has any."""
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            return lines[-1]
    return "it said nothing"


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise UnreachableError(
            "run a command as", "user", name, "there is no such user", "Install the service's packages first"
        ) from None
