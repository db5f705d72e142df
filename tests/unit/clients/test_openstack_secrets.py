# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values of a login are masked, and which stay readable."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS, connect
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
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
