# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asked about a cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._clients import http, neutron_api
from .._clients.openstack_api import Cloud
from .._engine.process import Output, run_command

_STATUS_SECONDS = 300.0


class OpenStackReader:
    """The cloud's APIs, and nova-status and its like on this host; ``run_as`` is Nova's user."""

    def __init__(self, cloud: Cloud, run_as: str) -> None:
        self._cloud = cloud
        self._run_as = run_as

    @property
    def name(self) -> str:
        """What the cloud is called: the URL of its Keystone."""
        return self._cloud.auth_url

    def catalog(self) -> Sequence[Mapping[str, Any]]:
        """The services and endpoints that a user gets with a token."""
        reply = self._cloud.identity.get("/auth/catalog", subject="catalog of the cloud")
        services: Sequence[Mapping[str, Any]] = reply["catalog"]
        return services

    def agents(self) -> Sequence[Mapping[str, Any]]:
        """Neutron's agents."""
        return neutron_api.agents(self._cloud.network)

    def refusal(self, url: str) -> str | None:
        """Why nothing useful answers under a URL of the catalog, or None.

        Certificates count as in the session, but no token goes to URLs out of a catalog.
        """
        session = self._cloud.session
        return http.refusal(
            url,
            ca_cert=session.verify if isinstance(session.verify, str) else None,
            validate_certs=session.verify is not False,
            client_cert=session.cert,
        )

    def upgrade_check(self, service: str) -> Output:
        """What the upgrade check of a service left behind, ``nova-status upgrade check`` say.

        Other services than Nova have a user of their name.
        """
        argv = [f"{service}-status", "upgrade", "check"]
        run_as = self._run_as if service == "nova" else service
        return run_command(argv, run_as=run_as, timeout=_STATUS_SECONDS)
