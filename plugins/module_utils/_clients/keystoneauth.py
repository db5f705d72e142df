# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keystoneauth without what takes its time, and without connections that requests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._engine.errors import UnreachableError


def libraries() -> tuple[Any, Any]:
    """keystoneauth1's ``loading`` and ``session``. Raises UnreachableError where it is not installed."""
    try:
        with without_osprofiler():
            from keystoneauth1 import loading, session
    except ImportError as error:
        raise UnreachableError(
            "use",
            "Python library",
            "keystoneauth1",
            f"it cannot be imported ({error})",
            "Install python3-keystoneauth1",
        ) from error
    return loading, session


@contextmanager
def without_osprofiler() -> Iterator[None]:
    """Keep keystoneauth from importing osprofiler, the slowest part of it, which it does wherever it finds it.

    There is no option for it; None in sys.modules is Python's own way to say "not to be imported".
    """
    hidden = "osprofiler" not in sys.modules
    if hidden:
        sys.modules["osprofiler"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["osprofiler"]


def without_pooling(session: Any) -> Any:
    """The session with a separate connection for each request.

    uWSGI, behind which Debian and others run the APIs, closes connections without saying so: a request sent on one
    that is just being closed is lost. "Connection: close" does not help there, and a pool that threads share may
    be closed by one of them while another takes a connection from it.
    """
    from requests.adapters import HTTPAdapter

    class OneRequestAdapter(HTTPAdapter):
        """Hands each request to an adapter that is made for it, and closed after it."""

        def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
            return HTTPAdapter().send(request, *arguments, **options)

    for scheme in ("http://", "https://"):
        session.session.mount(scheme, OneRequestAdapter())
    session.session.hooks["response"].append(lambda reply, *_arguments, **_options: reply.connection.close())
    return session
