# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the installation guides write into nova.conf gets the right verdict on Zed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils.engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils.oslo.conf_file import (
    Current,
    Desired,
    Knowledge,
    plan,
)
from ansible_collections.stackwright.nova.plugins.module_utils.oslo.history import History
from ansible_collections.stackwright.nova.plugins.module_utils.oslo.schema import Schema
from ansible_collections.stackwright.nova.plugins.module_utils.oslo.services import SERVICES
from ansible_collections.stackwright.nova.plugins.plugin_utils.shipped import shipped

ROWS = yaml.safe_load((Path(__file__).parent / "options.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def zed():
    return Schema("nova", shipped("nova").schema("zed"), SERVICES["nova"].dynamic)


@pytest.fixture(scope="module")
def history():
    known = shipped("nova").history("zed")
    return Knowledge(history=History(known["gone"], known["newer"]))


def test_no_setting_is_missing():
    assert len(ROWS) == 132


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_verdict(row, zed, history):
    _guide, section, option, value, verdict, named = row
    # The guides choose the plugin in the same section; without it keystoneauth's options have no effect.
    plugin = {section: {"auth_type": "password"}} if section == "keystone_authtoken" else {}
    options = {**plugin, section: {**plugin.get(section, {}), option: value}}
    current = Current(StoredFile("[DEFAULT]\n"), (), zed)
    try:
        result = plan(Desired("nova.conf", options), current, history)
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
