# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How services reach the message queue and their databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...filter.urls import database_url, transport_url

if TYPE_CHECKING:
    from .cloud import Cloud

# A node that lost its power says nothing, and is left after this many seconds instead of 60.
_CLUSTER_OPTIONS = {"heartbeat_timeout_threshold": 20}


def cloud_transport_url(cloud: Cloud) -> str:
    """The URL of the cloud's message queue."""
    variables = cloud.variables
    return transport_url(
        {
            "user": variables["cloud_message_queue_user"],
            "password": variables["cloud_message_queue_password"],
            "hosts": variables["cloud_message_queue_hosts"],
            "port": variables["cloud_message_queue_port"],
            "vhost": variables["cloud_message_queue_vhost"],
        }
    )


def transport_options(cloud: Cloud) -> dict[str, Any]:
    """What the URL cannot say. Without authorities oslo.messaging would accept any certificate."""
    found: dict[str, Any] = {}
    if cloud.variables["cloud_message_queue_tls"]:
        found.update(ssl=True, ssl_ca_file=cloud.variables["cloud_message_queue_ca_cert"])
    if cloud.queue_cluster:
        found.update(_CLUSTER_OPTIONS)
        found.update(cloud.platform["message_queue"].get("quorum_options", {}))
    return found


def account(cloud: Cloud) -> dict[str, Any]:
    """The services' account on the cloud's message queue, for modules that look at queues."""
    variables = cloud.variables
    return {
        "hosts": variables["cloud_message_queue_hosts"],
        "port": variables["cloud_message_queue_port"],
        "user": variables["cloud_message_queue_user"],
        "password": variables["cloud_message_queue_password"],
        "vhost": variables["cloud_message_queue_vhost"],
        "tls": variables["cloud_message_queue_tls"],
        "ca_cert": variables["cloud_message_queue_ca_cert"],
    }


def nova_account(cloud: Cloud) -> dict[str, Any]:
    """That of the host's cell, which Nova's services there use; what else is on the host uses the cloud's."""
    if not cloud.in_additional_cell:
        return account(cloud)
    return {
        **account(cloud),
        "hosts": [cloud.cell_hosts[cloud.cell]],
        "password": cloud.cell_secrets[f"cloud_cell_message_queue_password_{cloud.cell}"],
    }


def database_query(cloud: Cloud) -> dict[str, str]:
    """What the URLs of databases end with."""
    variables = cloud.variables
    return {"ssl_ca": variables["cloud_database_ca_cert"]} if variables["cloud_database_tls"] else {}


def connection(cloud: Cloud, user: str, database: str | None = None) -> str:
    """The URL of a service's database, by default the one that is called like its user."""
    variables = cloud.variables
    return database_url(
        {
            "user": user,
            "password": variables[f"cloud_{user}_database_password"],
            "host": variables["cloud_database_host"],
            "port": variables["cloud_database_port"],
            "database": database or user,
            "query": database_query(cloud),
        }
    )
