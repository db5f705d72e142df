# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module virtual_environment, on a host that is a table, and parts of it in a folder."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._formats.wheel_archive import pack
from ansible_collections.stackwright.nova.plugins.module_utils._virtual_environment import client, texts
from ansible_collections.stackwright.nova.plugins.module_utils._virtual_environment.parameters import (
    Desired,
    Folder,
    PackagedFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._virtual_environment.state import State
from ansible_collections.stackwright.nova.plugins.modules import virtual_environment
from fakes.modules import run_module

PARAMS: dict[str, Any] = {
    "name": "2024.1",
    "lock": "/x.txt",
    "wheelhouse": "/x.tar",
    "digest": "d" * 64,
    "programs": ["nova-manage"],
    "services": [
        {"name": "nova", "rootwrap": True, "shell": "/bin/sh", "home_mode": "0755"},
        {"name": "nova", "rootwrap": True, "groups": ["libvirt"]},
    ],
    "apis": [{"unit": "nova-api", "service": "nova", "script": "nova-api-wsgi", "port": 8774}],
    "daemons": [{"unit": "nova-compute", "service": "nova", "arguments": ["--config-file=/x"]}],
    "folders": [{"path": "/var/lib/nova/instances", "owner": "nova", "group": "nova"}],
    "files": [
        {"path": "/etc/nova/api-paste.ini", "source": "etc/nova/api-paste.ini"},
        {
            "path": "/etc/nova/nova.conf",
            "content": "[DEFAULT]\n",
            "group": "nova",
            "mode": "0640",
            "keep": True,
        },
    ],
}
UNIT = "/etc/systemd/system/nova-compute.service"
SETTINGS = "/etc/nova/nova-api-uwsgi.ini"
PASTE = "/etc/nova/api-paste.ini"


class FakeHost:
    """Has ``state``, and after each write what was written."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self.done: list[str] = []

    def read(self, desired: Desired) -> State:
        return self.state

    def install(self, desired: Desired) -> None:
        assert desired.archive
        self.done.append("install")
        sources = {file.source: f"text of {file.source}" for file in desired.files if file.source}
        self.state = replace(self.state, digest=desired.digest, sources=sources)

    def link(self, path: str, target: str) -> None:
        self.done.append(f"link {path}")
        self.state = replace(self.state, links={**self.state.links, path: target})

    def run(self, argv: Sequence[str]) -> None:
        self.done.append(argv[0])
        groups = frozenset(argv[-2].split(",")) if argv[0] == "usermod" else frozenset()
        self.state = replace(self.state, accounts={**self.state.accounts, argv[-1]: groups})

    def make_folder(self, folder: Folder) -> None:
        self.done.append(f"folder {folder.path}")
        made = {folder.path: (folder.owner, folder.group, folder.mode)}
        self.state = replace(self.state, folders={**self.state.folders, **made})

    def write(self, desired: Desired, file: PackagedFile) -> None:
        self.done.append(f"write {file.path}")
        text = self.state.sources[file.source] if file.source else str(file.content)
        files = {**self.state.files, file.path: StoredFile(text, mode=file.mode)}
        self.state = replace(self.state, files=files, groups={**self.state.groups, file.path: file.group})

    def reload(self) -> None:
        self.done.append("reload")


def call(host: FakeHost, check: bool = False, **params: Any) -> dict[str, Any]:
    def prepare(made: Any) -> None:
        made.client = host

    return run_module(virtual_environment, prepare, check=check, diff=True, **{**PARAMS, **params})


def deployed() -> FakeHost:
    host = FakeHost()
    call(host, archive="/tmp/wheels.tar")
    host.done.clear()
    return host


def test_a_bare_host_gets_all_of_it_in_the_order_of_need() -> None:
    host = FakeHost()
    predicted = call(host, check=True)
    assert host.done == []
    done = call(host, archive="/tmp/wheels.tar")
    assert done["commands"] == predicted["commands"]
    assert (done["changed"], done["installed"]) == (True, True)
    order = ["install", "link /opt/stackwright/release", "useradd", "usermod"]
    places = [host.done.index(each) for each in [*order, "folder /etc/nova", f"write {UNIT}", "reload"]]
    assert places == sorted(places)
    assert host.state.links == {
        "/opt/stackwright/release": "2024.1",
        "/usr/local/bin/nova-manage": "/opt/stackwright/release/bin/nova-manage",
        "/usr/local/bin/nova-rootwrap": "/opt/stackwright/release/bin/nova-rootwrap",
        "/usr/local/bin/nova-rootwrap-daemon": "/opt/stackwright/release/bin/nova-rootwrap-daemon",
    }
    assert host.state.accounts == {"nova": {"libvirt"}}
    assert host.state.folders["/var/lib/nova"] == ("nova", "nova", 0o755)
    assert host.state.folders["/var/log/nova"] == ("nova", "adm", 0o750)
    assert host.state.files["/etc/sudoers.d/nova"].mode == 0o440
    assert host.state.files[PASTE].text == "text of etc/nova/api-paste.ini"


def test_again_nothing_changes_and_no_archive_is_needed() -> None:
    host = deployed()
    result = call(host)
    assert (result["changed"], result["commands"], host.done) == (False, [], [])
    assert result["diff"]["before"] == result["diff"]["after"]


def test_without_the_wheels_nothing_is_begun() -> None:
    host = FakeHost()
    result = call(host)
    assert (result["code"], host.done) == ("archive", [])
    assert result["msg"].startswith("Cannot install release 2024.1: its wheels are not on the host")


def test_another_lock_renews_what_comes_from_the_environment() -> None:
    host = deployed()
    result = call(host, digest="e" * 64, archive="/tmp/wheels.tar")
    assert host.done == ["install", f"write {PASTE}"]
    assert result["paths_changed"] == [PASTE]


@pytest.mark.parametrize("path", ["/etc/nova/nova.conf", SETTINGS])
def test_what_belongs_to_others_once_it_is_written_is_left_to_them(path: str) -> None:
    host = deployed()
    host.state = replace(host.state, files={**host.state.files, path: StoredFile("edited")})
    assert call(host)["changed"] is False


def test_a_unit_that_was_edited_is_put_right() -> None:
    host = deployed()
    host.state = replace(host.state, files={**host.state.files, UNIT: StoredFile("edited", mode=0o644)})
    assert call(host)["commands"] == [f"write {UNIT}", "systemctl daemon-reload"]


def test_a_program_of_somebody_else_is_not_replaced() -> None:
    host = FakeHost(State(links={"/usr/local/bin/nova-manage": ""}))
    result = call(host, archive="/tmp/wheels.tar")
    assert (result["code"], host.done) == ("stranger", [])
    assert result["msg"].startswith("Cannot link program /usr/local/bin/nova-manage: something else")


@pytest.mark.parametrize("name", ["", "release", "../etc", ".x"])
def test_a_name_that_is_no_release_is_refused(name: str) -> None:
    assert call(FakeHost(), name=name)["msg"].startswith(f"Cannot use name {name!r}")


def test_units_run_the_release_in_use_as_the_service() -> None:
    unit = texts.daemon_unit(
        "nova-compute", "nova", ["nova-compute", "--config-file=/x"], keeps_children=True
    )
    assert "\nUser=nova\n" in unit
    assert "\nExecStart=/opt/stackwright/release/bin/nova-compute --config-file=/x\n" in unit
    assert "\nKillMode=process\n" in unit
    settings = texts.api_settings("nova-api", "nova-api-wsgi", 8774)
    assert "\nhttp-socket = :8774\nwsgi-file = /opt/stackwright/release/bin/nova-api-wsgi\n" in settings


def test_a_service_is_root_by_its_rootwrap_alone() -> None:
    assert texts.sudo_rules("nova") == (
        "Defaults:nova !requiretty\n"
        "nova ALL = (root) NOPASSWD: /usr/local/bin/nova-rootwrap /etc/nova/rootwrap.conf *\n"
        "nova ALL = (root) NOPASSWD: /usr/local/bin/nova-rootwrap-daemon /etc/nova/rootwrap.conf\n"
    )
    assert "exec_dirs = /opt/stackwright/release/bin,/usr/local/sbin," in texts.rootwrap("nova")


# A uv that makes an environment and notes what it is to put there.
UV = """\
#!/bin/sh
case "$1" in
venv) mkdir -p FOLDER/2024.1/bin; touch FOLDER/2024.1/bin/python ;;
pip) for last in "$@"; do :; done; cp "$last" FOLDER/synced; ls "${last%/*}/wheels" > FOLDER/wheels ;;
esac
"""


def archive(folder: Path, digest: str) -> Path:
    """Wheels of a lock, that of uv among them."""
    (folder / "made/wheels").mkdir(parents=True)
    (folder / "made/lock").write_text(f"{digest}\n")
    (folder / "made/requirements.txt").write_text("nova==29.4.0 --hash=sha256:aa\n")
    with zipfile.ZipFile(folder / "made/wheels/uv-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("uv-1.data/scripts/uv", UV.replace("FOLDER", str(folder)))
    pack(folder / "made", str(folder / "wheels.tar"))
    return folder / "wheels.tar"


@pytest.fixture
def wish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desired:
    """An environment below a folder, and its archive."""
    monkeypatch.setattr(Desired, "path", str(tmp_path / "2024.1"))
    return Desired("2024.1", "d" * 64, "/usr/bin/python3", str(archive(tmp_path, "d" * 64)))


def test_the_environment_holds_what_the_archive_has(wish: Desired, tmp_path: Path) -> None:
    host = client.LocalHost()
    assert host.read(wish).digest == ""
    host.install(wish)
    assert host.read(wish).digest == wish.digest
    assert (tmp_path / "synced").read_text() == "nova==29.4.0 --hash=sha256:aa\n"
    assert (tmp_path / "wheels").read_text() == "uv-1-py3-none-any.whl\n"
    # What was unpacked is gone.
    assert not list(tmp_path.glob(".wheels-*"))


def test_wheels_of_another_lock_are_refused(wish: Desired) -> None:
    with pytest.raises(CollectionError, match="the archive has the wheels of another lock"):
        client.LocalHost().install(replace(wish, digest="e" * 64))


def test_an_installation_that_was_cut_is_seen(wish: Desired, tmp_path: Path) -> None:
    (tmp_path / "2024.1").mkdir()
    mark = tmp_path / "2024.1/stackwright.lock"
    mark.write_text(wish.digest + "\n")
    assert client.LocalHost().read(wish).digest == wish.digest
    cut = replace(wish, archive=str(tmp_path / "cut.tar"))
    with tarfile.open(str(cut.archive), "w") as tar:
        tar.add(tmp_path / "made/lock", "lock")
    with pytest.raises(CollectionError, match="no wheel of it"):
        client.LocalHost().install(cut)
    assert client.LocalHost().read(wish).digest == ""


def test_links_are_replaced_at_once(tmp_path: Path) -> None:
    host, link = client.LocalHost(), tmp_path / "release"
    for target in ("zed", "2024.1"):
        host.link(str(link), target)
        assert link.readlink() == Path(target)
    assert [path.name for path in tmp_path.iterdir()] == ["release"]
