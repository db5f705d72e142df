# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof builds on: things of the cloud that it uses and leaves as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._clients.nova_api import COMPUTE, Nova
from .._clients.openstack_api import Api, Cloud
from .._clients.openstack_errors import unless_gone
from .._engine.errors import CollectionError


def image(images: Api, name: str) -> Mapping[str, Any]:
    """The one active image of a name or id."""
    subject, quoted = f"image {name}", quote(name, safe="")
    found = images.get(f"/images?name={quoted}", subject=subject)["images"]
    if not found:
        with unless_gone():
            found = [images.get(f"/images/{quoted}", subject=subject)]
    active: list[Mapping[str, Any]] = [body for body in found if body["status"] == "active"]
    if len(active) == 1:
        return active[0]
    cause = f"{len(active)} active images have that name" if active else "the cloud has no such active image"
    raise CollectionError("find", "image", name, cause, "Give the id of an active image", code="not_found")


def external_network(network: Api, name: str | None) -> Mapping[str, Any] | None:
    """The external network of a name; with None the first that has a subnet, if any; with "" none."""
    if name == "":
        return None
    query = "/networks?router:external=true" + (f"&name={quote(name, safe='')}" if name else "")
    networks = network.get(query, subject="external networks")["networks"]
    usable = sorted((body for body in networks if body["subnets"]), key=lambda body: body["name"])
    if name and not usable:
        cause, remedy = "the cloud has none of that name with a subnet", "Create it, or name another one"
        raise CollectionError("find", "external network", name, cause, remedy, code="not_found")
    return usable[0] if usable else None


def compute_hosts(cloud: Cloud) -> tuple[str, ...]:
    """The compute hosts that are up and enabled, in the order of their names."""
    services = Nova(cloud).services()
    return tuple(sorted(one.host for one in services if one.binary == COMPUTE and one.takes_work))
