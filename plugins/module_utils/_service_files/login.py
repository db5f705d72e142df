# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to the message queue the way a service does, before the service is configured to do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._clients.amqp import BrokerLogin, Outcome, TryLogin
from .._engine.errors import CollectionError, UnreachableError
from .._engine.operation import Operation
from .._engine.plan import Plan

Outcomes = Mapping[str, Outcome]
"""What each broker said to the login, by host."""

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


def plan_of_login(desired: BrokerLogin, current: Outcomes) -> Plan[TryLogin]:
    """Nothing to do, only to report. An account that a broker refuses is unmet: a task before may yet correct it.

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
        for host, outcome in current.items()
        if outcome in _REMEDIES
    )
    return Plan(
        result={"hosts": {host: outcome.name.lower() for host, outcome in current.items()}},
        # Check mode, which passes over what is unmet, says it.
        warnings=tuple(f"{error} A real run would fail here." for error in refusals),
        unmet=refusals,
    )


@dataclass
class MessageQueueLogin(Operation[BrokerLogin, Outcomes, TryLogin]):
    """Tries every broker."""

    decide = staticmethod(plan_of_login)

    def read(self) -> Outcomes:
        """What each broker says. Raises UnreachableError where none answers."""
        desired = self.desired
        outcomes = {
            host: self.client(
                host, desired.port, desired.user, desired.password, desired.vhost, desired.authorities
            )
            for host in desired.hosts
        }
        if all(outcome is Outcome.SILENT for outcome in outcomes.values()):
            raise UnreachableError(
                "log in to",
                "message queue",
                ", ".join(f"{host}:{desired.port}" for host in desired.hosts),
                Outcome.SILENT.value,
                "Start the broker, or correct its address",
            )
        return outcomes

    def nothing(self) -> Outcomes:
        """No broker installed yet."""
        return dict.fromkeys(self.desired.hosts, Outcome.SILENT)
