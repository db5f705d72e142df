# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the installation guides write into nova.conf gets the right verdict on Zed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.module_utils.clients.services import SERVICES
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils.engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.catalogue import (
    OptionCatalogue,
)
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.state import State
from ansible_collections.stackwright.nova.plugins.module_utils.nova_conf_ini.transfer import Handover
from ansible_collections.stackwright.nova.plugins.plugin_utils.shipped_catalogues import shipped_catalogues

ROWS = yaml.safe_load((Path(__file__).parent / "options.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def zed():
    data = shipped_catalogues("nova").catalogue("zed")
    return OptionCatalogue("nova", data, SERVICES["nova"].dynamic_sections)


@pytest.fixture(scope="module")
def history():
    known = shipped_catalogues("nova").history("zed")
    return Handover(history=History(known["removed"], known["newer"]))


def test_no_setting_is_missing():
    assert len(ROWS) == 132


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_verdict(row, zed, history):
    _guide, section, option, value, verdict, named = row
    # The guides choose the plugin in the same section; without it keystoneauth's options have no effect.
    plugin = {section: {"auth_type": "password"}} if section == "keystone_authtoken" else {}
    options = {**plugin, section: {**plugin.get(section, {}), option: value}}
    current = State({"nova.conf": StoredFile("[DEFAULT]\n")}, zed, history)
    try:
        result = plan(Desired((DesiredFile("nova.conf", options),)), current)
    except CollectionError as error:
        assert verdict == "refused", str(error)
        assert all(name in str(error) for name in named.split() or [option]), str(error)
        return
    assert verdict == {0: "accepted"}.get(len(result.warnings), verdict), result.warnings
    assert verdict in ("accepted", "warned", "renamed")
    if verdict == "accepted":
        assert not result.warnings
    if verdict == "renamed":
        assert "written" in " ".join(result.warnings)
        assert f"{named} = {value}" in " ".join(result.commands)
