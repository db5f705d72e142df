# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The APIs that a proof talks to, each under the endpoint of the version that it speaks."""

from __future__ import annotations

from typing import Any, Protocol

from ..clients.openstack import Cloud
from ..engine.errors import UnreachableError

_MAJOR_VERSIONS = {"compute": "2.1", "image": "2", "network": "2"}
# One microversion for all that is asked of Nova: 2.74 (Train) brought ``host`` to the creation of servers.
_COMPUTE_MICROVERSION = "2.74"


class Api(Protocol):
    """What a proof needs of a connection: requests as one user in one project."""

    @property
    def project_id(self) -> str: ...

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """See clients.openstack.Cloud.request; ``path`` follows the endpoint of the service's version."""


class VersionedApi:
    """A cloud in which a service may be registered with or without a version in its URL."""

    def __init__(self, cloud: Cloud, *, interface: str, region_name: str | None) -> None:
        self._cloud = cloud
        self._filter = {"interface": interface, "region_name": region_name}
        self._endpoints: dict[str, str] = {}

    @property
    def project_id(self) -> str:
        """The project in which the proof works."""
        # The first request of all: it tells of wrong credentials and of a Keystone that does not answer.
        self._cloud.get("identity", "/auth/catalog", subject="catalog of the cloud")
        return self._cloud.session.get_project_id()

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """See Api."""
        if service == "compute":
            options["microversion"] = _COMPUTE_MICROVERSION
        url = self._endpoint(service) + path
        return self._cloud.request(method, service, url, subject=subject, **options)

    def _endpoint(self, service: str) -> str:
        if service not in self._endpoints:
            self._endpoints[service] = self._discovered(service, _MAJOR_VERSIONS[service]).rstrip("/")
        return self._endpoints[service]

    def _discovered(self, service: str, version: str) -> str:
        from keystoneauth1.exceptions import ClientException

        versions = {"min_version": version, "max_version": f"{version[0]}.latest"}
        cause = f"no endpoint of the catalog answers for version {version}"
        try:
            endpoint = self._cloud.session.get_endpoint(service_type=service, **versions, **self._filter)
        except ClientException as error:
            endpoint, cause = None, str(error)
        if endpoint:
            return endpoint
        remedy = "See whether it is registered (keystone_service_endpoint) and runs"
        raise UnreachableError("find", "API of", service, cause, remedy)
