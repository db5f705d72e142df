# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Nova and Placement say of a cloud's services and hypervisors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """A Nova service. ``state`` (up, down): does it report? ``status`` (enabled, disabled): may it work?"""

    id: str
    host: str
    binary: str
    zone: str
    state: str
    status: str
    updated_at: str | None = None
    disabled_reason: str | None = None


@dataclass(frozen=True)
class Hypervisor:
    """A compute node that Nova lists, which it does only if the host of its service is mapped to a cell.

    ``id`` is also the ID of the resource provider in Placement; ``name`` that provider's name.
    """

    id: str
    name: str
    host: str
    type: str
    state: str
    status: str
    host_ip: str | None = None


@dataclass(frozen=True)
class Fleet:
    """All of them at one moment; ``providers`` are Placement's resource providers, ID and name."""

    services: tuple[Service, ...] = ()
    hypervisors: tuple[Hypervisor, ...] = ()
    providers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Compute:
    """A host of nova-compute. ``placement_provider`` is None unless all its hypervisors have one."""

    host: str
    state: str
    status: str
    mapped: bool
    placement_provider: str | None
