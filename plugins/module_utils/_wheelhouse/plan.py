# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether wheels have to be built: a pure decision."""

from __future__ import annotations

from .._engine.plan import Plan, Step, make_unless
from .client import Pip
from .parameters import Desired


def plan(desired: Desired, current: bool) -> Plan[Pip]:
    """Build all of them, or nothing."""
    step = Step[Pip](
        f"pip wheel --no-deps --require-hashes --requirement LOCK # into {desired.archive}",
        lambda builder: builder.build(desired),
    )
    built = {desired.archive: f"wheels of lock {desired.digest[:16]}"}
    return make_unless(current, step, after=built, result={"archive": desired.archive})
