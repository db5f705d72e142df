# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service answers: HTTP for an API, a TCP connection for everything else."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from urllib.parse import urlsplit

_ATTEMPT_SECONDS = 30.0


def refusal(url: str) -> str | None:
    """Why nothing answers under the URL, or None when something does.

    ``http(s)://``: a status below 500 is an answer (an API may ask for a token first).
    ``tcp://host:port``: an accepted connection is an answer.
    """
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return _tcp_refusal(parts.hostname or "localhost", parts.port or 0)
    # A proxy of the environment must not answer in the service's place.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(url, timeout=_ATTEMPT_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        return f"it answers {error.code} {error.reason}" if error.code >= 500 else None
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _tcp_refusal(host: str, port: int) -> str | None:
    try:
        with socket.create_connection((host, port), timeout=_ATTEMPT_SECONDS):
            return None
    except OSError as error:
        return str(error)
