# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenStack APIs of one cloud: plain REST, one Api for each service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._engine.errors import UnreachableError
from .microversions import MAJOR_VERSIONS, Microversion
from .openstack_errors import clear_errors

_VERBS = {"GET": "read", "POST": "create", "PUT": "set", "PATCH": "change", "DELETE": "delete"}


class Cloud:
    """One cloud, as one user in one project; ``session`` is keystoneauth's."""

    def __init__(self, session: Any, auth_url: str, *, interface: str, region_name: str | None) -> None:
        self.session = session
        self.auth_url = auth_url
        self._filter = {"interface": interface, "region_name": region_name or None}

    def access(self) -> Any:
        """Who the cloud takes us for: keystoneauth's AccessInfo (user_id, project_id, role_names, ...)."""
        with clear_errors("authenticate at", f"cloud {self.auth_url}", self.auth_url):
            return self.session.auth.get_access(self.session)

    @property
    def project_id(self) -> str:
        """The ID of the project that the credentials name."""
        return str(self.access().project_id)

    def compute(self, microversion: Microversion) -> Api:
        """The Compute API, asked in one line of the table of microversions."""
        return Api(self, "compute", microversion)

    @property
    def placement(self) -> Api:
        """The Placement API."""
        return Api(self, "placement")

    @property
    def image(self) -> Api:
        """The Image API v2."""
        return Api(self, "image")

    @property
    def network(self) -> Api:
        """The Network API v2.0."""
        return Api(self, "network")

    @property
    def identity(self) -> Api:
        """The Identity API at ``<auth_url>/v3``, which answers before any endpoint is registered."""
        return Api(self, "identity")

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """Send one request and return its decoded reply, ``{}`` where there is no body.

        ``path`` follows the endpoint that the service has for its version. ``subject`` says in errors what it is
        about ("user nova"; default service and path). ``options`` go to keystoneauth: ``json``, ``data``,
        ``headers``, ``params``, ``microversion``, ``authenticated``. Raises UnreachableError, ApiError (any
        status from 400) or CollectionError.
        """
        target = {"endpoint_override": self.auth_url} if service == "identity" else self._endpoint(service)
        with clear_errors(_VERBS[method], subject or f"{service} {path}", self.auth_url):
            reply = self.session.request(path, method, **target, **options)
        if reply.status_code == 204 or not reply.content:
            return {}
        try:
            return reply.json()
        except ValueError:
            return {"text": reply.text}

    def _endpoint(self, service: str) -> dict[str, Any]:
        """By what keystoneauth finds a service in the catalog; it asks the service for its versions if it must."""
        least, most = MAJOR_VERSIONS.get(service, (None, None))
        versions = {"min_version": least, "max_version": most} if least else {}
        return {"endpoint_filter": {"service_type": service, **self._filter, **versions}}


class AbsentCloud(Cloud):
    """A cloud that cannot be spoken to from this host (yet): whatever it is asked for, it says why."""

    def __init__(self, error: UnreachableError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error


class Api:
    """One service of a cloud.

    Paths follow the endpoint of the service. ``subject`` says in errors what a request is about ("user nova"); other
    ``options`` are those of :meth:`Cloud.request`. Each returns the decoded reply.
    """

    def __init__(self, cloud: Cloud, service: str, microversion: Microversion | None = None) -> None:
        self._cloud = cloud
        self._service = service
        self._version = {"microversion": microversion.number} if microversion else {}

    def get(self, path: str, *, params: Mapping[str, str] | None = None, subject: str = "") -> Any:
        """Read something; ``params`` is the query."""
        return self._send("GET", path, subject=subject, **({} if params is None else {"params": params}))

    def post(self, path: str, body: Any, *, subject: str = "", **options: Any) -> Any:
        """Create something, or have something done."""
        return self._send("POST", path, subject=subject, json=body, **options)

    def put(self, path: str, body: Any = None, *, subject: str = "", **options: Any) -> Any:
        """Set something; without ``body`` none is sent but what ``options`` have (``data``)."""
        return self._send("PUT", path, subject=subject, **({} if body is None else {"json": body}), **options)

    def patch(self, path: str, body: Any, *, subject: str = "", **options: Any) -> Any:
        """Change something."""
        return self._send("PATCH", path, subject=subject, json=body, **options)

    def delete(self, path: str, *, subject: str = "") -> Any:
        """Delete something."""
        return self._send("DELETE", path, subject=subject)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        return self._cloud.request(method, self._service, path, **self._version, **options)
