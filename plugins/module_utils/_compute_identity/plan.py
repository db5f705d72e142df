# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the certificate still serves, and which files to write: a pure decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .._formats.x509 import Certificate, authorities
from .._shared.certificate_files import PUBLIC, SECRET, SHARED, create_key_step, remove_step, write_step
from . import places
from .parameters import Desired
from .state import State
from .store import HostStore

# What check mode hands on in the place of keys that only a real run makes.
UNMADE_KEY = "ssh-ed25519 (made by a real run)"


def plan(desired: Desired, current: State) -> Plan[HostStore]:
    """Write what differs; ask for a certificate where none serves and none is offered.

    Raises CollectionError for a certificate of the site that does not serve.
    """
    serving = _serving(desired, current)
    steps = [*_file_steps(desired, current, serving)]
    if serving is None and not current.request:
        steps.append(create_key_step(places.PENDING_KEY))
    if serving is not None and current.request:
        steps.append(remove_step(places.PENDING_KEY))
    if not current.user_key:
        steps.append(
            Step[HostStore](
                f"sudo -u {desired.user} ssh-keygen -t ed25519 -N '' -f ~{desired.user}/.ssh/id_ed25519",
                lambda store: store.create_user_key(desired.user),
            )
        )
    return Plan(
        stages=in_order(steps),
        before=_described(desired, current, current.certificate),
        after={
            **_described(desired, current, serving or current.certificate),
            **({"certificate": "to be issued"} if serving is None else {}),
            "ssh_key": "present",
            "trust": "current",
        },
        result={
            "request": current.request if serving is None else "",
            "certificate": serving.summary() if serving else {},
            "public_key": current.user_key or UNMADE_KEY,
            "host_keys": list(current.host_keys),
        },
        unmet=() if current.host_keys else (_no_ssh_server(),),
    )


def _serving(desired: Desired, current: State) -> Certificate | None:
    """The certificate that the host shall have; None where it is still to be issued."""
    if desired.own:
        _refuse_unfit(desired, current)
        return current.offered
    used, offered = current.certificate, current.offered
    if used and used.serves(desired.names, current.now, desired.renew_days):
        return used
    # Just issued: however short it lasts, the authority has no other.
    return offered if offered and offered.serves(desired.names, current.now, 0) else None


def _refuse_unfit(desired: Desired, current: State) -> None:
    """The site renews its certificates by itself: only what cannot work at all is refused."""
    own, found = desired.own, current.offered
    if not own or not found:
        return
    cause = found.unfitness(desired.names, current.now, own.private_key, own.ca)
    if cause:
        raise CollectionError("use", "certificate", own.certificate, cause, "Have the site issue another one")


def _file_steps(desired: Desired, current: State, serving: Certificate | None) -> Iterator[Step[HostStore]]:
    contents: list[tuple[str, str, int, str]] = []
    if serving:
        contents += [(path, serving.key, SECRET, "root") for path in places.KEY_OF_LIBVIRT]
        contents += [(path, serving.key, SHARED, desired.emulator_group) for path in places.KEY_OF_EMULATOR]
        contents += [(path, serving.text, PUBLIC, "root") for path in places.CERTIFICATE]
    contents += [(path, _believed(current, serving), PUBLIC, "root") for path in places.CA]
    contents += [(path, current.trust.revoked, PUBLIC, "root") for path in places.REVOKED]
    for path, text, mode, group in contents:
        stored = current.files.get(path)
        if not text:
            if stored:
                yield remove_step(path)
        elif stored is None or stored.text != text or stored.mode != mode:
            yield write_step(path, text, mode, group)


def _believed(current: State, certificate: Certificate | None) -> str:
    return authorities(current.trust, certificate.text) if certificate else current.trust.certificate


def _described(desired: Desired, current: State, certificate: Certificate | None) -> dict[str, Any]:
    trusted = all(current.text(path) == _believed(current, certificate) for path in places.CA) and all(
        current.text(path) == current.trust.revoked for path in places.REVOKED
    )
    return {
        "certificate": certificate.summary() if certificate else "none",
        "ssh_key": "present" if current.user_key else "absent",
        "trust": "current" if trusted else "outdated",
    }


def _no_ssh_server() -> CollectionError:
    return CollectionError(
        "find",
        "host keys of",
        "the SSH server",
        "there are no /etc/ssh/ssh_host_*_key.pub",
        "Install openssh-server: Nova copies the files of stopped instances over SSH",
        code="not_found",
    )
