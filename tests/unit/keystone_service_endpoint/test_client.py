# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client makes of Keystone's replies, those that other configurations give included."""

from __future__ import annotations

import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.client import (
    Keystone,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.parameters import (
    ServiceUser,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.state import (
    Principal,
)

USER = ServiceUser("nova", "s3cret", "service", "Default", ("admin",))
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
    "domains": [
        {"id": "default", "name": "Default", "enabled": True},
        {"id": "h", "name": "heat", "enabled": True},
        {"id": "x", "name": "gone", "enabled": False},
    ],
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


# What a list_limit in keystone.conf does not cut, and what it cuts though it has no pages.
_WHOLE = ("regions", "role_assignments")
_WITHOUT_PAGES = ("services", "endpoints", "roles")


class Replies(Cloud):
    """A Cloud that gives recorded replies.

    ``list_limit`` of a kind at once; with ``pages`` with a link to the rest, as Keystone 27 and later. That
    one also has a ``max_db_limit``, beyond which it leaves out users and projects without saying so.
    """

    def __init__(
        self, *, list_limit: int = 100, pages: bool = True, max_db_limit: int = 100, token_status: int = 201
    ) -> None:
        self.list_limit = list_limit
        self.pages = pages
        self.max_db_limit = max_db_limit
        self.token_status = token_status
        self.replies = copy.deepcopy(REPLIES)
        self.asked: list[str] = []

    def access(self) -> Any:
        return SimpleNamespace(
            user_domain_name="Default",
            user_domain_id="default",
            project_domain_name="Default",
            project_domain_id="default",
        )

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        assert service == "identity"
        if method == "POST":
            return self._token(path, options["json"], options["authenticated"])
        if method == "DELETE":
            raise ApiError("delete", "endpoint", "e1", "refused", "See", status=self.token_status)
        assert len(self.asked) < 50, f"the same again and again: {self.asked[-3:]}"
        self.asked.append(path)
        url = urlsplit(path)
        query = dict(parse_qsl(url.query))
        kind = url.path[1:]
        if "limit" in query and (kind in _WHOLE or not self.pages):
            raise ApiError("read", kind, "", "limit was unexpected", "See", status=400)
        found = [one for one in self.replies[kind] if query.get("name") in (None, one.get("name"))]
        if kind in ("users", "projects", "domains"):
            found = found[: self.max_db_limit]
        start, size = int(query.pop("marker", "0")), self.list_limit
        if kind in _WITHOUT_PAGES:
            start, size = 0, min(int(query.get("limit", size)), self.max_db_limit)
        end = len(found) if kind in _WHOLE else start + size
        reply: dict[str, Any] = {kind: found[start:end], "links": {"next": None}}
        if end < len(found):
            reply["truncated"] = True
            if self.pages:
                rest = urlencode({**query, "marker": end, "limit": size})
                reply["links"]["next"] = f"http://elsewhere{url.path}?{rest}"
        return reply

    def more(self, kind: str, number: int) -> None:
        """Copies of the first of a kind, with names and IDs of their own, before it."""
        first = self.replies[kind][0]
        self.replies[kind][:0] = [
            {**first, "id": f"more-{one}", "name": f"more-{one}"} for one in range(number)
        ]

    def _token(self, path: str, body: Any, authenticated: bool) -> Any:
        assert (path, authenticated) == ("/auth/tokens?nocatalog", False)
        self.asked.append(body["auth"]["identity"]["password"]["user"]["id"])
        if self.token_status != 201:
            raise ApiError("create", "token", "", "refused", "See", status=self.token_status)
        return {}


def read(cloud: Replies, *users: ServiceUser, trusted: tuple[str, ...] = ()) -> Any:
    return Keystone(cloud).read(users, trusted)


def test_reads_each_list_once() -> None:
    cloud = Replies()
    state = read(cloud, USER, replace(USER, name="glance", password=None))
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
    assert state.users == (
        Principal("u0", "glance", "default", True),
        Principal("u1", "nova", "default", True),
    )
    assert state.domains == {"Default": "default"}
    assert state.authenticated == {"u1"}
    # Inherited assignments and those of groups do not count: they can go away without notice.
    assert state.assignments == {("u1", "p1", "r2")}
    (service,) = state.services
    assert (service.name, service.description) == ("", "")


def test_one_user_is_searched_by_name() -> None:
    cloud = Replies()
    assert [user.id for user in read(cloud, USER).users] == ["u1"]
    assert "/users?domain_id=default&name=nova" in cloud.asked


def test_only_domains_that_our_own_token_does_not_name_are_listed() -> None:
    cloud = Replies()
    assert read(cloud, USER, replace(USER, domain="heat")).domains == {
        "Default": "default",
        "heat": "h",
    }
    assert cloud.asked[0] == "/domains"


def test_without_accounts_only_the_catalog_is_read() -> None:
    cloud = Replies()
    read(cloud)
    assert sorted(cloud.asked) == ["/endpoints", "/regions", "/services"]


def test_a_domain_may_be_named_by_its_id() -> None:
    assert read(Replies(), ServiceUser("nova", None, "service", "default", ())).domains == {
        "default": "default"
    }


def test_pages_are_followed() -> None:
    state = read(Replies(list_limit=1), ServiceUser("nova", None, "service", "heat", ()))
    assert state.domains == {"heat": "h"}
    assert [user.id for user in state.users] == ["u1"]


@pytest.mark.parametrize("kind", ["services", "endpoints", "roles"])
def test_a_list_whose_next_page_is_the_first_again_is_read_without_limit(kind: str) -> None:
    cloud = Replies(list_limit=2)
    cloud.more(kind, 5)
    state = read(cloud, USER)
    assert len(getattr(state, kind)) == 6
    assert [path for path in cloud.asked if path.startswith(f"/{kind}")] == [
        f"/{kind}",
        f"/{kind}?marker=2&limit=2",
        f"/{kind}?limit=1000000",
    ]


@pytest.mark.parametrize("options", [{"pages": False}, {"max_db_limit": 4}])
def test_a_list_of_which_keystone_gives_a_part_only(options: dict[str, Any]) -> None:
    cloud = Replies(list_limit=3, **options)
    cloud.more("services", 5)
    with pytest.raises(
        CollectionError, match=r"Keystone gives only the first [34]\. Raise list_limit"
    ) as cut:
        read(cloud)
    assert cut.value.code == "truncated"


def test_a_long_list_of_users_without_pages_is_searched_by_name() -> None:
    cloud = Replies(list_limit=1, pages=False)
    state = read(cloud, USER, replace(USER, name="glance", password=None))
    assert sorted(user.id for user in state.users) == ["u0", "u1"]
    assert [path for path in cloud.asked if path.startswith("/users")] == [
        "/users?domain_id=default",
        "/users?domain_id=default&name=nova",
    ]


def test_a_domain_that_the_list_leaves_out_is_searched_by_name() -> None:
    cloud = Replies(max_db_limit=1)
    assert read(cloud, replace(USER, domain="heat")).domains == {"heat": "h"}
    assert "/domains?name=heat" in cloud.asked


@pytest.mark.parametrize("domain", ["gone", "x"])
def test_a_domain_may_be_disabled(domain: str) -> None:
    state = read(Replies(), replace(USER, domain=domain), replace(USER, domain="heat"))
    assert state.disabled_domains == {domain}


@pytest.mark.parametrize("kind", ["users", "projects"])
def test_what_a_list_leaves_out_silently_is_searched_by_name(kind: str) -> None:
    cloud = Replies(max_db_limit=2)
    cloud.more(kind, 5)
    users = (USER, replace(USER, name="new", project="new"), replace(USER, name="more-0"))
    state = read(cloud, *users)
    assert {"nova", "service"} & {one.name for one in getattr(state, kind)}
    assert "new" not in {one.name for one in getattr(state, kind)}
    assert f"/{kind}?domain_id=default&name=new" in cloud.asked


@pytest.mark.parametrize(("status", "works"), [(201, {"u1"}), (401, set())])
def test_passwords_are_tried(status: int, works: set[str]) -> None:
    assert read(Replies(token_status=status), USER).authenticated == works


def test_trusted_passwords_are_not_tried() -> None:
    cloud = Replies(token_status=500)
    assert read(cloud, USER, trusted=("u1",)).authenticated == {"u1"}


def test_a_trial_that_fails_for_another_reason_is_an_error() -> None:
    with pytest.raises(ApiError):
        read(Replies(token_status=500), USER)


def test_what_is_gone_needs_no_deletion() -> None:
    Keystone(Replies(token_status=404)).delete("endpoint", "e1")
    with pytest.raises(ApiError):
        Keystone(Replies(token_status=403)).delete("endpoint", "e1")
