# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance under proof, and what is wrong with one that does not boot or does not say what it must."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.proof import MISSING, Part
from . import novnc
from .resources import Resource

_TRACEBACK_LINES = 8


@dataclass
class Guest:
    """One instance under proof; ``host`` is where it booted first, ``moved_to`` where it was since then."""

    host: str
    server: Resource
    started: float
    address: str = ""
    log: str = ""
    failed: bool = False
    lines: dict[str, str] = field(default_factory=dict)
    answered: novnc.Screen | None = None
    moved_to: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The host on which it is now."""
        return self.moved_to[-1] if self.moved_to else self.host

    def facts(self, network: Resource) -> dict[str, str]:
        """What the cloud knows of it, for console.PLACEHOLDERS; ``network`` is the one that it is on."""
        return {
            "address": self.address,
            "host": self.place,
            "instance_id": self.server.id,
            "mtu": str(network.body.get("mtu", "")),
            "name": self.server.name,
        }

    def as_dict(self) -> dict[str, Any]:
        """The instance as the module returns it."""
        return {
            "id": self.server.id,
            "name": self.server.name,
            "host": self.host,
            "moved_to": list(self.moved_to),
            "address": self.address,
            "console": dict(self.lines),
            "novnc_page": self.answered.page if self.answered else None,
            "novnc_banner": self.answered.banner if self.answered else None,
            "novnc_picture": _as_text(self.answered.picture) if self.answered else None,
        }


def faulty(guest: Guest, body: Mapping[str, Any], seconds: float) -> Part:
    """The part of an instance that Nova gave up; ``body`` is the server as the API describes it."""
    fault = body.get("fault", {})
    message = fault.get("message", "no fault reported").strip(" .")
    # A traceback's rulers under its lines say nothing here.
    details = [line for line in fault.get("details", "").splitlines() if line.strip(" ^")]
    return Part(
        "instance",
        MISSING,
        f"Nova gave it up: {message}",
        subject=guest.host,
        seconds=seconds,
        evidence=tuple(details[-_TRACEBACK_LINES:]),
        remedy=_fault_remedy(message),
    )


def _fault_remedy(message: str) -> str:
    if "No valid host" in message:
        return (
            "Look into the log of nova-scheduler; compare what the flavor asks with"
            " `openstack resource provider inventory list`, and see that nova-compute is up and enabled"
        )
    return "Look into the log of nova-compute on its host"


def console_remedy(log: str, part: str) -> str:
    """What to do about a part that a guest with this console log did not say."""
    if not log.strip():
        return (
            "The guest said nothing at all: it does not run. Try [libvirt] virt_type = qemu on its host,"
            " and look into /var/log/libvirt/qemu there"
        )
    if part == "metadata":
        return (
            "Look into the logs of nova-api-metadata on the controller and of neutron-metadata-agent there, or of"
            " neutron-ovn-metadata-agent on the compute host; their metadata_proxy_shared_secret must be the same"
        )
    return (
        "Look into the logs of neutron-dhcp-agent on the controller and of the agents or ovn-controller of both hosts;"
        " VXLAN (UDP 8472; Geneve: UDP 6081) must pass between their tunnel addresses"
    )


def _as_text(picture: bytes) -> str | None:
    return base64.b64encode(picture).decode("ascii") if picture else None
