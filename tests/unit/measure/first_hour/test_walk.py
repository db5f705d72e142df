# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a newcomer copies from the page, and where it leads to."""

from __future__ import annotations

import sys
from types import ModuleType

import pages
import pytest


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # The browser's driver is in a separate environment.
    driver = ModuleType("playwright.sync_api")
    driver.Page = driver.sync_playwright = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "playwright", ModuleType("playwright"))
    monkeypatch.setitem(sys.modules, "playwright.sync_api", driver)
    from first_hour import walk

    return walk


def test_the_commands_of_the_page_are_copied_up_to_those_for_ones_own_hosts(walk: ModuleType) -> None:
    commands = list(walk.commands((pages.DOCS / "first-hour.md").read_text()))
    assert commands[0] == "make demo"
    assert "make demo-tour" in commands
    assert (
        "sudo tools/hosts ssh local controller1 openstack --os-cloud admin compute service list" in commands
    )
    assert not [one for one in commands if "galaxy" in one or one.endswith("compute1")]


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_links_of_the_tour_are_found(walk: ModuleType, quote: str) -> None:
    output = (
        f"        {quote}page{quote}: {quote}curl http://203.0.113.7/{quote},\n"
        f"        {quote}screen{quote}: {quote}http://controller1:6080/vnc_lite.html?path=%3Ftoken%3D1{quote}\n"
    )
    assert walk.links(output) == {
        "page": "http://203.0.113.7/",
        "screen": "http://controller1:6080/vnc_lite.html?path=%3Ftoken%3D1",
    }
