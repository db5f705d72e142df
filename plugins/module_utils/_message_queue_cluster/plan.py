# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which broker the others join. Pure: decided from the state of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from .._clients.rabbitmqctl import command
from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .client import LocalBroker
from .parameters import Desired
from .state import State

# A value, which Python 3.9 evaluates.
Nodes = Mapping[str, Optional[State]]


def plan(desired: Desired, current: State) -> Plan[LocalBroker]:
    """Join the cluster of the others, unless the broker is in it, or is the one that they join."""
    if not desired.joins:
        return _look(current)
    refusal, seed = seed_node(desired.nodes)
    joins = bool(seed) and seed not in (current.node, *current.members)
    after = (*current.members, seed) if joins else current.members
    return Plan(
        stages=in_order(map(_step, _commands(seed) if joins else ())),
        before={"members": sorted(current.members)},
        after={"members": sorted(after)},
        result={"broker": current.described(), "seed": seed},
        # Check mode goes on, and says it.
        warnings=(f"{refusal} A real run stops here.",) if refusal else (),
        unmet=(refusal,) if refusal else (),
    )


def _look(current: State) -> Plan[LocalBroker]:
    """Report; what was stopped for a join that came to no end is started, with the data that it then has."""
    return Plan(
        stages=in_order([_step(("start_app",))] if current.is_stopped else []),
        before={"broker": "stopped" if current.is_stopped else "running"},
        after={"broker": "running"},
        result={"broker": current.described()},
    )


def seed_node(nodes: Nodes) -> tuple[CollectionError | None, str]:
    """Why nobody may join (None: nothing is in the way), and the broker whose cluster the others join."""
    known = {name: node for name, node in nodes.items() if node}
    # In order, so that the first of a cluster speaks for it.
    clustered = [node for node in known.values() if node.is_clustered]
    clusters = {frozenset(node.members): node.node for node in reversed(clustered)}
    if any(not first & second for first in clusters for second in clusters if first is not second):
        return _refused(known, "they are in clusters of their own", "others"), ""
    if clusters:
        # A node that comes back knows fewer than those that stayed.
        return None, clusters[max(clusters, key=len)]
    if len(known) < len(nodes):
        missing = [name for name in nodes if name not in known]
        return (
            CollectionError(
                "join",
                "brokers on",
                ", ".join(nodes),
                f"{', '.join(missing)} said nothing, and may have the cluster",
                "Start RabbitMQ there, and run without --limit",
                code="unknown",
            ),
            "",
        )
    with_users = [name for name, node in known.items() if node.has_users]
    if len(with_users) > 1:
        brokers = {name: known[name] for name in with_users}
        return _refused(
            brokers, "each has users of its own, and in a cluster all have the same", "others"
        ), ""
    chosen = with_users[0] if with_users else next(iter(known))
    return None, known[chosen].node


def _refused(nodes: Mapping[str, State], cause: str, which: str) -> CollectionError:
    return CollectionError(
        "join",
        "brokers on",
        ", ".join(nodes),
        cause,
        f"Decide whose queues and users stay, and on the {which} run rabbitmqctl stop_app, reset and start_app",
        code="split",
    )


def _commands(seed: str) -> tuple[tuple[str, ...], ...]:
    """What RabbitMQ asks for: a node that joins gives up what it has."""
    return (("stop_app",), ("reset",), ("join_cluster", seed), ("start_app",))


def _step(words: tuple[str, ...]) -> Step[LocalBroker]:
    return Step[LocalBroker](command(*words), lambda node: node.rabbitmqctl(*words))
