# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that a test runs: to their end, or as a server that ends with the test."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 60


def run(argv: Sequence[str], given: str = "") -> None:
    """Run a program to its end with this input; AssertionError with what it said where it fails."""
    done = subprocess.run(
        argv,
        check=False,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stdout}"


@contextmanager
def serving(
    argv: Sequence[str], log: Path, ask: Callable[[], object], silence: type[Exception]
) -> Iterator[None]:
    """Run a program until the end of the block, which begins when ``ask`` raises ``silence`` no more."""
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(ask, silence):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, (
                f"{argv[0]} does not answer: {log.read_text(errors='replace')}"
            )
            time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(ask: Callable[[], object], silence: type[Exception]) -> bool:
    try:
        ask()
    except silence:
        return False
    return True
