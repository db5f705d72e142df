# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of versions in which the APIs are asked, by what for.

Nova answers each request in the microversion that it names, and needs to be no newer than that. Placement's first one
is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Microversion:
    """A microversion of the Compute API, the release that brought it, and what it is needed for."""

    number: str
    release: str
    reason: str


HOSTS = Microversion(
    "2.53",
    "Pike",
    "Services and hypervisors have UUIDs, and a hypervisor's is its resource provider's. Later ones list"
    " services of a cell that is down by their names alone (2.69), and ask the compute hosts themselves (2.88)",
)
MIGRATIONS = Microversion("2.59", "Queens", "Migrations have UUIDs, and come in pages")
FIRST_DAY = Microversion("2.61", "Rocky", "The list of flavors has their extra specs")
CHOSEN_HOST = Microversion("2.74", "Train", "Whoever creates an instance may name its host")

# The range of a service's major versions, whether or not the catalog names one in the URL.
MAJOR_VERSIONS: Mapping[str, tuple[str, str]] = {
    "compute": ("2.1", "2.latest"),
    "image": ("2", "2.latest"),
    "network": ("2", "2.latest"),
}
