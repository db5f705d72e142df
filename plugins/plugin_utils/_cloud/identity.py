# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How services log in at Keystone, what checks tokens, and what Keystone has to know of each service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cloud import Cloud

_REGISTERED = {
    "keystone": ("identity", "OpenStack Identity", "identity"),
    "glance": ("image", "OpenStack Image", "image"),
    "placement": ("placement", "OpenStack Placement", "placement"),
    "neutron": ("network", "OpenStack Networking", "network"),
    "nova": ("compute", "OpenStack Compute", "compute"),
}


def authorities(cloud: Cloud) -> dict[str, Any]:
    """What all sections that speak to an API have; null takes the option out where the host's authorities do."""
    return {"cafile": cloud.variables["cloud_ca_cert"] or None}


def login(cloud: Cloud, user: str) -> dict[str, Any]:
    """What [service_user], [placement] and their like log in with."""
    variables = cloud.variables
    return {
        **authorities(cloud),
        "auth_type": "password",
        "auth_url": variables["cloud_identity_url"],
        "project_name": variables["cloud_service_project"],
        "project_domain_name": "Default",
        "user_domain_name": "Default",
        "username": user,
        "password": variables[f"cloud_{user}_password"],
    }


def regional_login(cloud: Cloud, user: str) -> dict[str, Any]:
    """The same for sections that name the region in this way."""
    return {**login(cloud, user), "region_name": cloud.variables["cloud_region"]}


def authtoken(cloud: Cloud, user: str, *, caches: bool) -> dict[str, Any]:
    """[keystone_authtoken]. ``caches``: an API checks tokens there; a compute host has no use for the key.

    Service tokens let long operations outlive a user's token, and are mandatory since CVE-2023-2088.
    """
    variables = cloud.variables
    found = {
        **regional_login(cloud, user),
        "www_authenticate_uri": variables["cloud_identity_public_url"],
        "interface": variables["cloud_interface"],
        "memcached_servers": variables["cloud_memcached_servers"],
        "service_token_roles": ["service"],
        "service_token_roles_required": True,
    }
    return {**found, **token_cache(cloud)} if caches else found


def token_cache(cloud: Cloud) -> dict[str, Any]:
    """How validated tokens are kept in memcached."""
    return {
        "memcache_security_strategy": "ENCRYPT",
        "memcache_secret_key": cloud.variables["cloud_memcache_secret"],
    }


def adapter(cloud: Cloud) -> dict[str, Any]:
    """For the sections of services that another service speaks to."""
    return {
        **authorities(cloud),
        "region_name": cloud.variables["cloud_region"],
        "valid_interfaces": [cloud.variables["cloud_interface"]],
    }


def registration(cloud: Cloud, service: str) -> dict[str, Any]:
    """The entry of a service for stackwright.nova.keystone_service_endpoint."""
    variables = cloud.variables
    kind, description, name = _REGISTERED[service]
    internal = variables[f"cloud_{name}_url"]
    user = {}
    if service != "keystone":
        user = {
            "user": service,
            "password": variables[f"cloud_{service}_password"],
            "project": variables["cloud_service_project"],
        }
    return {
        "name": service,
        "type": kind,
        "description": description,
        **user,
        "region": variables["cloud_region"],
        "endpoints": {
            "public": variables[f"cloud_{name}_public_url"],
            "internal": internal,
            "admin": internal,
        },
    }


def registrations(cloud: Cloud) -> list[dict[str, Any]]:
    """Those of all services that are deployed here."""
    return [registration(cloud, service) for service in _REGISTERED if service in cloud.services]
