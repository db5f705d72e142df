# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role verify expects to see, by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .inventory import FIRST_CELL, unique

if TYPE_CHECKING:
    from .cloud import Cloud


def services(cloud: Cloud) -> dict[str, list[str]]:
    """The services of Nova by the hosts that must run them."""
    found: dict[str, list[str]] = {}
    cell_controllers = [cloud.host_names[name] for name in cloud.cell_controllers.values()]
    for host in cloud.variables["verify_controllers"]:
        found.setdefault(host, []).extend(["nova-conductor", "nova-scheduler"])
    for host in cell_controllers:
        found.setdefault(host, []).append("nova-conductor")
    for host in cloud.variables["verify_computes"]:
        found.setdefault(host, []).append("nova-compute")
    return found


def agents(cloud: Cloud) -> dict[str, list[str]]:
    """The agents of Neutron by the hosts that must run them.

    Which agents a site's own Neutron has on which hosts is the site's business: those that are there must be alive.
    """
    controllers, computes = cloud.variables["verify_controllers"], cloud.variables["verify_computes"]
    if "neutron" not in cloud.variables["cloud_neighbours"]:
        return {host: [] for host in [*controllers, *computes]}
    found = {host: list(cloud.compute_agents) for host in computes}
    for host in controllers:
        found[host] = unique([*found.get(host, []), *cloud.controller_agents])
    return found


def hosts(cloud: Cloud) -> list[str]:
    """The compute hosts that get an instance: as many as the operator allows, one of each cell first."""
    computes, limit = cloud.variables["verify_computes"], cloud.variables["verify_hosts_at_most"]
    cells = cloud.host_cells
    first: dict[str, str] = {}
    for host in computes if cells else ():
        first.setdefault(cells.get(host, FIRST_CELL), host)
    if cloud.cell_controllers:
        limit = max(int(limit), len(cloud.cell_controllers) + 1)
    return unique([*first.values(), *computes])[: int(limit)]
