# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that modules run with: that of the virtual environment in use, where the host has one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.respawn import has_respawned, respawn_module

from .errors import CollectionError

PREFIX = "/opt/stackwright"
"""Where virtual environments are, one for each release."""

IN_USE = f"{PREFIX}/release"
"""Leads to the one that services run from."""

_INTERPRETER = f"{IN_USE}/bin/python"
# Ansible writes the parameters into a pipe (64 KiB) before anybody reads from it.
_LARGEST = 50_000


def change_interpreter(parameters: Mapping[str, Any]) -> None:
    """Restart with the Python whose packages the services run with; does not return then.

    With Debian's packages that is the host's own Python, and nothing happens.
    """
    if has_respawned() or not os.access(_INTERPRETER, os.X_OK):
        return
    if len(json.dumps(parameters)) > _LARGEST:
        raise CollectionError(
            "use",
            "parameters of",
            "this task",
            f"they are larger than the {_LARGEST} characters that a module can hand on to {_INTERPRETER}",
            "Split the task",
            code="parameters",
        )
    respawn_module(_INTERPRETER)
