# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a guest has to be built, and whether this host can: a pure decision."""

from __future__ import annotations

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step
from .client import ARCHITECTURE, METAPACKAGE, PACKAGES, GuestBuilder
from .parameters import Desired
from .recipe import RECIPE
from .state import State

_REMEDY = (
    "Give the proof an image that the cloud has, or build the guest on another host and give it the files"
)


def plan(desired: Desired, current: State) -> Plan[GuestBuilder]:
    """Build it, or nothing; one that is there stays, whatever kernel it has."""
    there = dict.fromkeys(desired.files.values(), current.recipe[:16]) if current.recipe else {}
    result = {"files": desired.files}
    if current.recipe == RECIPE:
        return Plan(before=there, after=there, result=result)
    if current.architecture != ARCHITECTURE:
        raise _impossible(current.architecture)
    return Plan(
        steps=(
            Step[GuestBuilder](
                "apt-get update",
                lambda builder: builder.build(desired.directory),
                further_commands=(
                    f"apt-get download {' '.join(PACKAGES)} and the kernel of {METAPACKAGE}",
                    f"build {', '.join(desired.files.values())}",
                ),
            ),
        ),
        before=there,
        after=dict.fromkeys(desired.files.values(), RECIPE[:16]),
        result=result,
    )


def _impossible(architecture: str) -> CollectionError:
    cause = (
        f"its boot loader is for {ARCHITECTURE} alone, and this host is {architecture}"
        if architecture
        else "it is made of Debian's packages, and this host has no dpkg"
    )
    return CollectionError("build", "guest image", "", cause, _REMEDY, code="unsupported")
