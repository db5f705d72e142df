# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the brokers' answers mean: nothing to do, or an account that does not work. Pure."""

from __future__ import annotations

from .._clients.amqp import Outcome, TryLogin
from .._engine.errors import CollectionError
from .._engine.plan import Plan
from .parameters import Desired
from .state import State

_REMEDY = (
    "Correct the account that the services are configured with, or create it on the broker "
    "(stackwright.nova.message_queue_user)"
)
_REMEDIES = {
    Outcome.ACCESS_REFUSED: _REMEDY,
    Outcome.VHOST_CLOSED: _REMEDY,
    Outcome.UNTRUSTED: "Name the authority of its certificate in ca_cert, and the broker by a name that this is for",
    Outcome.WITHOUT_TLS: "Give the port on which the broker speaks TLS (5671 as a rule), or log in without (tls)",
}


def plan(desired: Desired, current: State) -> Plan[TryLogin]:
    """Nothing to do, only to report. An account that a broker refuses is unmet: an earlier task may still fix it.

    Brokers of one cluster share their users, so one that refuses speaks for all.
    """
    refusals = tuple(
        CollectionError(
            "log in to",
            "message queue",
            f"{host}:{desired.port} as {desired.user}",
            f"{outcome.value} ({desired.vhost})" if outcome is Outcome.VHOST_CLOSED else outcome.value,
            _REMEDIES[outcome],
            code=outcome.name.lower(),
        )
        for host, outcome in current.outcomes.items()
        if outcome in _REMEDIES
    )
    return Plan(
        result={"hosts": {host: outcome.name.lower() for host, outcome in current.outcomes.items()}},
        # Check mode, which passes over what is unmet, says it.
        warnings=tuple(f"{error} A real run would fail here." for error in refusals),
        unmet=refusals,
    )
