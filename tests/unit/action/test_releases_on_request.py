# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugins answer a module that needs to know about a release."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.stackwright.nova.plugins.action import nova_conf_ini, service_files
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import unpacked
from ansible_collections.stackwright.nova.plugins.plugin_utils._shipped_catalogues import shipped_catalogues

MODULES = [nova_conf_ini, service_files]


def action(module, answers, **arguments):
    """The action plugin on a host that answers like this; and what it was called with."""
    calls = []
    plugin = object.__new__(module.ActionModule)
    plugin._task = SimpleNamespace(args={"path": "nova.conf", **arguments})

    def execute(module_args, task_vars):
        calls.append(module_args)
        return answers[len(calls) - 1]

    plugin._execute_module = execute
    return plugin, calls


@pytest.fixture(autouse=True)
def _no_base_run(monkeypatch):
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})


@pytest.mark.parametrize("module", MODULES)
def test_a_module_that_does_not_ask_is_run_once(module):
    plugin, calls = action(module, [{"changed": True}])
    assert plugin.run(task_vars={}) == {"changed": True}
    assert calls == [{"path": "nova.conf", "_handover": "ask"}]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_that_asks_is_answered(module):
    needed = {"failed": True, "release_needed": {"service": "nova", "series": "zed"}}
    plugin, calls = action(module, [needed, {"changed": False}])
    assert plugin.run(task_vars={}) == {"changed": False}
    handed = unpacked(calls[1]["_handover"])
    assert handed.catalogue["version"].startswith("26.")
    history = shipped_catalogues("nova").history("zed")
    assert handed.history == History(history["removed"], history["newer"])
