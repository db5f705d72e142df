# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of this host, and what would be cut off with them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .._clients.iproute import default_interfaces, ip
from .state import Link

# In the environment of what sshd starts: the client's address and port, and the server's.
_CONNECTION = b"SSH_CONNECTION="
_SERVER = 2
# What Open vSwitch itself puts its ports into.
_OWN_MASTER = "ovs-system"


def read_links(names: Sequence[str]) -> dict[str, Link]:
    """Those of the interfaces that there are."""
    if not names:
        return {}
    routed = default_interfaces([*ip("route", "show", "default"), *ip("-6", "route", "show", "default")])
    connection = connection_address()
    return {
        link["ifname"]: _link(link, routed, connection)
        for link in ip("address", "show")
        if link.get("ifname") in names
    }


def connection_address(process: int | None = None, proc: str = "/proc") -> str:
    """The address of this host at which Ansible came by SSH, "" where it did not.

    sudo takes it out of the environment, so the processes above are asked for theirs.
    """
    process = os.getpid() if process is None else process
    while process > 1:
        try:
            with open(f"{proc}/{process}/environ", "rb") as file:
                variables = file.read().split(b"\0")
            with open(f"{proc}/{process}/stat", encoding="utf-8", errors="replace") as file:
                # The name of the program, in parentheses, may have blanks in it.
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            return ""
        for variable in variables:
            if variable.startswith(_CONNECTION):
                words = variable[len(_CONNECTION) :].decode(errors="replace").split()
                return words[_SERVER] if len(words) > _SERVER else ""
        process = parent
    return ""


def _link(link: Mapping[str, Any], routed: Sequence[str], connection: str) -> Link:
    addresses = link.get("addr_info", [])
    carries = ["the default route"] if link["ifname"] in routed else []
    if connection and any(each.get("local") == connection for each in addresses):
        carries.append("the connection that Ansible came by")
    carries += [f"the address {each['local']}" for each in addresses if each.get("family") == "inet"]
    master = str(link.get("master", ""))
    return Link(tuple(carries), "" if master == _OWN_MASTER else master)
