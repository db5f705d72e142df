# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client makes of Keystone's replies, those that other configurations give included."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.clients.openstack import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils.identity.client import Keystone
from ansible_collections.stackwright.nova.plugins.module_utils.identity.model import Account, Principal

ACCOUNT = Account("nova", "s3cret", "service", "Default", ("admin",))
REPLIES: dict[str, list[dict[str, Any]]] = {
    "services": [{"id": "s1", "type": "compute", "enabled": True}],
    "endpoints": [
        {
            "id": "e1",
            "service_id": "s1",
            "interface": "public",
            "region_id": None,
            "region": None,
            "url": "http://c:8774/v2/%(tenant_id)s",
            "enabled": True,
        }
    ],
    "regions": [{"id": "RegionOne"}],
    "roles": [{"id": "r1", "name": "admin", "domain_id": None}],
    "domains": [{"id": "default", "name": "Default"}, {"id": "h", "name": "heat"}],
    "projects": [{"id": "p1", "name": "service", "enabled": True}],
    "users": [
        {"id": "u0", "name": "glance", "enabled": True},
        {"id": "u1", "name": "nova", "enabled": True},
    ],
    "role_assignments": [
        {
            "user": {"id": "u1"},
            "role": {"id": "r1"},
            "scope": {"project": {"id": "p1"}, "OS-INHERIT:inherited_to": "projects"},
        },
        {"group": {"id": "g1"}, "role": {"id": "r1"}, "scope": {"project": {"id": "p1"}}},
        {"user": {"id": "u1"}, "role": {"id": "r2"}, "scope": {"project": {"id": "p1"}}},
    ],
}


class Replies:
    """A Cloud that gives recorded replies, ``page`` of a kind at once, with a link to the rest if ``pages``."""

    def __init__(self, *, page: int = 100, pages: bool = True, token_status: int = 201) -> None:
        self.page = page
        self.pages = pages
        self.token_status = token_status
        self.asked: list[str] = []

    def access(self) -> Any:
        return SimpleNamespace(
            user_domain_name="Default",
            user_domain_id="default",
            project_domain_name="Default",
            project_domain_id="default",
        )

    def get(self, service: str, path: str, **_options: Any) -> Any:
        assert service == "identity"
        self.asked.append(path)
        url = urlsplit(path)
        query = parse_qs(url.query)
        kind = url.path[1:]
        found = [
            one for one in REPLIES[kind] if one.get("name", "") == query.get("name", [one.get("name", "")])[0]
        ]
        start = int(query.pop("marker", ["0"])[0])
        end = start + self.page
        reply: dict[str, Any] = {kind: found[start:end], "links": {"next": None}}
        if end < len(found):
            reply["truncated"] = True
            if self.pages:
                rest = urlencode({**query, "marker": end}, doseq=True)
                reply["links"]["next"] = f"http://elsewhere{url.path}?{rest}"
        return reply

    def post(self, service: str, path: str, body: Any, **options: Any) -> Any:
        assert (service, path) == ("identity", "/auth/tokens?nocatalog")
        assert options["authenticated"] is False
        self.asked.append(body["auth"]["identity"]["password"]["user"]["id"])
        if self.token_status != 201:
            raise ApiError("create", "token", "", "refused", "See", status=self.token_status)
        return {}

    def delete(self, *_arguments: Any, **_options: Any) -> Any:
        raise ApiError("delete", "endpoint", "e1", "refused", "See", status=self.token_status)


def read(cloud: Replies, *accounts: Account, trusted: tuple[str, ...] = ()) -> Any:
    return Keystone(cloud).read(accounts, trusted)  # type: ignore[arg-type]


def test_reads_each_list_once() -> None:
    cloud = Replies()
    catalog = read(cloud, ACCOUNT, replace(ACCOUNT, user="neutron"))
    assert sorted(cloud.asked) == [
        "/endpoints",
        "/projects?domain_id=default&name=service",
        "/regions",
        "/role_assignments?scope.project.id=p1",
        "/roles",
        "/services",
        "/users?domain_id=default",
        "u1",
    ]
    assert catalog.users == (Principal("u1", "nova", "default", True),)
    assert catalog.domains == {"Default": "default"}
    assert catalog.authenticated == {"u1"}
    # Inherited assignments and those of groups do not count: they can go away without notice.
    assert catalog.assignments == {("u1", "p1", "r2")}
    (service,) = catalog.services
    assert (service.name, service.description) == ("", "")


def test_one_user_is_searched_by_name() -> None:
    cloud = Replies()
    assert [user.id for user in read(cloud, ACCOUNT).users] == ["u1"]
    assert "/users?domain_id=default&name=nova" in cloud.asked


def test_only_domains_that_our_own_token_does_not_name_are_listed() -> None:
    cloud = Replies()
    assert read(cloud, ACCOUNT, replace(ACCOUNT, domain="heat")).domains == {
        "Default": "default",
        "heat": "h",
    }
    assert cloud.asked[0] == "/domains"


def test_without_accounts_only_the_catalog_is_read() -> None:
    cloud = Replies()
    read(cloud)
    assert sorted(cloud.asked) == ["/endpoints", "/regions", "/services"]


def test_a_domain_may_be_named_by_its_id() -> None:
    assert read(Replies(), Account("nova", None, "service", "default", ())).domains == {"default": "default"}


def test_pages_are_followed() -> None:
    catalog = read(Replies(page=1), Account("nova", None, "service", "heat", ()))
    assert catalog.domains == {"heat": "h"}
    assert [user.id for user in catalog.users] == ["u1"]


def test_a_long_list_of_users_without_pages_is_searched_by_name() -> None:
    cloud = Replies(page=1, pages=False)
    with pytest.raises(CollectionError, match="Keystone gives only the first 1"):
        read(cloud, ACCOUNT)
    keystone = Keystone(cloud)  # type: ignore[arg-type]
    wanted = {("Default", "glance"), ("Default", "nova")}
    found = keystone._principals("users", wanted, {"Default": "default"})
    assert [user.id for user in found] == ["u0", "u1"]
    assert cloud.asked[-2:] == [f"/users?domain_id=default&name={name}" for name in ("glance", "nova")]


@pytest.mark.parametrize(("status", "works"), [(201, {"u1"}), (401, set())])
def test_passwords_are_tried(status: int, works: set[str]) -> None:
    assert read(Replies(token_status=status), ACCOUNT).authenticated == works


def test_trusted_passwords_are_not_tried() -> None:
    cloud = Replies(token_status=500)
    assert read(cloud, ACCOUNT, trusted=("u1",)).authenticated == {"u1"}


def test_a_trial_that_fails_for_another_reason_is_an_error() -> None:
    with pytest.raises(ApiError):
        read(Replies(token_status=500), ACCOUNT)


def test_what_is_gone_needs_no_deletion() -> None:
    Keystone(Replies(token_status=404)).delete("endpoint", "e1")  # type: ignore[arg-type]
    with pytest.raises(ApiError):
        Keystone(Replies(token_status=403)).delete("endpoint", "e1")  # type: ignore[arg-type]
