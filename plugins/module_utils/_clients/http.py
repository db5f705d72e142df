# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service answers: HTTP for an API, a TCP connection for everything else."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import urllib.error
import urllib.request
from functools import cache
from typing import Callable
from urllib.parse import urlsplit

_ATTEMPT_SECONDS = 30.0


def refusal(
    url: str,
    *,
    ca_cert: str | None = None,
    validate_certs: bool = True,
    client_cert: str | tuple[str, str] | None = None,
) -> str | None:
    """Why nothing answers under the URL, or None when something does.

    ``http(s)://``: a status below 500 is an answer (an API may ask for a token first).
    ``tcp://host:port``: an accepted connection is an answer.
    The other arguments are those of :func:`tls_context`.
    """
    try:
        parts = urlsplit(url)
        address = parts.hostname or "localhost", parts.port or 0
    except ValueError:
        # Its words may quote a password.
        return "it is no URL of HTTP or TCP"
    if "@" in parts.netloc:
        return "it contains a user name; remove it"
    try:
        if parts.scheme == "tcp":
            with socket.create_connection(address, timeout=_ATTEMPT_SECONDS):
                return None
        if parts.scheme not in ("http", "https"):
            return "it is no URL of HTTP or TCP"
        secure = _SecureHandler(lambda: tls_context(ca_cert, validate_certs, client_cert))
        # A proxy of the environment must not answer in the service's place.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
        with opener.open(url, timeout=_ATTEMPT_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        return f"it answers {error.code} {error.reason}" if error.code >= 500 else None
    except http.client.HTTPException as error:
        return f"it does not speak HTTP ({error!r})"
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


@cache
def tls_context(
    ca_cert: str | None = None,
    validate_certs: bool = True,
    client_cert: str | tuple[str, str] | None = None,
) -> ssl.SSLContext:
    """How to speak TLS to a server.

    ``ca_cert``: path of the authorities to trust (a file or a directory), None for those of this host.
    ``client_cert``: path of our own certificate with its key, or the paths of both. Raises OSError for bad files.
    """
    if ca_cert and os.path.isdir(ca_cert):
        context = ssl.create_default_context(capath=ca_cert)
    else:
        context = ssl.create_default_context(cafile=ca_cert)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if isinstance(client_cert, str):
        context.load_cert_chain(client_cert)
    elif client_cert:
        context.load_cert_chain(*client_cert)
    return context


class _SecureHandler(urllib.request.HTTPSHandler):
    """HTTPS that loads certificates when it is used: that takes longer than most services take to answer."""

    def __init__(self, load: Callable[[], ssl.SSLContext]) -> None:
        # Given one that knows nothing, urllib does not load certificates here.
        super().__init__(context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._load = load

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(http.client.HTTPSConnection, req, context=self._load())
