# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: whose each is, which of them are generated here, and which are rotated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .inventory import unique

if TYPE_CHECKING:
    from .cloud import Cloud

OWNERS = {
    "cloud_admin_password": "keystone",
    "cloud_glance_database_password": "glance",
    "cloud_glance_password": "glance",
    "cloud_keystone_database_password": "keystone",
    "cloud_memcache_secret": "nova",
    "cloud_message_queue_secret": "message_queue_cluster",
    "cloud_message_queue_password": "message_queue",
    "cloud_metadata_secret": "neutron",
    "cloud_neutron_database_password": "neutron",
    "cloud_neutron_password": "neutron",
    "cloud_nova_database_password": "nova",
    "cloud_nova_password": "nova",
    "cloud_placement_database_password": "placement",
    "cloud_placement_password": "placement",
}
"""Whose account a secret belongs to: only those of services that are deployed here are generated and rotated."""

_OF_CELLS = ("cloud_cell_database_password_", "cloud_cell_message_queue_password_")
# The nodes of the message queue know each other by it: it is not rotated.
_NOT_ROTATED = "cloud_message_queue_secret"
# Check mode logs in with them, so they must stay those in use.
_IN_USE = ("cloud_admin_password", "cloud_message_queue_password")


def cell_names(cloud: Cloud) -> list[str]:
    """The secrets of additional cells, each of which has its own: who has those of one has nothing of the others."""
    return [f"{prefix}{cell}" for prefix in _OF_CELLS for cell in cloud.cell_controllers]


def of_cells(cloud: Cloud) -> dict[str, str]:
    """The values of these."""
    return {name: cloud.variables.get(name) or cloud.secret_values[name] for name in cell_names(cloud)}


def names(cloud: Cloud) -> list[str]:
    """The secrets that are generated here."""
    return [
        *(name for name, owner in OWNERS.items() if owner in cloud.services),
        *cell_names(cloud),
    ]


def rotated(cloud: Cloud) -> list[str]:
    """The secrets that this run rotates."""
    asked = cloud.variables["cloud_rotated_secrets"]
    if "all" in asked:
        return [name for name in unique(names(cloud)) if name != _NOT_ROTATED]
    return list(asked) if isinstance(asked, Sequence) and not isinstance(asked, str) else [asked]


def predicted(cloud: Cloud) -> list[str]:
    """Those of them that check mode may pretend to have rotated."""
    kept = {*_IN_USE, *cell_names(cloud)}
    return [name for name in unique(rotated(cloud)) if name not in kept]


def needed(cloud: Cloud) -> list[str]:
    """All that the roles log in with, whoever has made it."""
    admin = "cloud_admin_password" if "keystone" in cloud.variables["cloud_neighbours"] else "cloud_auth"
    return unique(
        [
            *names(cloud),
            admin,
            "cloud_message_queue_password",
            "cloud_metadata_secret",
            "cloud_neutron_password",
            "cloud_placement_password",
        ]
    )
