# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the catalog, the users and their roles as wanted, or takes them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..engine.errors import CollectionError
from ..engine.plan import Plan
from .draft import Draft
from .model import ID, Account, Catalog, Endpoint, Pending, Principal, Registration, Service


def plan_registrations(
    desired: Sequence[Registration],
    current: Catalog,
    *,
    heal: bool = True,
    update_password: bool = True,
) -> Plan:
    """The plan that registers services.

    Of several with the same name and type, the service with the smallest ID stays: every run, on whatever
    controller, decides alike. ``heal`` False makes more than one an error. ``update_password`` False leaves
    the passwords of users alone that exist already.
    """
    draft = Draft(current)
    before = _shown(desired, draft)
    for wanted in desired:
        if wanted.account:
            _ensure_account(wanted.account, draft, update_password)
        _ensure_service(wanted, draft, heal)
    for wanted in desired:
        _drop_copies(wanted, draft)
    return _plan(desired, draft, before, warnings=_other_names(desired, current))


def plan_removals(desired: Sequence[Registration], current: Catalog) -> Plan:
    """The plan that takes services out of their region, and out of the catalog when no other has them.

    Their users go with them, but for those of services that stay.
    """
    draft = Draft(current)
    before = _shown(desired, draft)
    regions: dict[tuple[str, str], set[str | None]] = {}
    for unwanted in desired:
        regions.setdefault((unwanted.name, unwanted.type), {None}).add(unwanted.region)
    others = {service: _other_regions(service, where, draft) for service, where in regions.items()}
    kept = _remove_users(desired, others, draft)
    for (name, kind), elsewhere in others.items():
        for service in draft.services_named(name, kind):
            if not elsewhere[service.id]:
                draft.delete_service(service)
                continue
            kept.append(f"Service {name} stays: it has endpoints in {', '.join(elsewhere[service.id])}.")
            for endpoint in list(draft.endpoints[service.id].values()):
                if endpoint.region in regions[name, kind]:
                    draft.delete_endpoint(endpoint)
    return _plan(desired, draft, before, warnings=kept)


def _other_regions(
    service: tuple[str, str], unwanted: Collection[str | None], draft: Draft
) -> dict[ID, list[str]]:
    """Where else the services of this name and type have endpoints, by their IDs."""
    return {
        one.id: sorted(
            {str(two.region) for two in draft.endpoints[one.id].values() if two.region not in unwanted}
        )
        for one in draft.services_named(*service)
    }


def _remove_users(
    desired: Sequence[Registration], others: Mapping[tuple[str, str], Mapping[ID, list[str]]], draft: Draft
) -> list[str]:
    """Delete the users of services that go in all regions; returns what to say of the others."""
    accounts = [(one.account, one) for one in desired if one.account]
    needed = {
        (account.domain, account.user): one.name
        for account, one in accounts
        if any(others[one.name, one.type].values())
    }
    stay = []
    for domain, name in dict.fromkeys((account.domain, account.user) for account, _ in accounts):
        user = draft.user(name, domain)
        if user and (domain, name) in needed:
            stay.append(f"User {name} stays: service {needed[domain, name]} needs it.")
        elif user:
            draft.delete_user(user, domain)
    return stay


def _ensure_account(account: Account, draft: Draft, update_password: bool) -> None:
    _require_domain(account, draft)
    project = draft.project(account.project, account.domain)
    if project is None:
        project = draft.create_project(account.project, account.domain)
    elif not project.enabled:
        draft.enable_project(project, account.domain)
    user = _ensure_user(account, draft, update_password)
    for role in account.roles:
        if role not in draft.roles:
            draft.create_role(role)
        if (user.id, project.id, draft.roles[role]) not in draft.assignments:
            draft.assign(user, project, role, account.domain)


def _ensure_user(account: Account, draft: Draft, update_password: bool) -> Principal:
    user = draft.user(account.user, account.domain)
    if user is None:
        if account.password is None:
            raise CollectionError(
                "create",
                "user",
                account.user,
                "no password is given",
                "Set the password of the service's user",
                code="invalid",
            )
        return draft.create_user(account.user, account.domain, account.password)
    # A disabled user cannot authenticate, so that its password cannot be tested. It has no valid tokens
    # either that a write would revoke.
    outdated = update_password and account.password is not None and user.id not in draft.authenticated
    if outdated or not user.enabled:
        draft.update_user(
            user,
            account.domain,
            enable=not user.enabled,
            password=account.password if outdated else None,
        )
    return user


def _require_domain(account: Account, draft: Draft) -> None:
    if account.domain not in draft.domains:
        raise CollectionError(
            "register",
            "user",
            account.user,
            f"Keystone has no domain {account.domain}",
            "Create the domain first, or correct its name",
            code="not_found",
        )
    # It is not the service's own, and others whom it shuts out would be let in again.
    if account.domain in draft.disabled_domains:
        raise CollectionError(
            "register",
            "user",
            account.user,
            f"domain {account.domain} is disabled, so that nobody in it can authenticate",
            "Enable the domain first",
            code="disabled",
        )


def _ensure_service(wanted: Registration, draft: Draft, heal: bool) -> None:
    copies = draft.services_named(wanted.name, wanted.type)
    if len(copies) > 1 and not heal:
        raise _duplicate("service", f"{wanted.name} of type {wanted.type}", copies)
    if not copies:
        copies = [draft.create_service(wanted.name, wanted.type, wanted.description or "", wanted.enabled)]
    service = copies[0]
    changes: dict[str, Any] = {}
    if wanted.description not in (None, service.description):
        changes["description"] = wanted.description
    if service.enabled != wanted.enabled:
        changes["enabled"] = wanted.enabled
    if changes:
        draft.update_service(service, changes)
    for interface, url in wanted.endpoints.items():
        _ensure_endpoint(wanted, interface, url, copies, draft, heal)


