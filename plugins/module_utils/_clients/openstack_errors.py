# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with a request to OpenStack, as this collection's errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._engine.errors import CollectionError, UnreachableError

# This is how requests reports a missing file.
_NO_FILE = "invalid path: "
_NOT_FOUND = 404
# What a proxy answers while nothing listens behind it.
_GATEWAY_STATUSES = (502, 503, 504)


class ApiError(CollectionError):
    """An API refused a request; ``status`` is the HTTP status of its answer."""

    def __init__(self, verb: str, kind: str, name: str, cause: str, remedy: str, *, status: int) -> None:
        super().__init__(verb, kind, name, cause, remedy, code=f"http_{status}", status=status)
        self.status = status


@contextmanager
def unless_gone() -> Iterator[None]:
    """Pass over that what the block asks about does not exist (any more); all other refusals are raised."""
    try:
        yield
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise


@contextmanager
def clear_errors(verb: str, subject: str, auth_url: str) -> Iterator[None]:
    """Raise what keystoneauth raises as this collection's errors."""
    from keystoneauth1 import exceptions

    kind, _space, name = subject.partition(" ")
    try:
        yield
    except exceptions.SSLError as error:
        raise CollectionError(
            verb, kind, name, str(error), "Set ca_cert to the authority of the API's certificate", code="tls"
        ) from error
    except exceptions.RetriableConnectionFailure as error:
        raise UnreachableError(
            verb,
            kind,
            name,
            _brief(str(error)),
            f"See whether the API runs and is reachable from this host (Keystone is expected at {auth_url})",
        ) from error
    except (exceptions.EndpointNotFound, exceptions.EmptyCatalog) as error:
        raise UnreachableError(
            verb,
            kind,
            name,
            str(error),
            "Register the endpoint (keystone_service_endpoint), or check region_name and interface",
        ) from error
    except exceptions.HttpError as error:
        raise _refusal(verb, kind, name, error, auth_url) from error
    except (exceptions.ClientException, TypeError) as error:
        raise CollectionError(
            verb, kind, name, str(error), "Check auth and auth_type", code="configuration"
        ) from error
    except OSError as error:
        # What fails on the way to the API is keystoneauth's: this is a file that cannot be read. One that is not there
        # may come yet, with the API.
        failure = UnreachableError if _NO_FILE in str(error) else CollectionError
        raise failure(
            verb, kind, name, str(error), "Check ca_cert, client_cert and client_key", code="tls"
        ) from error


def _brief(message: str) -> str:
    """What failed to connect and the operating system's reason, without the layers of libraries between."""
    reason = re.search(r"(?:Errno -?\d+\] |Error\(-?\d+, ')([\w ,-]+)", message)
    return f"{message.split(': ')[0]} ({reason[1].lower()})" if reason else message


def _refusal(verb: str, kind: str, name: str, error: Any, auth_url: str) -> CollectionError:
    status, cause = error.http_status, _api_message(error)
    if status in _GATEWAY_STATUSES:
        return UnreachableError(
            verb, kind, name, cause, "See whether the service behind this address runs", status=status
        )
    remedies = {
        400: "See the API's log",
        401: f"Check the user, password, project and domains with which {auth_url} is asked",
        403: "Use a user whose roles allow it, such as the admin",
        404: f"Check that the address is right (Keystone is expected at {auth_url})",
        409: "See what has the same name",
    }
    remedy = remedies.get(status, "See the service's log")
    if "quota" in cause.lower():
        remedy = "Raise the project's quota, or ask for less"
    return ApiError(verb, kind, name, cause, remedy, status=status)


def _api_message(error: Any) -> str:
    """The API's own words, which keystoneauth finds only where they are wrapped as Keystone wraps them."""
    try:
        words = error.response.json()
    except (AttributeError, ValueError):
        return str(error)
    while isinstance(words, (dict, list)) and words:
        if isinstance(words, list):
            words = words[0]
        else:
            words = words.get("message") or words.get("detail") or next(iter(words.values()))
    if not isinstance(words, str) or not words:
        return str(error)
    request = f" (Request-ID: {error.request_id})" if error.request_id else ""
    return f"{words.rstrip('.')} (HTTP {error.http_status}){request}"
