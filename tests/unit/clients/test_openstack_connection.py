# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to the APIs: what it is made of, and how its failures read."""

from __future__ import annotations

import builtins
import contextlib
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import (
    ARGUMENTS,
    ApiError,
    Cloud,
    connect,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import MASK, Redactor
from keystoneauth1 import exceptions

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
    for ask in (cloud.access, lambda: cloud.get("identity", "/services")):
        # Check mode goes on: it may come with the API.
        with pytest.raises(
            UnreachableError, match=r"/nowhere/it\.pem\. Check ca_cert, client_cert"
        ) as caught:
            ask()
        assert caught.value.code == "tls"


def test_only_secrets_are_masked() -> None:
    # A dictionary that is no_log hands all of its values to the redactor.
    redactor = Redactor(AUTH.values())
    connection(redactor)
    assert redactor.text("admin on http://c:5000 with s3cret/pw or s3cret%2Fpw") == (
        f"admin on http://c:5000 with {MASK} or {MASK}"
    )


@pytest.mark.parametrize(
    "auth",
    [
        {"oauth2_client_secret": "h1dden"},
        {"consumer_secret": "h1dden", "access_secret": "x"},
        {"some_plugins_own_option": "h1dden"},
        {"some-plugins-own-option": ["a", {"b": "h1dden"}]},
        {"auth_methods": ["v3password", "v3totp"], "passcode": 12345678},
        {"password": b"h1dden"},
    ],
)
def test_whatever_is_not_known_to_be_public_is_masked(auth: dict[str, Any]) -> None:
    redactor = Redactor()
    with contextlib.suppress(CollectionError):
        connection(redactor, auth={**AUTH, **auth, "truth": True, "nothing": None})
    assert redactor.text("h1dden 12345678") in (f"{MASK} 12345678", f"h1dden {MASK}")
    readable = "admin on http://c:5000 v3password True None a x"
    assert redactor.text(readable) == readable


def test_a_user_in_the_address_is_masked() -> None:
    redactor = Redactor()
    with pytest.raises(CollectionError, match="auth_url is missing or not a URL"):
        connection(redactor, auth={**AUTH, "auth_url": "http://admin:S3cret/Tail@c:5000/v3"})
    assert redactor.text("at Tail@c:5000") == f"at {MASK}@c:5000"


def test_an_address_that_is_none_is_not_shown() -> None:
    with pytest.raises(CollectionError) as caught:
        connection(auth={**AUTH, "auth_url": "admin:S3cret@c:5000"})
    assert "S3cret" not in str(caught.value)


def test_secrets_of_a_file_that_are_not_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clouds.yaml").write_text(
        "clouds:\n  lab:\n    region_name: RegionTwo\n    client_secret: bes1de\n    auth_type: v3oauth1\n"
        "    auth: {auth_url: 'http://c:5000', consumer_key: k3ykey, consumer_secret: h1dden, access_key: acc3ss, "
        "access_secret: d3eper}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    redactor = Redactor()
    connection(redactor, cloud="lab", auth=None)
    assert redactor.text("k3ykey h1dden acc3ss d3eper bes1de") == " ".join([MASK] * 5)
    assert redactor.text("RegionTwo http://c:5000") == "RegionTwo http://c:5000"


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


def test_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
    for name, value in {
        "OS_AUTH_URL": "http://c:5000",
        "OS_USERNAME": "admin",
        "OS_PASSWORD": "fr0menv",
        "OS_PROJECT_NAME": "admin",
        "OS_ACCESS_SECRET": "h1dden",
        "OS_REGION_NAME": "RegionTwo",
    }.items():
        monkeypatch.setenv(name, value)
    redactor = Redactor()
    connection(redactor, auth=None)
    assert redactor.text("fr0menv h1dden") == f"{MASK} {MASK}"
    assert redactor.text("admin RegionTwo http://c:5000") == "admin RegionTwo http://c:5000"


def test_a_password_like_the_name_stays_masked() -> None:
    redactor = Redactor()
    connection(redactor, auth={**AUTH, "password": "admin"})
    assert redactor.text("admin") == MASK


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
    for ask in (cloud.access, lambda: cloud.get("identity", "/services"), lambda: cloud.session):
        with pytest.raises(UnreachableError, match="cannot be imported"):
            ask()


class Session:
    """A keystoneauth session that gives one answer."""

    def __init__(self, answer: Exception | requests.Response) -> None:
        self.answer = answer
        self.asked: tuple[Any, ...] = ()

    def request(self, path: str, method: str, **options: Any) -> requests.Response:
        self.asked = (method, path, options)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answering(answer: Exception | requests.Response) -> tuple[Cloud, Session]:
    session = Session(answer)
    return Cloud(session, "http://c:5000/v3", interface="internal", region_name="RegionOne"), session


def response(status: int, body: bytes) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body
    return made


def test_identity_needs_no_catalog() -> None:
    cloud, session = answering(response(200, b'{"users": []}'))
    assert cloud.get("identity", "/users") == {"users": []}
    assert session.asked == ("GET", "/users", {"endpoint_override": "http://c:5000/v3"})


def test_other_services_are_found_in_the_catalog() -> None:
    cloud, session = answering(response(204, b""))
    assert cloud.put("compute", "/x", {"a": 1}, microversion="2.53") == {}
    found = {"service_type": "compute", "interface": "internal", "region_name": "RegionOne"}
    assert session.asked == (
        "PUT",
        "/x",
        {"endpoint_filter": found, "json": {"a": 1}, "microversion": "2.53"},
    )


def test_a_reply_that_is_not_json() -> None:
    assert answering(response(200, b"healthy"))[0].get("image", "/") == {"text": "healthy"}


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            exceptions.ConnectFailure(
                "Unable to establish connection to http://c:5000/v3/users: HTTPConnectionPool(host='c', "
                "port=5000): Max retries exceeded (Caused by NewConnectionError('<urllib3.Connection>: "
                "Failed to establish a new connection: [Errno 111] Connection refused'))"
            ),
            UnreachableError,
            r"Cannot read user nova: Unable to establish connection to http://c:5000/v3/users "
            r"\(connection refused\)\. See whether the API runs",
        ),
        (exceptions.ConnectTimeout("timed out"), UnreachableError, "timed out"),
        (exceptions.EndpointNotFound("no endpoint"), UnreachableError, "Register the endpoint"),
        (
            exceptions.ServiceUnavailable(),
            UnreachableError,
            "See whether the service behind this address runs",
        ),
        (exceptions.SSLError("bad certificate"), CollectionError, "Set ca_cert"),
        (exceptions.Unauthorized("no"), ApiError, "Check the user, password, project and domains"),
        (exceptions.Forbidden("no"), ApiError, "Use a user whose roles allow it"),
        (exceptions.InternalServerError("no"), ApiError, "See the service's log"),
        (exceptions.MissingAuthPlugin("no"), CollectionError, "Check auth and auth_type"),
    ],
)
def test_failures(raised: Exception, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        answering(raised)[0].get("identity", "/users/1", subject="user nova")
    assert isinstance(caught.value, UnreachableError) is (kind is UnreachableError)


def test_a_status_is_a_field() -> None:
    with pytest.raises(ApiError) as caught:
        answering(exceptions.Conflict("Duplicate entry"))[0].post("identity", "/users", {})
    assert (caught.value.status, caught.value.code) == (409, "http_409")