def _ensure_endpoint(
    wanted: Registration, interface: str, url: str | None, copies: list[Service], draft: Draft, heal: bool
) -> None:
    service = copies[0]
    found = [
        endpoint
        for copy in copies
        for endpoint in draft.endpoints[copy.id].values()
        if (endpoint.region, endpoint.interface) == (wanted.region, interface)
    ]
    found.sort(key=lambda one: (one.url != url, one.service_id != service.id, str(one.id)))
    if url is None:
        for endpoint in found:
            draft.delete_endpoint(endpoint)
        return
    if wanted.region not in draft.regions:
        draft.create_region(wanted.region)
    if not found:
        draft.create_endpoint(service, wanted.region, interface, url)
        return
    if len(found) > 1 and not heal:
        raise _duplicate("endpoint", f"{wanted.name} {interface} in {wanted.region}", found)
    kept, *others = found
    changes: dict[str, Any] = {}
    if kept.service_id != service.id:
        changes["service_id"] = service.id
    if kept.url != url:
        changes["url"] = url
    if not kept.enabled:
        changes["enabled"] = True
    if changes:
        draft.update_endpoint(kept, changes)
    for endpoint in others:
        draft.delete_endpoint(endpoint)


def _drop_copies(wanted: Registration, draft: Draft) -> None:
    """Delete all services of this name and type but one, which takes over the endpoints nobody named."""
    kept, *others = draft.services_named(wanted.name, wanted.type)
    for service in others:
        for endpoint in list(draft.endpoints[service.id].values()):
            if _place(endpoint) not in map(_place, draft.endpoints[kept.id].values()):
                draft.update_endpoint(endpoint, {"service_id": kept.id})
        draft.delete_service(service)


def _place(endpoint: Endpoint) -> tuple[str | None, str]:
    return endpoint.region, endpoint.interface


def _duplicate(kind: str, name: str, copies: Sequence[Service | Endpoint]) -> CollectionError:
    ids = [str(copy.id) for copy in copies]
    return CollectionError(
        "register",
        kind,
        name,
        f"Keystone has {len(ids)} of them ({', '.join(ids)})",
        "Delete all but one, or set duplicates to heal",
        code="duplicate",
        ids=ids,
    )


def _other_names(desired: Sequence[Registration], current: Catalog) -> list[str]:
    names: dict[str, set[str]] = {}
    for wanted in desired:
        names.setdefault(wanted.type, set()).add(wanted.name)
    return [
        f"Another service of type {service.type} is registered: {service.name} ({service.id}). "
        "Clients that search by type may find either."
        for service in current.services
        if service.enabled and service.name not in names.get(service.type, {service.name})
    ]


def _plan(
    desired: Sequence[Registration], draft: Draft, before: dict[str, Any], warnings: Iterable[str]
) -> Plan:
    return Plan(
        steps=draft.steps,
        before=before,
        after=_shown(desired, draft),
        result={"services": [_result(wanted, draft) for wanted in desired]},
        warnings=tuple(warnings),
    )


def _shown(desired: Sequence[Registration], draft: Draft) -> dict[str, Any]:
    """The managed part of Keystone's state as the diff shows it; nothing where nothing exists."""
    shown = {
        "services": {
            f"{one.name} ({one.type})": copies for one in desired if (copies := _copies(one, draft))
        },
        "users": {
            f"{account.domain}/{account.user} on {account.project}": user
            for account in (one.account for one in desired)
            if account and (user := _user(account, draft))
        },
    }
    return {kind: things for kind, things in shown.items() if things}


def _copies(wanted: Registration, draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "description": service.description,
            "enabled": service.enabled,
            "endpoints": sorted(
                f"{one.region} {one.interface} {one.url}" + ("" if one.enabled else " (disabled)")
                for one in draft.endpoints[service.id].values()
            ),
        }
        for service in draft.services_named(wanted.name, wanted.type)
    ]


def _user(account: Account, draft: Draft) -> dict[str, Any]:
    user = draft.user(account.user, account.domain)
    if user is None:
        return {}
    project = draft.project(account.project, account.domain)
    shown: dict[str, Any] = {
        "enabled": user.enabled,
        "project_enabled": project and project.enabled,
        "roles": sorted(_roles(user, project, draft)),
    }
    if account.password is not None:
        shown["password"] = "as given" if user.id in draft.authenticated else "another"
    return shown


def _roles(user: Principal, project: Principal | None, draft: Draft) -> list[str]:
    if project is None:
        return []
    return [role for role, one in draft.roles.items() if (user.id, project.id, one) in draft.assignments]


def _result(wanted: Registration, draft: Draft) -> dict[str, Any]:
    service = next(iter(draft.services_named(wanted.name, wanted.type)), None)
    result: dict[str, Any] = {
        "name": wanted.name,
        "type": wanted.type,
        "region": wanted.region,
        "id": service and _known(service.id),
        "endpoints": {
            one.interface: {"id": _known(one.id), "url": one.url, "region": one.region}
            for one in (draft.endpoints[service.id].values() if service else ())
            if one.region == wanted.region
        },
        "user_id": None,
        "project_id": None,
        "roles": [],
    }
    account = wanted.account
    if account:
        user = draft.user(account.user, account.domain)
        project = draft.project(account.project, account.domain)
        result["user_id"] = user and _known(user.id)
        result["project_id"] = project and _known(project.id)
        result["roles"] = sorted(_roles(user, project, draft)) if user else []
    return result


def _known(one: ID) -> str | None:
    return None if isinstance(one, Pending) else one
