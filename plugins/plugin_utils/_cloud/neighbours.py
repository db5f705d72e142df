# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keystone, Glance and Placement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from .._platforms import combined
from . import identity, messaging
from .service import Api, Balanced, Item, Service, service

if TYPE_CHECKING:
    from .cloud import Cloud

# Deprecated since Rocky, and overruled by enabled_backends.
_OLD_STORE = {"stores": None, "default_store": None, "filesystem_store_datadir": None}
_CHANGES_OF_IMAGES = ("add_image", "copy_image", "delete_image", "modify_image", "upload_image")


def keystone(cloud: Cloud) -> Service:
    """Keystone. Its registration is that of all services: one session, and their own roles find it done."""
    there, variables = cloud.platform["keystone"], cloud.variables
    options = {
        "database": {"connection": messaging.connection(cloud, "keystone")},
        "token": {"provider": "fernet"},
        # Every request renders the catalog to check its token; from the cache that takes a tenth of the time. What
        # another controller changed it must know.
        "cache": {
            "enabled": cloud.cache_shared,
            "backend": "oslo_cache.memcache_pool",
            "memcache_servers": variables["cloud_memcached_servers"],
        },
    }
    return service(
        cloud,
        "keystone",
        packages=there["packages"],
        database=_database(cloud, "keystone"),
        files=[
            {
                "path": "/etc/keystone/keystone.conf",
                "options": combined(options, variables["keystone_options"]),
            }
        ],
        links=there["links"],
        uwsgi=there["uwsgi"],
        apis=[Api(there["unit"], there["port"], each["path"]) for each in there["uwsgi"]],
        tls=there.get("tls"),
        one_thread=there["one_thread"],
        schema={"config_file": "/etc/keystone/keystone.conf"},
        registration=identity.registrations(cloud),
        units=[{"name": there["unit"]}],
        balanced=[Balanced("keystone", there["port"], there["unit"])],
        # The next tasks use the URL, which may lead through a load balancer that must find Keystone first.
        answers=[f"{variables['cloud_host_url']}:{there['port']}/v3", variables["cloud_identity_url"]],
    )


def key_directories(cloud: Cloud) -> list[str]:
    """Where Keystone's keys are."""
    options = cloud.variables["keystone_options"]
    return [
        (options.get(section) or {}).get("key_repository", directory)
        for section, directory in (
            ("fernet_tokens", "/etc/keystone/fernet-keys"),
            ("credential", "/etc/keystone/credential-keys"),
        )
    ]


def client_files(cloud: Cloud) -> list[dict[str, Any]]:
    """Where clients look for the cloud, and how they reach it from there."""
    variables = cloud.variables
    on_host = {
        "path": variables["keystone_client_file"],
        "host": cloud.name,
        "become": True,
        "auth_url": variables["cloud_identity_url"],
        "interface": variables["cloud_interface"],
        "cacert": variables["cloud_ca_cert"] or None,
    }
    first = cloud.name in cloud.controllers[:1]
    on_control_node = {
        "path": variables["keystone_client_control_node_file"] if first else "",
        "host": "localhost",
        "become": False,
        "auth_url": variables["cloud_identity_public_url"],
        "interface": "public",
        "cacert": _authority_of_control_node(cloud) or None,
    }
    return [each for each in (on_host, on_control_node) if each["path"]]


def _authority_of_control_node(cloud: Cloud) -> str:
    """The authority's certificate where Ansible runs, "" where it is not there."""
    from pathlib import Path

    variables = cloud.variables
    if not cloud.tls:
        return ""
    files = variables["cloud_certificate_files"]
    if files:
        return str(files["ca"]) if variables["cloud_certificate_place"] == "control_node" else ""
    return f"{Path(variables['cloud_certificates_directory']).expanduser()}/ca.crt"


