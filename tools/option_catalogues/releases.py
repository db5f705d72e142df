# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions make up a release, and what it takes to install them today."""

from __future__ import annotations

from dataclasses import dataclass

DISTRIBUTIONS = {
    "nova": ("nova", 15),
    "keystone": ("keystone", 11),
    "glance": ("glance", 14),
    "placement": ("openstack-placement", -3),
    "neutron": ("neutron", 10),
}


@dataclass(frozen=True)
class Release:
    """A series, the Python that its packages install on, and the day after which libraries are too new.

    ``pins`` are requirements that its packages have without saying so.
    """

    name: str
    python: str
    libraries_until: str
    pins: tuple[str, ...] = ()


RELEASES = (
    Release("ocata", "3.6", "2017-05-15"),
    Release("pike", "3.6", "2017-10-31"),
    Release("queens", "3.6", "2018-04-30"),
    Release("rocky", "3.6", "2018-10-31"),
    Release("stein", "3.6", "2019-06-15"),
    Release("train", "3.6", "2019-12-15"),
    Release("ussuri", "3.8", "2020-07-15"),
    Release("victoria", "3.8", "2020-12-15"),
    Release("wallaby", "3.8", "2021-06-15"),
    Release("xena", "3.8", "2021-12-15"),
    Release("yoga", "3.9", "2022-05-31"),
    Release("zed", "3.10", "2022-11-30"),
    Release("2023.1", "3.10", "2023-05-31"),
    Release("2023.2", "3.10", "2023-11-30"),
    Release("2024.1", "3.11", "2024-05-31"),
    Release("2024.2", "3.11", "2024-11-30"),
    Release("2025.1", "3.11", "2025-05-31"),
    Release("2025.2", "3.11", "2025-11-30"),
    Release("2026.1", "3.11", "2026-05-31", pins=("cryptography<46",)),
    Release("2026.2", "3.11", "2026-11-15"),
)

# Options that a service has only when these are installed beside it.
COMPANIONS = {
    "nova": ("oslo.vmware", "os-win", "osprofiler"),
    "glance": ("os-brick",),
    "neutron": ("pyroute2",),
}

# Not OpenStack's own: versions of their day no longer build, so these may be younger.
UNBOUND = {
    "cryptography": "2021-01-01",
    "importlib-metadata": "2022-01-01",
    "lxml": "2021-01-01",
    "markupsafe": "2021-01-01",
    "netifaces": "2022-01-01",
    "psycopg2": "2021-01-01",
    "pyyaml": "2021-01-01",
    "setuptools": "2022-01-01",
    "typing-extensions": "2022-01-01",
    "simplejson": "2021-01-01",
    "wheel": "2022-01-01",
    "wrapt": "2021-01-01",
    "zipp": "2022-01-01",
}

# What sdists of a time (until that day) need to be built with.
BUILD_CONSTRAINTS = {
    "2020-01-01": ("setuptools<46", "wheel<0.37", "pbr<5.5", "cffi<1.15"),
    "2022-01-01": ("setuptools<58", "wheel<0.38"),
    "2100-01-01": ("setuptools<81",),
}


def major(service: str, release: Release) -> int:
    """The major version of a service in a release; below 1 where the service did not exist yet."""
    return DISTRIBUTIONS[service][1] + RELEASES.index(release)
