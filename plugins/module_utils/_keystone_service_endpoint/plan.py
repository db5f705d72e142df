# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What registers services with their users and roles, or takes them out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .._engine.draft import ID, known
from .._engine.errors import CollectionError
from .._engine.plan import Plan, Stage
from .batches import batches
from .draft import CatalogDraft
from .parameters import Desired, Registration, ServiceUser
from .state import CatalogEndpoint, CatalogService, Principal, State
from .writer import CatalogWriter


def plan(desired: Desired, current: State) -> Plan[CatalogWriter]:
    """What registers the services, or takes them out.

    Raises CollectionError for what cannot be registered: a domain that is missing, a user without a password,
    duplicates that are not to be healed.
    """
    draft = CatalogDraft(current)
    before = _summary(desired, draft)
    warnings = _register(desired, current, draft) if desired.present else _remove(desired, draft)
    return Plan(
        # What can be made side by side is one stage.
        stages=tuple(Stage(tuple(batch)) for batch in batches(draft.steps)),
        before=before,
        after=_summary(desired, draft),
        result={"services": [_result(registration, draft) for registration in desired.registrations]},
        warnings=tuple(warnings),
    )


def _register(desired: Desired, current: State, draft: CatalogDraft) -> list[str]:
    """Register them; returns warnings.

    Of several with the same name and type, the service with the smallest ID stays: every run, on whatever
    controller, decides alike.
    """
    for registration in desired.registrations:
        if registration.user:
            _ensure_account(registration.user, draft, desired.update_password)
        _ensure_service(registration, draft, desired.heal)
    for registration in desired.registrations:
        _drop_copies(registration, draft)
    return _other_names(desired, current)


def _remove(desired: Desired, draft: CatalogDraft) -> list[str]:
    """Take services out of their region, and out of the catalog when no other has them; returns warnings.

    Their users go with them, but for those of services that stay.
    """
    regions: dict[tuple[str, str], set[str | None]] = {}
    for registration in desired.registrations:
        regions.setdefault((registration.name, registration.type), {None}).add(registration.region)
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
    return kept


def _other_regions(
    service: tuple[str, str], regions: Collection[str | None], draft: CatalogDraft
) -> dict[ID, list[str]]:
    """In which regions but ``regions`` the services of this name and type have endpoints, by their IDs."""
    return {
        one.id: sorted(
            {str(two.region) for two in draft.endpoints[one.id].values() if two.region not in regions}
        )
        for one in draft.services_named(*service)
    }


def _remove_users(
    desired: Desired, others: Mapping[tuple[str, str], Mapping[ID, list[str]]], draft: CatalogDraft
) -> list[str]:
    """Delete the users of services that go in all regions; returns what to say of the others."""
    needed = {
        (one.user.domain, one.user.name): one.name
        for one in desired.registrations
        if one.user and any(others[one.name, one.type].values())
    }
    stay = []
    for domain, name in dict.fromkeys((user.domain, user.name) for user in desired.users):
        user = draft.user(name, domain)
        if user and (domain, name) in needed:
            stay.append(f"User {name} stays: service {needed[domain, name]} needs it.")
        elif user:
            draft.delete_user(user, domain)
    return stay


def _ensure_account(account: ServiceUser, draft: CatalogDraft, update_password: bool) -> None:
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


def _ensure_user(account: ServiceUser, draft: CatalogDraft, update_password: bool) -> Principal:
    user = draft.user(account.name, account.domain)
    if user is None:
        if account.password is None:
            raise CollectionError(
                "create",
                "user",
                account.name,
                "no password is given",
                "Set the password of the service's user",
                code="invalid",
            )
        return draft.create_user(account.name, account.domain, account.password)
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


def _require_domain(account: ServiceUser, draft: CatalogDraft) -> None:
    if account.domain not in draft.domains:
        raise CollectionError(
            "register",
            "user",
            account.name,
            f"Keystone has no domain {account.domain}",
            "Create the domain first, or correct its name",
            code="not_found",
        )
    # It is not the service's own, and others whom it shuts out would be let in again.
    if account.domain in draft.disabled_domains:
        raise CollectionError(
            "register",
            "user",
            account.name,
            f"domain {account.domain} is disabled, so that nobody in it can authenticate",
            "Enable the domain first",
            code="disabled",
        )


def _ensure_service(registration: Registration, draft: CatalogDraft, heal: bool) -> None:
    copies = draft.services_named(registration.name, registration.type)
    if len(copies) > 1 and not heal:
        raise _duplicate("service", f"{registration.name} of type {registration.type}", copies)
    if not copies:
        copies = [
            draft.create_service(
                registration.name, registration.type, registration.description or "", registration.enabled
            )
        ]
    service = copies[0]
    changes: dict[str, Any] = {}
    if registration.description not in (None, service.description):
        changes["description"] = registration.description
    if service.enabled != registration.enabled:
        changes["enabled"] = registration.enabled
    if changes:
        draft.update_service(service, changes)
    for interface, url in registration.endpoints.items():
        _ensure_endpoint(registration, interface, url, copies, draft, heal)


