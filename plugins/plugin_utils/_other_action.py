# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another action in the place of the one that runs."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


def run_other(
    action: ActionBase,
    kind: type[ActionBase],
    arguments: dict[str, Any],
    task_vars: dict[str, Any],
    *,
    always_check: bool = False,
) -> dict[str, Any]:
    """The result of an action of this kind; ``always_check`` has it change nothing in a real run either."""
    task = action._task.copy()
    task.args = arguments
    task.check_mode = always_check or task.check_mode
    other = kind(
        task,
        action._connection,
        action._play_context,
        action._loader,
        action._templar,
        action._shared_loader_obj,
    )
    done: dict[str, Any] = other.run(task_vars=task_vars)
    return done
