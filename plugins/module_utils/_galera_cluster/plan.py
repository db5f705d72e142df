# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who begins a cluster, who joins it, and when nobody may. Pure: decided from the state of all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from .._engine.errors import CollectionError, plural
from .._engine.plan import Plan, Step, in_order
from .client import LocalNode
from .parameters import Desired
from .state import State

# A value, which Python 3.9 evaluates.
Nodes = Mapping[str, Optional[State]]


def plan(desired: Desired, current: State) -> Plan[LocalNode]:
    """The node's own part in the cluster. One that is a member by now has nothing to do, whatever it was before."""
    described: dict[str, Any] = {"node": current.described()}
    if desired.stage == "look":
        return _reported(described, _other_speech(desired, current))
    refusal, first = founder(desired.nodes)
    part = _part(desired, current, first)
    steps = {
        "begin": (_begin(desired.unit),),
        "join": (_join(desired.unit, current),),
        "member": (),
    }[part]
    if part != desired.stage:
        steps = ()
    return replace(
        _reported({**described, "first": first}, refusal),
        stages=in_order(steps),
        before={"part": "member" if current.is_member else "none"},
        after={"part": "member" if current.is_member or steps else "none"},
    )


def _reported(result: Mapping[str, Any], refusal: CollectionError | None) -> Plan[LocalNode]:
    """What nothing is done for; check mode goes on after a refusal, and says it."""
    return Plan(
        result=result,
        warnings=(f"{refusal} A real run stops here.",) if refusal else (),
        unmet=(refusal,) if refusal else (),
    )


def founder(nodes: Nodes) -> tuple[CollectionError | None, str]:
    """Why nobody may begin or join a cluster (None: nothing is in the way), and the node that begins a new one ("")."""
    known = {name: node for name, node in nodes.items() if node}
    members = [name for name, node in known.items() if node.is_member]
    if len({known[name].cluster_id for name in members}) > 1:
        return _split(members), ""
    if members:
        return None, ""
    unknown = [name for name in nodes if name not in known]
    if unknown:
        return _unknown(unknown), ""
    cut_off = [name for name, node in known.items() if node.lost_majority]
    if cut_off:
        return _without_majority(known, cut_off), ""
    stopped = [name for name, node in known.items() if node.was_member]
    if stopped:
        return _stopped(known, stopped), ""
    with_data = [name for name, node in known.items() if node.has_data]
    if len(with_data) > 1:
        return _several_with_data(with_data), ""
    return None, with_data[0] if with_data else next(iter(nodes))


def _other_speech(desired: Desired, current: State) -> CollectionError | None:
    """Nodes that speak TLS and nodes that do not are no cluster, so no configuration may take a member to the other."""
    runs = current.is_member or current.lost_majority
    if not runs or desired.tls is None or current.speaks_tls == desired.tls:
        return None
    with_or_without = "with" if desired.tls else "without"
    return _refused(
        "configure",
        [desired.name],
        f"it shall speak {with_or_without} TLS among its nodes, and runs otherwise; one node after the other cannot be "
        "taken from the one to the other",
        f"Set cloud_tls to {str(current.speaks_tls).lower()}",
        "other_speech",
    )


def _part(desired: Desired, current: State, first: str) -> str:
    if current.is_member:
        return "member"
    return "begin" if desired.name == first else "join"


def _begin(unit: str) -> Step[LocalNode]:
    return Step[LocalNode](f"galera_new_cluster {unit}", lambda node: node.begin())


def _join(unit: str, current: State) -> Step[LocalNode]:
    return Step[LocalNode](
        f"systemctl {'restart' if current.runs else 'start'} {unit}", lambda node: node.join()
    )


def _refused(verb: str, names: list[str], cause: str, remedy: str, code: str) -> CollectionError:
    return CollectionError(
        verb,
        f"cluster of the database on {plural('node', names)}",
        ", ".join(names),
        cause,
        remedy,
        code=code,
    )


def _split(members: list[str]) -> CollectionError:
    return _refused(
        "join",
        members,
        "these are clusters of their own, each with data of its own",
        "Decide whose data stays, stop the others, move their data directories away, and run again",
        "split",
    )


def _unknown(names: list[str]) -> CollectionError:
    return _refused(
        "begin",
        names,
        "nobody knows whether there is a cluster on them, because they take no part in this run",
        "Run without --limit, or once they can be reached",
        "unknown",
    )


def _without_majority(nodes: Mapping[str, State], names: list[str]) -> CollectionError:
    gone = [name for name, node in nodes.items() if not node.runs]
    start = f"Start the database on {', '.join(gone)}, and it continues. " if gone else ""
    return _refused(
        "join",
        names,
        "it runs without a majority of its nodes, and takes no writes",
        f"{start}If those that are missing are lost for good, make one of the running ones continue without them: "
        "mariadb -e \"SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'\"",
        "no_majority",
    )


def _stopped(nodes: Mapping[str, State], names: list[str]) -> CollectionError:
    last = [name for name in names if nodes[name].is_last]
    positions = ", ".join(f"{name} at {nodes[name].saved_position}" for name in names)
    where = (
        f"Run galera_new_cluster on {last[0]}, which stopped last"
        if len(last) == 1
        else "Find the node with the last transaction (if it is -1, see galera_recovery), set safe_to_bootstrap "
        "to 1 in its grastate.dat, and run galera_new_cluster there"
    )
    return _refused(
        "begin",
        names,
        f"they were in a cluster that has stopped everywhere ({positions}), and a wrong beginning would lose data",
        f"{where}; then run again, and the others join",
        "stopped",
    )


def _several_with_data(names: list[str]) -> CollectionError:
    return _refused(
        "begin",
        names,
        "each has databases of its own, and in a cluster all have the same",
        "Decide whose data stays, stop the others, move their data directories away, and run again",
        "several_with_data",
    )
