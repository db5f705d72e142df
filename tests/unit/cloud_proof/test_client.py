# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the catalog's URLs, Neutron and nova-status are asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import http
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_proof import client
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output


class Session:
    """What keystoneauth's session has of TLS."""

    def __init__(self, verify: Any, cert: Any = None) -> None:
        self.verify = verify
        self.cert = cert


class Answering(Cloud):
    """Answers two requests, and takes no other: no token may go to a URL out of the catalog."""

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or Session(True)
        self.auth_url = "http://controller:5000/v3"

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        assert (method, options) == ("GET", {})
        if service == "network":
            assert path == "/agents"
            return {"agents": [{"binary": "neutron-l3-agent"}]}
        assert (service, path, subject) == ("identity", "/auth/catalog", "catalog of the cloud")
        return {"catalog": [{"type": "identity", "endpoints": []}]}


def reader(cloud: Cloud) -> client.OpenStackReader:
    return client.OpenStackReader(cloud, "nova")


def test_what_the_apis_say() -> None:
    assert reader(Answering()).name == "http://controller:5000/v3"
    assert reader(Answering()).catalog() == [{"type": "identity", "endpoints": []}]
    assert reader(Answering()).agents() == [{"binary": "neutron-l3-agent"}]


@pytest.mark.parametrize(
    ("session", "options"),
    [
        (Session(True), {"ca_cert": None, "validate_certs": True, "client_cert": None}),
        (Session(False), {"ca_cert": None, "validate_certs": False, "client_cert": None}),
        (
            Session("/ca.pem", ("/c.pem", "/k.pem")),
            {"ca_cert": "/ca.pem", "validate_certs": True, "client_cert": ("/c.pem", "/k.pem")},
        ),
    ],
)
def test_urls_are_asked_without_a_token_but_with_the_certificates_of_the_session(
    session: Session, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(http, "refusal", lambda url, **given: asked.append((url, given)) or "it is down")
    assert reader(Answering(session)).refusal("http://x") == "it is down"
    assert asked == [("http://x", options)]


@pytest.mark.parametrize("service", ["nova", "placement"])
def test_the_upgrade_check_runs_as_its_user(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: list[str], *, run_as: str, timeout: float) -> Output:
        assert (argv, run_as, timeout) == ([f"{service}-status", "upgrade", "check"], service, 300.0)
        return Output(0, "", "")

    monkeypatch.setattr(client, "run_command", run)
    assert reader(Answering()).upgrade_check(service) == Output(0, "", "")