def _ensure_endpoint(
    registration: Registration,
    interface: str,
    url: str | None,
    copies: list[CatalogService],
    draft: CatalogDraft,
    heal: bool,
) -> None:
    service = copies[0]
    found = [
        endpoint
        for copy in copies
        for endpoint in draft.endpoints[copy.id].values()
        if (endpoint.region, endpoint.interface) == (registration.region, interface)
    ]
    found.sort(key=lambda one: (one.url != url, one.service_id != service.id, str(one.id)))
    if url is None:
        for endpoint in found:
            draft.delete_endpoint(endpoint)
        return
    if registration.region not in draft.regions:
        draft.create_region(registration.region)
    if not found:
        draft.create_endpoint(service, registration.region, interface, url)
        return
    if len(found) > 1 and not heal:
        raise _duplicate("endpoint", f"{registration.name} {interface} in {registration.region}", found)
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


def _drop_copies(registration: Registration, draft: CatalogDraft) -> None:
    """Delete all services of this name and type but one, which takes over the endpoints nobody named."""
    kept, *others = draft.services_named(registration.name, registration.type)
    for service in others:
        for endpoint in list(draft.endpoints[service.id].values()):
            if _place(endpoint) not in map(_place, draft.endpoints[kept.id].values()):
                draft.update_endpoint(endpoint, {"service_id": kept.id})
        draft.delete_service(service)


def _place(endpoint: CatalogEndpoint) -> tuple[str | None, str]:
    return endpoint.region, endpoint.interface


def _duplicate(kind: str, name: str, copies: Sequence[CatalogService | CatalogEndpoint]) -> CollectionError:
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


def _other_names(desired: Desired, current: State) -> list[str]:
    names: dict[str, set[str]] = {}
    for registration in desired.registrations:
        names.setdefault(registration.type, set()).add(registration.name)
    return [
        f"Another service of type {service.type} is registered: {service.name} ({service.id}). "
        "Clients that search by type may find either."
        for service in current.services
        if service.enabled and service.name not in names.get(service.type, {service.name})
    ]


def _summary(desired: Desired, draft: CatalogDraft) -> dict[str, Any]:
    """The managed part of Keystone's state, as the diff has it; nothing where nothing exists."""
    summary = {
        "services": {
            f"{one.name} ({one.type})": copies
            for one in desired.registrations
            if (copies := _copies(one, draft))
        },
        "users": {
            f"{one.domain}/{one.name} on {one.project}": account
            for one in desired.users
            if (account := _account(one, draft))
        },
    }
    return {kind: things for kind, things in summary.items() if things}


def _copies(registration: Registration, draft: CatalogDraft) -> list[dict[str, Any]]:
    return [
        {
            "description": service.description,
            "enabled": service.enabled,
            "endpoints": sorted(
                f"{one.region} {one.interface} {one.url}" + ("" if one.enabled else " (disabled)")
                for one in draft.endpoints[service.id].values()
            ),
        }
        for service in draft.services_named(registration.name, registration.type)
    ]


def _account(account: ServiceUser, draft: CatalogDraft) -> dict[str, Any]:
    user = draft.user(account.name, account.domain)
    if user is None:
        return {}
    project = draft.project(account.project, account.domain)
    summary: dict[str, Any] = {
        "enabled": user.enabled,
        "project_enabled": project and project.enabled,
        "roles": sorted(_roles(user, project, draft)),
    }
    if account.password is not None:
        summary["password"] = "as given" if user.id in draft.authenticated else "another"
    return summary


def _roles(user: Principal, project: Principal | None, draft: CatalogDraft) -> list[str]:
    if project is None:
        return []
    return [role for role, one in draft.roles.items() if (user.id, project.id, one) in draft.assignments]


def _result(registration: Registration, draft: CatalogDraft) -> dict[str, Any]:
    service = next(iter(draft.services_named(registration.name, registration.type)), None)
    result: dict[str, Any] = {
        "name": registration.name,
        "type": registration.type,
        "region": registration.region,
        "id": service and known(service.id),
        "endpoints": {
            one.interface: {"id": known(one.id), "url": one.url, "region": one.region}
            for one in (draft.endpoints[service.id].values() if service else ())
            if one.region == registration.region
        },
        "user_id": None,
        "project_id": None,
        "roles": [],
    }
    account = registration.user
    if account:
        user = draft.user(account.name, account.domain)
        project = draft.project(account.project, account.domain)
        result["user_id"] = user and known(user.id)
        result["project_id"] = project and known(project.id)
        result["roles"] = sorted(_roles(user, project, draft)) if user else []
    return result
