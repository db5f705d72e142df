# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_cluster`` needs of a broker, and the real one."""

from __future__ import annotations

from .._clients import rabbitmqctl
from .._engine.errors import UnreachableError
from .state import State

# Packaged with every broker.
_PACKAGED_USER = "guest"


class LocalBroker:
    """The broker on this host, administered as root."""

    def read(self) -> State:
        """Its cluster, its users, and its name, which a broker that has stopped has, too."""
        try:
            status = rabbitmqctl.cluster_status()
        except UnreachableError:
            return State(rabbitmqctl.node_name(), is_stopped=True)
        users = {str(user["name"]) for user in rabbitmqctl.export_definitions()["users"]}
        return State(rabbitmqctl.node_name(), tuple(status["disk_nodes"]), bool(users - {_PACKAGED_USER}))

    def rabbitmqctl(self, *words: str) -> None:
        """Run one administrative command."""
        rabbitmqctl.run(*words)
