# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the services and between the releases, as far as their options are concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERIES = (
    *(
        "ocata",
        "pike",
        "queens",
        "rocky",
        "stein",
        "train",
        "ussuri",
        "victoria",
        "wallaby",
        "xena",
        "yoga",
        "zed",
    ),
    *("2023.1", "2023.2", "2024.1", "2024.2", "2025.1", "2025.2", "2026.1", "2026.2"),
)

NAMES = {
    "antelope": "2023.1",
    "bobcat": "2023.2",
    "caracal": "2024.1",
    "dalmatian": "2024.2",
    "epoxy": "2025.1",
    "flamingo": "2025.2",
    "gazpacho": "2026.1",
    "hibiscus": "2026.2",
}

# What every service brings: oslo's namespaces, the middleware, key managers.
LIBRARIES = ("oslo.*", "keystonemiddleware.*", "osprofiler", "castellan.config")

# Registered when a service starts and declared in no namespace: [module, attribute, group].
UNLISTED = (("keystonemiddleware.auth_token._auth", "OPTS", "keystone_authtoken"),)

_STRING: Mapping[str, Any] = {"type": {"is": "string"}}
_LIST: Mapping[str, Any] = {"type": {"is": "list", "item": {"is": "string"}}}
_NUMBER: Mapping[str, Any] = {"type": {"is": "integer"}}
_BOOLEAN: Mapping[str, Any] = {"type": {"is": "boolean"}}

# keystoneauth's session options, which castellan registers when it first talks to a key manager.
_SESSION = {
    **dict.fromkeys(("cafile", "certfile", "keyfile"), _STRING),
    **dict.fromkeys(("insecure", "collect_timing", "split_loggers"), _BOOLEAN),
    "timeout": _NUMBER,
}
_KEY_MANAGERS = {"barbican": _SESSION, "vault": _SESSION}
_METRICS = {
    "oslo_messaging_metrics": {
        "metrics_enabled": _BOOLEAN,
        **dict.fromkeys(("metrics_buffer_size", "metrics_thread_stop_timeout"), _NUMBER),
        **dict.fromkeys(("metrics_socket_file", "metrics_process_name"), _STRING),
    }
}

# Sections with the options of oslo.privsep, one for each set of privileges.
_PRIVILEGES = (
    ("", "", "privsep_*", "privsep"),
    ("", "", "*_sys_admin", "privsep"),
    ("", "", "vif_plug_*_privileged", "privsep"),
)


@dataclass(frozen=True)
class Service:
    """One service: where its options are declared, and which of them are made up at run time.

    ``first`` is its major version in Ocata. ``dynamic`` has the options of the sections whose names
    (globs) the operator chooses, or that are registered at run time. ``named`` are sections like another one:
    (section, option) whose value names them, a glob of names that are always theirs, and the section whose
    options they have.
    """

    distribution: str
    package: str
    first: int
    libraries: tuple[str, ...] = LIBRARIES
    plugins: tuple[str, ...] = ()
    dynamic: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    named: tuple[tuple[str, str, str, str], ...] = ()

    def harvest_arguments(self) -> dict[str, Any]:
        """What ``harvest.harvest`` wants to know about the service."""
        return {
            "distribution": self.distribution,
            "plugins": self.plugins,
            "libraries": self.libraries,
            "unlisted": UNLISTED,
        }


SERVICES: Mapping[str, Service] = {
    "nova": Service(
        "nova",
        "python3-nova",
        15,
        libraries=(*LIBRARIES, "os_brick", "os_vif", "os_win", "oslo_vmware"),
        dynamic={
            **_KEY_MANAGERS,
            **_METRICS,
            "mdev_*": {"device_addresses": _LIST, "max_instances": _NUMBER, "mdev_class": _STRING},
            "vgpu_*": {"device_addresses": _LIST, "max_instances": _NUMBER, "mdev_class": _STRING},
            "neutron_physnet_*": {"numa_nodes": _LIST},
            "neutron_tunnel": {"numa_nodes": _LIST},
        },
        named=_PRIVILEGES,
    ),
    "keystone": Service("keystone", "python3-keystone", 11, dynamic=_METRICS),
    "glance": Service(
        "glance",
        "python3-glance",
        14,
        libraries=(*LIBRARIES, "glance.store", "glance.multi_store", "os_brick"),
        dynamic={**_KEY_MANAGERS, **_METRICS},
        named=(("DEFAULT", "enabled_backends", "os_glance_*", "glance_store"), *_PRIVILEGES),
    ),
    "placement": Service("openstack-placement", "python3-placement", -3),
    "neutron": Service(
        "neutron",
        "python3-neutron",
        10,
        plugins=("neutron-*", "networking-*"),
        dynamic=_METRICS,
        named=_PRIVILEGES,
    ),
}


def series(service: str, version: str) -> str:
    """The series that a version of a service belongs to ("26.2.2" of nova: "zed"); "" for one not known."""
    major = version.split(".", 1)[0]
    index = int(major) - SERVICES[service].first if major.isdigit() else -1
    return SERIES[index] if 0 <= index < len(SERIES) else ""


def find_series(service: str, release: str) -> str:
    """The series that a user means by a name ("zed", "Antelope", "2023.1") or by a major version ("26").

    Raises ValueError where there is no such series.
    """
    wanted = release.strip().lower()
    wanted = NAMES.get(wanted, wanted)
    if wanted in SERIES:
        return wanted
    found = series(service, wanted)
    if not found:
        raise ValueError(f"there is no release {release!r} of {service}")
    return found


def major(service: str, name: str) -> int:
    """A service's major version in a series."""
    return SERVICES[service].first + SERIES.index(name)
