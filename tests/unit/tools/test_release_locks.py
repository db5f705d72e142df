# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool that makes the locks: constraints for one Python, exceptions, and the files of packages that count."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "tools/release_locks"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = util.spec_from_file_location("release_locks_build", FOLDER / "build.py")
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.mark.parametrize(
    ("python", "version"), [("3.6", "5.0"), ("3.8", "5.1"), ("3.9", "5.1"), ("3.11", "5.1"), ("2.7", "")]
)
def test_a_python_that_came_later_gets_the_line_of_the_one_before(
    build: ModuleType, python: str, version: str
) -> None:
    text = "kombu===5.0;python_version=='3.6'\nkombu===5.1;python_version=='3.8'\n"
    assert build.constraints(text, python).get("kombu", "") == version


def test_lines_hold_for_the_pythons_that_they_name(build: ModuleType) -> None:
    text = "a===1;python_version=='3.8'\na===2;python_version>='3.9'\n# b===3\nb===4 ; python_version<='3.9'\nC===5\n"
    assert build.constraints(text, "3.11") == {"a": "2", "c": "5"}
    assert build.constraints(text, "3.8") == {"a": "1", "b": "4", "c": "5"}


@pytest.mark.parametrize(
    ("file", "fits"),
    [
        ("nova-29.4.0.tar.gz", True),
        ("nova-29.4.0-py3-none-any.whl", True),
        ("old-1-py2-none-any.whl", False),
        ("both-1-py2.py3-none-any.whl", True),
        ("c-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("c-1-cp310-cp310-manylinux2014_x86_64.whl", False),
        ("c-1-cp37-abi3-manylinux_2_28_x86_64.whl", True),
        ("c-1-cp312-abi3-manylinux_2_28_x86_64.whl", False),
        ("c-1-cp311-cp311-musllinux_1_2_x86_64.whl", False),
        ("c-1-cp311-cp311-manylinux2014_aarch64.whl", False),
        ("c-1-cp311-cp311-win_amd64.whl", False),
    ],
)
def test_only_files_that_a_host_may_take_are_locked(build: ModuleType, file: str, fits: bool) -> None:
    assert build.fits(file, "3.11") is fits


def test_a_lock_names_no_index(build: ModuleType) -> None:
    package = {
        "name": "amqp",
        "version": "5.2.0",
        "marker": "python_version < '4'",
        "sdist": {"url": "https://index.example.org/amqp-5.2.0.tar.gz", "hashes": {"sha256": "b"}},
        "wheels": [
            {"url": "https://index.example.org/amqp-5.2.0-py3-none-any.whl", "hashes": {"sha256": "a"}},
            {"url": "https://index.example.org/amqp-5.2.0-py2-none-any.whl", "hashes": {"sha256": "c"}},
        ],
    }
    assert list(build.lines([package], "3.11")) == [
        "amqp==5.2.0 ; python_version < '4' \\\n    --hash=sha256:a \\\n    --hash=sha256:b"
    ]
    for lock in build.LOCKS.iterdir():
        assert "://" not in lock.read_text()


def test_services_are_wanted_by_their_release(build: ModuleType) -> None:
    wanted = build.wanted("2024.1")
    services = {"nova==29.*", "keystone==25.*", "glance==28.*", "openstack-placement==11.*", "neutron==24.*"}
    assert services <= {*wanted}


def test_every_exception_has_its_reason(build: ModuleType) -> None:
    exceptions = yaml.safe_load(build.EXCEPTIONS.read_text())
    assert [each["version"] for each in exceptions if len(each.get("reason", "")) < 40] == []
    assert build.overrides(exceptions, "zed", "3.11") == [
        "setuptools==65.7.0",
        "libvirt-python==9.0.0",
        "yappi==1.4.0",
    ]
    assert build.overrides(exceptions, "2024.1", "3.11") == ["setuptools==65.7.0"]
