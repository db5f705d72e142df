# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login: what it is made of, and how its failures read."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS, connect
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import MASK, Redactor

DEFAULTS = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
AUTH = {
    "auth_url": "http://c:5000",
    "username": "admin",
    "password": "s3cret/pw",
    "project_name": "admin",
}


def connection(redactor: Redactor | None = None, **params: Any) -> Cloud:
    return connect({**DEFAULTS, "auth": AUTH, **params}, redactor or Redactor())


@pytest.mark.parametrize(
    "auth_url", ["http://c:5000", "http://c:5000/", "http://c:5000/v3", "http://c:5000/v3/"]
)
def test_any_form_of_the_address(auth_url: str) -> None:
    assert connection(auth={**AUTH, "auth_url": auth_url}).auth_url == "http://c:5000/v3"


@pytest.mark.parametrize(
    "auth_url",
    [
        "",
        "controller",
        "controller:5000",
        "ftp://controller",
        "http://",
        "http://:5000",
        "http://[::1",
        "http://c:port",
        "http://c:99999",
    ],
)
def test_no_address(auth_url: str) -> None:
    with pytest.raises(CollectionError, match="auth_url is missing or not a URL"):
        connection(auth={**AUTH, "auth_url": auth_url})


def test_domains_default_to_default() -> None:
    auth = connection().session.auth
    assert auth.auth_methods[0].user_domain_id == auth.project_domain_id == "default"
    auth = connection(auth={**AUTH, "user_domain_name": "heat"}).session.auth
    assert auth.auth_methods[0].user_domain_id is None
    assert auth.auth_methods[0].user_domain_name == "heat"


def test_certificates() -> None:
    assert connection().session.verify is True
    assert connection(ca_cert="/ca.pem").session.verify == "/ca.pem"
    assert connection(ca_cert="/ca.pem", validate_certs=False).session.verify is False
    assert connection(client_cert="/c.pem", client_key="/k.pem").session.cert == ("/c.pem", "/k.pem")
    assert connection(client_cert="/both.pem").session.cert == "/both.pem"


@pytest.mark.parametrize("option", ["ca_cert", "client_cert"])
def test_a_certificate_that_is_not_there(option: str) -> None:
    cloud = connection(auth={**AUTH, "auth_url": "https://127.0.0.1:1"}, **{option: "/nowhere/it.pem"})
    for ask in (cloud.access, lambda: cloud.identity.get("/services")):
        # Check mode goes on: it may come with the API.
        with pytest.raises(
            UnreachableError, match=r"/nowhere/it\.pem\. Check ca_cert, client_cert"
        ) as caught:
            ask()
        assert caught.value.code == "tls"


def test_an_option_that_no_plugin_knows_is_named_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clouds.yaml").write_text(
        "clouds:\n  lab:\n    auth: {auth_url: 'http://c:5000', username: admin, password: x, secret_typo: h1dden}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    with pytest.raises(CollectionError, match=r"Cannot connect to cloud lab: .*secret_typo") as caught:
        connection(cloud="lab", auth=None)
    assert "h1dden" not in str(caught.value)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"auth": {**AUTH, "pasword": "x"}}, "unexpected keyword argument 'pasword'"),
        ({"auth_type": "nonsense"}, "nonsense"),
        ({"auth_type": "v3applicationcredential", "auth": {"auth_url": "http://c:5000"}}, "must provide"),
    ],
)
def test_wrong_parameters(params: dict[str, Any], message: str) -> None:
    with pytest.raises(CollectionError, match=message) as caught:
        connection(**params)
    assert caught.value.code == "configuration"


def test_cloud_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clouds.yaml").write_text(
        "clouds:\n  lab:\n    region_name: RegionTwo\n    auth: {auth_url: 'http://c:5000', username: admin, "
        "password: fr0mfile, project_name: admin, user_domain_id: default, project_domain_id: default}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    redactor = Redactor()
    cloud = connection(redactor, cloud="lab", auth=None)
    assert cloud.auth_url == "http://c:5000/v3"
    assert redactor.text("fr0mfile") == MASK
    with pytest.raises(CollectionError, match="Cannot connect to cloud other: Cloud other was not found"):
        connection(cloud="other", auth=None)


@pytest.mark.parametrize("library", ["keystoneauth1", "openstack"])
def test_a_library_is_missing(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *arguments: Any, **options: Any) -> Any:
        if name.split(".")[0] == library:
            raise ImportError(f"No module named {library}")
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    # Check mode must be able to plan without it, so it is missed when something is asked for, not before.
    cloud = connection(cloud="lab" if library == "openstack" else None)
    for ask in (cloud.access, lambda: cloud.identity.get("/services"), lambda: cloud.session):
        with pytest.raises(UnreachableError, match="cannot be imported"):
            ask()
