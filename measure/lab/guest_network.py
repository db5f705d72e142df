# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of instances that this machine reaches on their floating IPs, for it is the gateway of a lab's networks."""

from __future__ import annotations

# Arguments of the command line client. {provider} is the first three numbers of the provider network's addresses.
NETWORK = (
    "network create public --external --provider-network-type flat --provider-physical-network provider",
    "subnet create public --network public --subnet-range {provider}.0/24 --no-dhcp --gateway {provider}.1"
    " --allocation-pool start={provider}.100,end={provider}.200",
    "network create private",
    "subnet create private --network private --subnet-range 192.168.9.0/24",
    "router create router",
    "router set router --external-gateway public",
    "router add subnet router private",
    "security group create web",
    "security group rule create web --protocol tcp --dst-port 80",
    "security group rule create web --protocol icmp",
)


def provider(management: str) -> str:
    """The beginning of a lab's provider addresses, given a host's address on its management network."""
    return f"172.30.{management.split('.')[2]}"
