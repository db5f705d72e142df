# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a guest answers: once over HTTP, or all the time over ICMP, which hardly costs it anything."""

from __future__ import annotations

import http.client
import re
import subprocess
import threading
import time
from types import TracebackType

_EVERY = 0.1
_PATIENCE = 2.0
_BACK = 300.0
# [1700000000.123456] 64 bytes from ...: the time on the clock of an answer.
_ANSWER = re.compile(r"\[(\d+\.\d+)\] \d+ bytes from ")


class Listener:
    """A context: questions begin when it is entered, and end at its end when there is an answer again."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._answers: list[float] = []
        self._began = 0.0

    def __enter__(self) -> Listener:
        self._began = time.time()
        ping = ["ping", "-D", "-O", "-i", str(_EVERY), self._address]
        self._ping = subprocess.Popen(ping, stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        ended = time.time()
        try:
            while kind is None and not any(answer > ended for answer in self._answers):
                if time.time() > ended + _BACK:
                    raise AssertionError(f"{self._address} does not answer within {_BACK:.0f} s")
                time.sleep(_EVERY)
        finally:
            self._ping.terminate()
            self._thread.join()
            self._ping.wait()

    @property
    def silence(self) -> float:
        """The longest time between two answers, in seconds."""
        times = [self._began, *self._answers]
        return max(later - earlier for earlier, later in zip(times, times[1:], strict=False))

    def _listen(self) -> None:
        assert self._ping.stdout
        for line in self._ping.stdout:
            if found := _ANSWER.match(line):
                self._answers.append(float(found[1]))


def answer(address: str, path: str = "/") -> str:
    """What a guest says over HTTP; "" where it says nothing."""
    connection = http.client.HTTPConnection(address, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.read().decode().strip() if response.status == http.client.OK else ""
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
