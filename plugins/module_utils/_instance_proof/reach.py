# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an instance is reached on its floating IP."""

from __future__ import annotations

from typing import Callable

from .._engine.proof import MISSING, PROVEN, SKIPPED, Part
from .._engine.waiting import Clock, wait_until
from . import console
from .outside import Outside
from .resources import Resource

FLOATING_IP = "floating IP"
_POLL_SECONDS = 2.0
# Where neither instance nor router has answered by then, there is no way to them.
_SIGHT_SECONDS = 20.0


def seen_from_outside(
    address: str, text: str, router: Resource, viewpoint: Outside, timeout: float, clock: Clock
) -> Part:
    """The part of a floating IP, whose page must say ``text`` within ``timeout`` seconds.

    Only from where its router is seen can it be said that it is not.
    """
    gateway, place = _gateway(router), viewpoint.name

    def answers() -> bool:
        return console.found(text, viewpoint.page(address) or "") is not None

    def wait(look: Callable[[], bool], seconds: float) -> bool:
        return wait_until(bool, look, timeout=seconds, interval=_POLL_SECONDS, clock=clock)

    in_sight = wait(lambda: answers() or (bool(gateway) and viewpoint.echoes(gateway)), _SIGHT_SECONDS)
    if not in_sight:
        detail = f"{place} has no way into the external network: not even the router at {gateway} answers it"
        return Part(FLOATING_IP, SKIPPED, detail)
    if wait(answers, timeout):
        return Part(FLOATING_IP, PROVEN, f"{address} answers {place} with {text}")
    return Part(
        FLOATING_IP,
        MISSING,
        f"{address} does not answer {place} with {text} after {timeout:g} seconds,"
        f" although the router at {gateway} is there",
        remedy="Look into the log of the L3 agent (with OVN: of ovn-controller) on the controller; where a firewall"
        " of the site lets no HTTP through, ask for no floating_ip",
    )


def _gateway(router: Resource) -> str:
    """The router's IPv4 address in the external network; "" where Neutron does not say."""
    fixed = (router.body.get("external_gateway_info") or {}).get("external_fixed_ips") or []
    return next((str(one["ip_address"]) for one in fixed if ":" not in one["ip_address"]), "")
