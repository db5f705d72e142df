# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The RabbitMQ broker of this host, administered as root with its own program."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .._engine.errors import CollectionError, UnreachableError
from .._engine.process import Output, run_command
from .._engine.secret_file import secret_file

PROGRAM = "rabbitmqctl"

_BROKER_USER = "rabbitmq"
_NOT_RUNNING = ("unable to perform an operation on node", "app to be running on the target node")
# By itself the program starts Erlang's port mapper where there is none, open to every address, and leaves it running:
# in check mode too, and in the way of the unit that is to start it. Without one no broker runs. RabbitMQ 4 replaces
# ERL_FLAGS by its own.
_ENVIRONMENT = {"ERL_AFLAGS": "-start_epmd false"}
_NO_PORT_MAPPER = "Distribution failed"
_TIMEOUT = 120.0
# EX_NOUSER of sysexits.h
_NO_SUCH_USER = 67


def command(*words: str) -> str:
    """A call of rabbitmqctl as a person would type it."""
    return shlex.join((PROGRAM, *words))


def run(*words: str) -> None:
    """Run one administrative command ("add_vhost", "/cell2", say).

    A user that is to be deleted and is gone by now, by another run's hand, is no error. Raises UnreachableError where
    the broker does not run, CollectionError where it refuses.
    """
    gone = _NO_SUCH_USER if words[0] == "delete_user" else 0
    _run(words, words[0].replace("_", " "), "of the broker", accepted=(0, gone))


def export_definitions() -> dict[str, Any]:
    """All that the broker keeps: lists of "users", "vhosts", "permissions" and more. Raises what ``run`` does."""
    output = _run(["--quiet", "export_definitions", "-"], "read", "users of the broker")
    definitions: dict[str, Any] = json.loads(output.stdout)
    return definitions


def cluster_status() -> dict[str, Any]:
    """What the broker knows of its cluster: "disk_nodes", "running_nodes" and more. Raises what ``run`` does."""
    output = _run(["--quiet", "--formatter", "json", "cluster_status"], "read", "cluster of the broker")
    status: dict[str, Any] = json.loads(output.stdout)
    return status


def node_name() -> str:
    """The broker's own name among others ("rabbit@controller1", say). Raises what ``run`` does."""
    return _run(["--quiet", "eval", "node()."], "read", "name of the broker").stdout.strip().strip("'")


def consumed_queues(vhost: str) -> set[str]:
    """The queues of a virtual host that somebody consumes. Raises what ``run`` does."""
    words = ["--quiet", "--formatter", "json", "list_consumers", "--vhost", vhost, "queue_name"]
    output = _run(words, "read", f"consumers in {vhost} of the broker")
    return {str(row["queue_name"]) for row in json.loads(output.stdout)}


def import_definitions(definitions: Mapping[str, Any], subject: str) -> None:
    """Have the broker take definitions in, from a file that it alone can read. Raises what ``run`` does.

    ``subject`` names in errors what is written.
    """
    with secret_file(json.dumps(definitions), _BROKER_USER, ".json") as path:
        _run(["--quiet", "import_definitions", path], "write", subject)


def _run(words: Sequence[str], verb: str, subject: str, accepted: Collection[int] = (0,)) -> Output:
    output = run_command([PROGRAM, *words], environment=_ENVIRONMENT, timeout=_TIMEOUT)
    if output.code in accepted:
        return output
    text = output.stderr.strip() or output.stdout.strip()
    cause = " ".join(text.split())
    if text.startswith(_NO_PORT_MAPPER):
        cause = "Erlang's port mapper (epmd) does not answer on this host, so no broker runs"
    elif not any(phrase in text for phrase in _NOT_RUNNING):
        raise CollectionError(
            verb,
            subject,
            "",
            f"rabbitmqctl ended with status {output.code}: {cause}",
            "See the broker's log; rabbitmqctl needs root",
            code="command_failed",
        )
    raise UnreachableError(verb, subject, "", cause.partition(". ")[0], "Start rabbitmq-server on this host")
