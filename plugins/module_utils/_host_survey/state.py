# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is like, as far as a cloud cares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The facts that lead to a host's platform, and its own name.
FACTS = ("distribution", "distribution_major_version", "nodename")


@dataclass(frozen=True)
class SeenCertificate:
    """A certificate file: whom it is for, and its end (UTC, ISO 8601); or the ``problem`` with reading it."""

    path: str
    subject: str = ""
    names: tuple[str, ...] = ()
    until: str = ""
    problem: str = ""


@dataclass(frozen=True)
class State:
    """What was seen on the host.

    ``addresses``: interface to its addresses, interfaces without any included. ``default_interfaces`` carry a
    default route. ``resolved``: name to addresses, none where it does not resolve. ``refusals``: why servers do not
    answer; those that do are not in it. ``time`` is in seconds since 1970, memory and disk in MiB. ``is_bare``: nothing
    of Nova is installed yet. ``source``: distribution or virtualenv, where its packages came from; "" where none are.
    ``has_kernel_switch``: its kernel has Open vSwitch's module, or can load it. ``machine_id``: /etc/machine-id, ""
    where there is none. ``kernel``: its release, as uname has it. ``certificate``: the problem with the site's
    certificate and its end; neither where there is none, or where it cannot be read yet. ``packages``: the installed
    ones of those that were asked for, with their versions. ``certificate_files``: those that are there. ``facts``:
    those of FACTS that could be found out, called as results have them.
    """

    nodename: str
    is_root: bool
    time: float
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_interfaces: tuple[str, ...] = ()
    resolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    memory: int = 0
    disk: int = 0
    is_bare: bool = False
    source: str = ""
    has_kernel_switch: bool = False
    machine_id: str = ""
    kernel: str = ""
    certificate: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    certificate_files: tuple[SeenCertificate, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
