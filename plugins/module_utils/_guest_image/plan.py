# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a guest has to be built, and whether this host can: a pure decision."""

from __future__ import annotations

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, make_unless
from .client import ARCHITECTURE, METAPACKAGE, PACKAGES, DebianBuilder
from .parameters import Desired
from .recipe import RECIPE
from .state import State

_REMEDY = (
    "Give the proof an image that the cloud has, or build the guest on another host and give it the files"
)


def plan(desired: Desired, current: State) -> Plan[DebianBuilder]:
    """Build it, or nothing; one that is there stays, whatever kernel it has."""
    up_to_date = current.recipe == RECIPE
    if not up_to_date and current.architecture != ARCHITECTURE:
        raise _impossible(current.architecture)
    step = Step[DebianBuilder](
        "apt-get update",
        lambda builder: builder.build(desired.directory),
        further_commands=(
            f"apt-get download {' '.join(PACKAGES)} and the kernel of {METAPACKAGE}",
            f"build {', '.join(desired.files.values())}",
        ),
    )
    return make_unless(
        up_to_date,
        step,
        before=dict.fromkeys(desired.files.values(), current.recipe[:16]) if current.recipe else {},
        after=dict.fromkeys(desired.files.values(), RECIPE[:16]),
        result={"files": desired.files},
    )


def _impossible(architecture: str) -> CollectionError:
    cause = (
        f"its boot loader is for {ARCHITECTURE} alone, and this host is {architecture}"
        if architecture
        else "it is made of Debian's packages, and this host has no dpkg"
    )
    return CollectionError("build", "guest image", "", cause, _REMEDY, code="unsupported")
