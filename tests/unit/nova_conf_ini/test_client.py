# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what installed packages declare: a small service on the path, with a library and an add-on."""

from __future__ import annotations

import json
import sys

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini import client, harvest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.client import (
    InstalledCatalogues,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES

OPTIONS = """
from oslo_config import cfg
from keystoneauth1 import loading

OPTS = [cfg.StrOpt("late", secret=True)]

def list_opts():
    return [
        (None, [
            cfg.HostAddressOpt("my-ip", deprecated_name="my-addr"),
            cfg.MultiStrOpt("alias", deprecated_group="Pci"),
            cfg.StrOpt("gone", deprecated_for_removal=True, deprecated_since="2",
                       deprecated_reason="No\\n use"),
            cfg.SubCommandOpt("command"),
        ]),
        (cfg.OptGroup("Placement"), loading.get_auth_common_conf_options()),
        ("placement", [cfg.PortOpt("port", min=1)]),
    ]

def broken():
    raise RuntimeError("no driver")
"""


def package(folder, name, version, entry_points, module=""):
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[oslo.config.opts]\n" + "\n".join(entry_points) + "\n")
    if module:
        (folder / f"{module}.py").write_text(OPTIONS)
    return info


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    package(
        folder,
        "nova",
        "26.2.2",
        ["nova.conf = it_nova_opts:list_opts", "nova.old = it_nova_opts:removed"],
        "it_nova_opts",
    )
    yield folder
    for name in [name for name in sys.modules if name.startswith("it_")]:
        del sys.modules[name]


def read(plugins=(), libraries=()):
    return harvest.harvest(
        "nova", plugins, libraries, [["it_nova_opts", "OPTS", "late_group"], ["it_no", "X", "y"]]
    )


def test_options_are_described(site):
    found = read()
    assert found["version"] == "26.2.2"
    assert found["problems"] == []
    assert found["groups"]["DEFAULT"] == {
        "my_ip": {"type": {"is": "hostaddress"}, "old": [["DEFAULT", "my-addr"], ["DEFAULT", "my_addr"]]},
        "alias": {"type": {"is": "string"}, "multi": True, "old": [["pci", "alias"]]},
        "gone": {"type": {"is": "string"}, "removal": ["2", "No use"]},
    }
    assert set(found["groups"]["placement"]) == {"auth_type", "auth_section", "port"}
    assert found["groups"]["placement"]["port"] == {"type": {"is": "integer", "min": 1, "max": 65535}}
    assert found["groups"]["late_group"] == {"late": {"type": {"is": "string"}, "secret": True}}
    assert found["auth"]["password"]["password"]["secret"]
    assert ["", "user_name"] in found["auth"]["password"]["username"]["old"]


def test_only_the_libraries_and_plugins_of_the_service_count(site):
    package(site, "oslo.thing", "1", ["oslo.thing = it_library_opts:list_opts"], "it_library_opts")
    package(site, "nova-addon", "1", ["addon = it_addon_opts:broken"], "it_addon_opts")
    package(site, "keystone", "22", ["keystone = it_keystone_opts:broken"], "it_keystone_opts")
    assert read()["problems"] == []
    found = read(plugins=["nova-*"], libraries=["oslo.thing"])
    assert found["problems"] == [["addon", "RuntimeError: no driver", False]]


def test_a_module_that_reads_an_option_too_early_gets_an_empty_configuration(site):
    (site / "it_early_opts.py").write_text(
        "from oslo_config import cfg\n"
        "cfg.CONF.register_opt(cfg.StrOpt('it_early'))\n"
        "class NotInitializedError(Exception): pass\n"
        "if cfg.CONF._args is None: raise NotInitializedError('not parsed')\n"
        "def list_opts(): return [('early', [cfg.IntOpt('x')])]\n"
    )
    package(site, "nova-early", "1", ["early = it_early_opts:list_opts"])
    assert read(plugins=["nova-early"])["groups"]["early"] == {"x": {"type": {"is": "integer"}}}


@pytest.fixture
def runs(monkeypatch):
    """Reads in this process instead of another one, and counts."""
    done = []

    def run_command(argv, **_options):
        done.append(argv)
        arguments = json.loads(argv[2])
        return Output(0, json.dumps(harvest.harvest(**{**arguments, "libraries": ()})), "")

    monkeypatch.setattr(client, "run_command", run_command)
    return done


def test_the_catalogue_is_kept_until_a_package_changes(site, runs, tmp_path):
    cache = tmp_path / "cache"
    options = InstalledCatalogues(str(cache))
    assert options.version("nova") == "26.2.2"
    first = options.catalogue("nova")
    options.keep()
    assert options.catalogue("nova") == first
    assert len(runs) == 1
    package(site, "another", "1", [])
    assert options.catalogue("nova") == first
    options.keep()
    assert len(runs) == 2
    assert len(list(cache.iterdir())) == 1


def test_nothing_is_written_before_the_catalogue_is_to_be_kept(site, runs, tmp_path):
    options = InstalledCatalogues(str(tmp_path / "cache"))
    options.catalogue("nova")
    assert not (tmp_path / "cache").exists()
    options.keep()
    (kept,) = (tmp_path / "cache").iterdir()
    kept.unlink()
    options.keep()
    assert not list((tmp_path / "cache").iterdir())


def test_a_damaged_cache_is_replaced(site, runs, tmp_path):
    options = InstalledCatalogues(str(tmp_path / "cache"))
    first = options.catalogue("nova")
    options.keep()
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_text("{")
    assert options.catalogue("nova") == first
    options.keep()
    assert json.loads(kept.read_text()) == first


def test_a_cache_that_cannot_be_written_is_done_without(site, runs, tmp_path):
    (tmp_path / "cache").write_text("a file in the way")
    options = InstalledCatalogues(str(tmp_path / "cache"))
    assert options.catalogue("nova")["version"] == "26.2.2"
    options.keep()
    assert (tmp_path / "cache").read_text() == "a file in the way"


def test_a_service_that_is_not_installed(tmp_path):
    options = InstalledCatalogues(str(tmp_path))
    assert options.version("placement") == ""
    with pytest.raises(UnreachableError, match="the package python3-placement is not installed"):
        options.catalogue("placement")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (Output(1, "", "Traceback\nImportError: no oslo_config\n"), "ImportError: no oslo_config"),
        (Output(0, '{"problems": [["nova.conf", "ImportError: x", true]]}', ""), "nova.conf: ImportError: x"),
    ],
)
def test_a_service_whose_options_cannot_be_loaded(site, monkeypatch, tmp_path, output, reason):
    monkeypatch.setattr(client, "run_command", lambda *_argv, **_options: output)
    with pytest.raises(CollectionError, match=reason):
        InstalledCatalogues(str(tmp_path)).catalogue("nova")


def test_the_reader_is_told_about_every_service():
    for service in SERVICES.values():
        assert set(service.harvest_arguments()) == {"distribution", "plugins", "libraries", "unlisted"}
