# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a compute host that was added to somebody else's cloud."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from releases import addition, table
from seeds import guides

FOLDER = table.HERE / "rocky"
OPTIONS = guides.guide("rocky")["nodes"]["compute"]["options"]["/etc/nova/nova.conf"]


def test_the_guides_options_count_by_their_present_names() -> None:
    text = "[DEFAULT]\nmy_ip = 10.0.0.101\n[vnc]\nserver_proxyclient_address = 10.0.0.101\n"
    assert addition.differing(text, OPTIONS, "10.0.0.101") == {}
    assert addition.differing(
        text.replace("my_ip = 10.0.0.101", "my_ip = 10.0.0.100"), OPTIONS, "10.0.0.101"
    ) == {"my_ip": "10.0.0.100"}
    assert addition.differing("[vnc]\n", OPTIONS, "10.0.0.101") == {
        "my_ip": None,
        "vncserver_proxyclient_address": None,
    }


def test_a_row_that_the_guide_sees_must_be_there() -> None:
    wanted = [{"binary": "nova-compute", "host": "compute1"}]
    there = {"Binary": "nova-compute", "Host": "compute1", "State": "up"}
    assert addition.lacking([there], wanted) == []
    assert addition.lacking([{**there, "Host": "controller1"}], wanted) == wanted
    assert addition.lacking([], wanted) == wanted


def test_the_site_has_the_options_of_its_release() -> None:
    platform = addition.described("rocky")["cloud_platform"]
    assert platform["release"] == "rocky"
    assert platform["nova_options"]["libvirt"]["live_migration_with_native_tls"] is None


def test_the_archive_is_made_anew_for_another_recipe(tmp_path: Path) -> None:
    copy = tmp_path / "rocky"
    shutil.copytree(FOLDER, copy)
    wheels, archive = addition.digest(copy, "requirements.txt", "wheels.sh"), addition.digest(copy)
    assert archive == addition.digest(FOLDER)
    (copy / "packages.sh").write_text("true\n")
    assert addition.digest(copy) != archive
    assert addition.digest(copy, "requirements.txt", "wheels.sh") == wheels
    (copy / "requirements.txt").write_text("nova==18.3.0\n")
    assert addition.digest(copy, "requirements.txt", "wheels.sh") != wheels


def test_the_lock_names_one_version_of_each() -> None:
    lines = (FOLDER / "requirements.txt").read_text().splitlines()
    names = [line.partition("==")[0].lower() for line in lines]
    assert len(set(names)) == len(names)
    assert all(line.partition("==")[2] for line in lines)


@pytest.mark.parametrize(
    "table_row", [row for row in table.load_rows() if row.site], ids=lambda row: row.name
)
def test_a_site_is_a_playbook_with_variables(table_row: table.Row) -> None:
    folder = table.HERE / table_row.site
    assert yaml.safe_load((folder / "site.yml").read_text())
    assert yaml.safe_load((folder / "variables.yml").read_text())["cloud_neighbours"] == []
