# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the installation guides write into Nova's files gets the right verdict on Zed."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.catalogue import (
    OptionCatalogue,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import Handover
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES
from ansible_collections.stackwright.nova.plugins.plugin_utils._shipped_catalogues import shipped_catalogues
from seeds.guides import RELEASES, guide, load, written_options

VERDICTS = load("options")
SETTINGS = [
    (release, setting)
    for release in RELEASES
    for setting in written_options(guide(release))
    if setting.path.startswith("/etc/nova/")
]


def is_about(row, release, setting):
    """Whether a verdict is about a setting: about the guide, or one node of it."""
    return row[0] in (release, f"{release}/{setting.node}") and row[1:3] == [setting.section, setting.name]


def values(row):
    """What the guide gives the option of a verdict."""
    return sorted({setting.value for release, setting in SETTINGS if is_about(row, release, setting)})


CASES = [(row, value) for row in VERDICTS for value in values(row)]


@pytest.fixture(scope="module")
def zed():
    data = shipped_catalogues("nova").catalogue("zed")
    return OptionCatalogue("nova", data, SERVICES["nova"].dynamic_sections)


@pytest.fixture(scope="module")
def history():
    known = shipped_catalogues("nova").history("zed")
    return Handover(history=History(known["removed"], known["newer"]))


def test_no_setting_is_missing():
    assert len({(release, setting.section, setting.name) for release, setting in SETTINGS}) == 132


def test_every_setting_has_one_verdict():
    counts = {
        (release, setting.pointer): sum(is_about(row, release, setting) for row in VERDICTS)
        for release, setting in SETTINGS
    }
    assert {place: count for place, count in counts.items() if count != 1} == {}


def test_every_verdict_has_a_setting():
    assert [row for row in VERDICTS if not values(row)] == []


@pytest.mark.parametrize(
    ("row", "value"), CASES, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row, _value in CASES]
)
def test_verdict(row, value, zed, history):
    _guide, section, option, verdict, named = row
    # The guides choose the plugin in the same section; without it keystoneauth's options have no effect.
    plugin = {section: {"auth_type": "password"}} if section == "keystone_authtoken" else {}
    plugin = plugin if option != "auth_type" else {}
    # Written as the guide's reader writes it.
    file = DesiredFile("nova.conf", options=plugin, raw_options={section: {option: value}})
    current = State({"nova.conf": StoredFile("[DEFAULT]\n")}, zed, history)
    try:
        result = plan(Desired((file,)), current)
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
