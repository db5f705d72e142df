# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of all roles of a host: one installation instead of one a role."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .inventory import unique
from .variables import ROLES

if TYPE_CHECKING:
    from .cloud import Cloud

_VIRTUALENV = "virtualenv"


def packages(cloud: Cloud) -> list[str]:
    """The packages of the distribution."""
    variables, platform = cloud.variables, cloud.platform
    components = variables["packages_neutron_components"]
    several: list[str] = []
    if cloud.is_controller and cloud.database_cluster and "database" in variables["packages_roles"]:
        several += platform["database"]["cluster_packages"]
    if cloud.is_controller and cloud.balanced:
        several += platform["load_balancer"]["packages"]
    return unique(
        [
            *(each for role in variables["packages_roles"] for each in platform[role]["packages"]),
            *(each for part in components for each in platform["neutron"]["packages"][part]),
            *(platform["virtualenv"]["packages"] if _from_pypi(cloud) else []),
            *several,
        ]
    )


def release(cloud: Cloud) -> dict[str, Any]:
    """With cloud_source virtualenv: the release, and what its packages would bring beside their code. {} without."""
    if not _from_pypi(cloud):
        return {}
    variables, platform = cloud.variables, cloud.platform
    components = variables["packages_neutron_components"]
    more = platform["neutron"].get("component_parts", {}) if components else {}
    parts = [
        *(platform[role]["parts"] for role in variables["packages_roles"] if "parts" in platform[role]),
        *([platform["neutron"]["parts"]] if components else []),
        *(more[each] for each in components if each in more),
    ]
    python = platform["virtualenv"]["python"]
    lock = ROLES / f"packages/files/releases/{platform['release']}-python{python}.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    facts = cloud.inventory.of(cloud.name, "ansible_facts", {})
    # Other packages, another system or another Python make another archive.
    system = f"{facts['distribution']}-{facts['distribution_major_version']}-python{python}"
    return {
        "name": platform["release"],
        "lock": str(lock),
        "wheelhouse": f"{variables['cloud_wheelhouse']}/{platform['release']}-{system}-{digest}.tar",
        "python": platform["virtualenv"]["interpreter"],
        "builder": platform["virtualenv"]["builder"],
        "environment": {"PIP_CERT": platform["authorities"], **variables["cloud_index_environment"]},
        **{
            kind: [item for part in parts for item in part.get(kind, [])]
            for kind in ("services", "apis", "daemons", "programs", "folders")
        },
        "files": unique(item for part in parts for item in part.get("files", [])),
    }


def certificate_copies(cloud: Cloud) -> list[dict[str, Any]]:
    """Where services have their copies of the host's certificate."""
    roles = (cloud.platform[role] for role in cloud.variables["certificates_roles"])
    return [role["tls"] for role in roles if "tls" in role]


def _from_pypi(cloud: Cloud) -> bool:
    return bool(cloud.variables["cloud_source"] == _VIRTUALENV)
