"""Run other programs, and turn their failures into the errors of this tool."""

import subprocess
import textwrap
from collections.abc import Mapping, Sequence

from .errors import HostsError


def run(
    argv: Sequence[str],
    *,
    purpose: tuple[str, str, str] = ("run", "command", ""),
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a command and return its output; a failure is a HostsError that names the purpose."""
    try:
        done = subprocess.run(argv, input=stdin or "", env=env, text=True, capture_output=True, check=False)
    except FileNotFoundError as missing:
        raise HostsError(
            *_named(purpose, argv),
            f"{argv[0]} is not installed",
            "Run `tools/hosts up` as root on Debian, it installs what is missing",
        ) from missing
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        words = textwrap.shorten(" ".join(argv), 60, placeholder=" ...")
        cause = f"`{words}` ended with {done.returncode}: {' / '.join(said[-4:])}"
        raise HostsError(*_named(purpose, argv), cause, "Correct that, then run the command again")
    return done.stdout


def succeeds(argv: Sequence[str]) -> bool:
    """Whether a command ends well; its output is of no interest."""
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _named(purpose: tuple[str, str, str], argv: Sequence[str]) -> tuple[str, str, str]:
    verb, thing, name = purpose
    return verb, thing, name or argv[0]
