# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells beside the first one, each with its own controller, database and message queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...filter.urls import database_url, transport_url

if TYPE_CHECKING:
    from .cloud import Cloud


def controllers(cloud: Cloud) -> dict[str, str]:
    """The controller of each additional cell, by the name of the cell."""
    found = {}
    for name in cloud.group("cell_controller"):
        cell = cloud.inventory.of(name, "cloud_cell")
        if cell:
            found[str(cell)] = name
    return found


def hosts(cloud: Cloud) -> dict[str, str]:
    """The host under which the controller of each additional cell is reached, by the name of the cell."""
    return {
        cell: str(cloud.inventory.of(controller, "cloud_cell_host") or cloud.inventory.address(controller))
        for cell, controller in cloud.cell_controllers.items()
    }


def urls(cloud: Cloud, name: str) -> dict[str, str]:
    """An additional cell with its URLs, as stackwright.nova.cell_v2 takes it."""
    from .messaging import database_query

    variables = cloud.variables
    host, secrets = cloud.cell_hosts[name], cloud.cell_secrets
    return {
        "name": name,
        "transport_url": transport_url(
            {
                "user": variables["cloud_message_queue_user"],
                "password": secrets[f"cloud_cell_message_queue_password_{name}"],
                "hosts": [host],
                "port": variables["cloud_message_queue_port"],
                "vhost": variables["cloud_message_queue_vhost"],
            }
        ),
        "database_connection": database_url(
            {
                "user": "nova",
                "password": secrets[f"cloud_cell_database_password_{name}"],
                "host": host,
                "port": variables["cloud_database_port"],
                "database": "nova",
                "query": database_query(cloud),
            }
        ),
    }


def additional(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """All additional cells by their names."""
    return {name: urls(cloud, name) for name in cloud.cell_hosts}
