# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of service_files: those of the modules that it unites, and the login to the message queue."""

from __future__ import annotations

from typing import Any

from .._clients.amqp import LOGIN_OPTIONS
from .._file_lines.parameters import ARGUMENTS as OTHER_FILES
from .._nova_conf_ini.parameters import ARGUMENTS as OPTIONS
from .._nova_conf_ini.parameters import HIDDEN as HIDDEN_OPTIONS

ARGUMENTS: dict[str, Any] = {
    **OPTIONS,
    **OTHER_FILES,
    "assumed_release": {"type": "str", "default": ""},
    "message_queue": {"type": "dict", "options": LOGIN_OPTIONS},
}

HIDDEN = (*HIDDEN_OPTIONS, "message_queue")
"""Parameters that the result does not repeat."""
