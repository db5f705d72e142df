# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations behind ``service_files``, in their order."""

from __future__ import annotations

from typing import Any

from .._clients.amqp import BrokerLogin, log_in
from .._engine.operation import Operation, Task
from .._file_lines.operation import build as build_lines
from .._file_lines.parameters import ARGUMENTS as OTHER_FILES
from .._nova_conf_ini.operation import build as build_options
from .login import MessageQueueLogin


def build(task: Task) -> list[Operation[Any, Any, Any]]:
    """The login, so that an account that does not work is written nowhere; the options; the other files."""
    operations: list[Operation[Any, Any, Any]] = [build_options(task)]
    account = task.params["message_queue"]
    if account:
        task.redactor.learn(account["password"])
        operations.insert(0, MessageQueueLogin(BrokerLogin.of(account), log_in))
    if any(task.params[name] for name in OTHER_FILES):
        operations.append(build_lines(task))
    return operations
