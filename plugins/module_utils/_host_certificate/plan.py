# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the certificate still serves, and which files to write: a pure decision."""

from __future__ import annotations

from collections.abc import Iterator

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .._formats.x509 import Certificate, authorities
from .._shared.certificate_files import PUBLIC, SECRET, SHARED, create_key_step, remove_step, write_step
from .client import CertificateStore
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[CertificateStore]:
    """Write what differs; ask for a certificate where none serves and none is offered.

    Raises CollectionError for a certificate of the site that does not serve.
    """
    serving = _serving(desired, current)
    steps = [*_file_steps(desired, current, serving)]
    if serving is None and not current.request:
        steps.append(create_key_step(desired.pending_key))
    if serving is not None and current.request:
        steps.append(remove_step(desired.pending_key))
    before = current.certificate.summary() if current.certificate else None
    return Plan(
        stages=in_order(steps),
        before={"certificate": before, "written": []},
        after={
            "certificate": serving.summary() if serving else "to be issued",
            "written": [step.command for step in steps],
        },
        result={
            "request": current.request if serving is None else "",
            "certificate": serving.summary() if serving else {},
        },
        unmet=tuple(_missing_groups(desired, current)),
    )


def _serving(desired: Desired, current: State) -> Certificate | None:
    """The certificate that the host shall have; None where it is still to be issued."""
    if desired.site:
        _refuse_unfit(desired, current)
        return current.offered
    used, offered = current.certificate, current.offered
    if used and used.serves(desired.names, current.now, desired.renew_days):
        return used
    # Just issued: however short it lasts, the authority has no other.
    return offered if offered and offered.serves(desired.names, current.now, 0) else None


def _refuse_unfit(desired: Desired, current: State) -> None:
    """The site renews its certificates by itself: only what cannot work at all is refused."""
    site, found = desired.site, current.offered
    if not site:
        return
    cause = "it is no certificate in PEM form"
    if found:
        cause = found.unfitness(desired.names, current.now, site.private_key, site.ca)
    if cause:
        raise CollectionError(
            "use", "certificate", site.certificate, cause, "Have the site issue another one"
        )


def _file_steps(
    desired: Desired, current: State, serving: Certificate | None
) -> Iterator[Step[CertificateStore]]:
    contents: list[tuple[str, str, int, str]] = []
    believed = authorities(current.trust, serving.text) if serving else current.trust.certificate
    for place in desired.places:
        contents.append((place.ca, believed, PUBLIC, "root"))
        if serving:
            shared = SECRET if place.group == "root" else SHARED
            contents.append((place.private_key, serving.key, shared, place.group))
            contents.append((place.certificate, serving.text, PUBLIC, "root"))
        contents.append((place.revoked, current.trust.revoked, PUBLIC, "root"))
    for path, text, mode, group in contents:
        stored = current.files.get(path)
        if path and stored and not text:
            yield remove_step(path)
        if not path or not text:
            continue
        if stored and (stored.text, stored.mode, stored.gid) == (text, mode, current.groups.get(group)):
            continue
        yield write_step(path, text, mode, group)


def _missing_groups(desired: Desired, current: State) -> Iterator[CollectionError]:
    keys: dict[str, str] = {each.group: each.private_key for each in desired.places}
    for group, path in keys.items():
        if group not in current.groups:
            yield CollectionError(
                "give",
                "private key",
                path,
                f"the host has no group {group}, which is to read it",
                "Install the packages of the service first",
                code="not_found",
            )