def glance(cloud: Cloud) -> Service:
    """Glance, which reads from its own file where it listens, unlike the other APIs."""
    there, variables = cloud.platform["glance"], cloud.variables
    options = combined(_glance_options(cloud), variables["glance_options"])
    units = _glance_unit(cloud, options["DEFAULT"]) if cloud.tls else []
    policies = [_glance_policy(cloud)] if cloud.several else []
    found = service(
        cloud,
        "glance",
        packages=there["packages"],
        database=_database(cloud, "glance"),
        files=[{"path": "/etc/glance/glance-api.conf", "options": options}],
        uwsgi=there["uwsgi"],
        tls=there.get("tls"),
        schema={"config_file": "/etc/glance/glance-api.conf"},
        registration=[identity.registration(cloud, "glance")],
        units=[{"name": there["unit"]}],
        whole_files=[*units, *policies],
        one_thread=cloud.tls,
        answers=[_glance_answer(cloud, options["DEFAULT"])],
        balanced=[Balanced("glance", there["port"], there["unit"])],
    )
    unit = {**found.units[0], "watch": [*found.units[0]["watch"], *(each["path"] for each in units)]}
    return Service(**{**vars(found), "units": [unit]})


def _glance_options(cloud: Cloud) -> dict[str, Any]:
    variables = cloud.variables
    behind = bool(variables["cloud_internal_address"])
    return {
        "DEFAULT": {
            "enabled_backends": {"file": "file", "http": "http"},
            **({"bind_host": variables["cloud_management_address"]} if behind else {}),
        },
        "database": {"connection": messaging.connection(cloud, "glance")},
        "keystone_authtoken": identity.authtoken(cloud, "glance", caches=True),
        "paste_deploy": {"flavor": "keystone"},
        "glance_store": {"default_backend": "file", **_OLD_STORE},
        "file": {"filesystem_store_datadir": variables["glance_datadir"]},
    }


def _glance_answer(cloud: Cloud, listens: Item) -> str:
    host = listens.get("bind_host", "0.0.0.0")
    url = cloud.variables["cloud_host_url"] if host in ("0.0.0.0", "::") else f"{cloud.scheme}://{host}"
    return f"{url}:{listens.get('bind_port', cloud.platform['glance']['port'])}/"


def _glance_policy(cloud: Cloud) -> Item:
    """Several controllers whose images are on the first: the others know what images there are.

    So instances boot whose image a compute host has; the others change nothing of the images.
    """
    shared = cloud.variables["glance_datadir_shared"] or cloud.leads
    rules = {} if shared else dict.fromkeys(_CHANGES_OF_IMAGES, "!")
    return {
        "path": "/etc/glance/policy.d/stackwright.yaml",
        "content": yaml.safe_dump(rules, indent=4, default_flow_style=False, width=1000),
    }


def _glance_unit(cloud: Cloud, listens: Item) -> list[Item]:
    """With TLS uwsgi serves the API, from the file that the package has for it."""
    there = cloud.platform["glance"]
    socket = (
        f"{listens.get('bind_host', '')}:{listens.get('bind_port', there['port'])}"
        f",{there['tls']['certificate']},{there['tls']['private_key']}"
    )
    command = f"{there['tls_program']} --https-socket {socket} --ini {there['uwsgi'][0]['path']}"
    return [
        {"path": there["tls_unit_file"], "content": f"[Service]\nExecStart=\nExecStart={command}\n"},
    ]


def placement(cloud: Cloud) -> Service:
    """Placement."""
    there, variables = cloud.platform["placement"], cloud.variables
    options = {
        "placement_database": {"connection": messaging.connection(cloud, "placement")},
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": identity.authtoken(cloud, "placement", caches=True),
    }
    return service(
        cloud,
        "placement",
        packages=there["packages"],
        database=_database(cloud, "placement"),
        files=[
            {
                "path": "/etc/placement/placement.conf",
                "options": combined(options, variables["placement_options"]),
            }
        ],
        lines=there["lines"],
        uwsgi=there["uwsgi"],
        apis=[Api(there["unit"], there["port"], each["path"]) for each in there["uwsgi"]],
        tls=there.get("tls"),
        schema={"config_file": "/etc/placement/placement.conf"},
        registration=[identity.registration(cloud, "placement")],
        units=[{"name": there["unit"]}],
        balanced=[Balanced("placement", there["port"], there["unit"])],
        answers=[f"{variables['cloud_host_url']}:{there['port']}/"],
    )


def _database(cloud: Cloud, service_name: str) -> dict[str, Any]:
    return {
        "names": [service_name],
        "user": service_name,
        "password": cloud.variables[f"cloud_{service_name}_database_password"],
    }
