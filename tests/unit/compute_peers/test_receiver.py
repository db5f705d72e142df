# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compute host's key opens. rrsync is a stand-in that notes how it was started; Molecule has the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.receiver import main

COPY = "rsync --server -rSze.iLsfxCIvu . "
FROM_ROOT = "rsync --server -logDtpRe.iLsfxCIvu --no-implied-dirs . /"
# Writes what it was asked for, and brings the tree that the test has laid out.
RRSYNC = """#!{python}
import os, shutil, sys
with open({log!r}, "w") as log:
    print(*sys.argv[1:], os.environ["SSH_ORIGINAL_COMMAND"], sep="\\n", file=log)
if os.path.isdir({tree!r}):
    shutil.copytree({tree!r}, sys.argv[-1], dirs_exist_ok=True)
"""


class Way:
    """A host's folder of instances, and the way into it."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "instances"
        self.folder.mkdir()
        self.log, self.tree = root / "log", root / "tree"
        self.rrsync = root / "rrsync"
        self.install("")

    def install(self, text: str) -> None:
        program = RRSYNC.format(python=sys.executable, log=str(self.log), tree=str(self.tree))
        self.rrsync.write_text(program + text)
        self.rrsync.chmod(0o755)

    def ask(self, command: str, monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setenv("SSH_ORIGINAL_COMMAND", command)
        return main([str(self.folder), str(self.rrsync)])

    @property
    def started(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def bring(self, *paths: str, folder: bool = False) -> None:
        """Lay out a tree from the root of the host down, as the other host would."""
        for path in paths:
            place = self.tree / path.lstrip("/")
            (place if folder else place.parent).mkdir(parents=True)
            if not folder:
                place.touch()


@pytest.fixture
def way(tmp_path: Path) -> Way:
    return Way(tmp_path)


def test_a_file_goes_where_nova_wants_it(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    assert way.ask(f"{COPY}{way.folder}/uuid/disk", monkeypatch) == 0
    assert way.started == ["-wo", str(way.folder), f"{COPY}/uuid/disk"]


def test_the_folder_of_instances_itself_may_be_swept(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    command = f"rsync --server -logDtpre.iLsfxCIvu --delete . {way.folder}"
    assert way.ask(command, monkeypatch) == 0
    assert way.started[-1] == "rsync --server -logDtpre.iLsfxCIvu --delete . /"


def test_several_hosts_may_come_at_once_where_rrsync_can(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.install("# -no-lock\n")
    assert way.ask(f"{COPY}{way.folder}/uuid/disk", monkeypatch) == 0
    assert way.started[:3] == ["-wo", "-no-lock", str(way.folder)]


@pytest.mark.parametrize(
    "command",
    [
        "",
        "sh",
        "cat /etc/nova/nova.conf",
        "rsync --server -rSze.iLsfxCIvu . /etc/nova/nova.conf",
        "rsync --server -rSze.iLsfxCIvu . ../.ssh/authorized_keys",
        "/usr/lib/openssh/sftp-server",
        "scp -t /var/lib/nova/instances/uuid/disk",
        "rsync --server -rSze.iLsfxCIvu . FOLDER/../.ssh/authorized_keys",
        "rsync --server -rSze.iLsfxCIvu . FOLDERS/uuid/disk",
        "rsync --server -rSze.iLsfxCIvu . 'FOLDER/uuid/disk'",
        "rsync --daemon . FOLDER",
    ],
)
def test_anything_else_is_refused(
    way: Way, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert way.ask(command.replace("FOLDER", str(way.folder)), monkeypatch) == 1
    assert "This key" in capsys.readouterr().err
    assert way.started == []


def test_a_link_does_not_lead_out(way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (way.folder / "evil").symlink_to(tmp_path)
    assert way.ask(f"{COPY}{way.folder}/evil/authorized_keys", monkeypatch) == 1
    assert way.started == []


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_named_from_the_root_down_is_made(
    way: Way, monkeypatch: pytest.MonkeyPatch, is_folder: bool
) -> None:
    path = way.folder / "uuid" / "new" if is_folder else way.folder / "new"
    way.bring(str(path), folder=is_folder)
    assert way.ask(FROM_ROOT, monkeypatch) == 0
    assert path.is_dir() is is_folder and path.exists()
    aside = Path(way.started[1])
    assert aside.parent == way.folder and not aside.exists()
    assert [each.name for each in way.folder.iterdir()] == [path.relative_to(way.folder).parts[0]]


def test_what_is_there_already_keeps_its_content(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    (way.folder / "new").write_text("content")
    way.bring(f"{way.folder}/new")
    assert way.ask(FROM_ROOT, monkeypatch) == 0
    assert (way.folder / "new").read_text() == "content"


@pytest.mark.parametrize("path", ["/etc/cron.d/evil", "SIBLING/authorized_keys"])
def test_nothing_is_made_elsewhere(
    way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    place = Path(path.replace("SIBLING", str(tmp_path / "ssh")))
    way.bring(str(place))
    assert way.ask(FROM_ROOT, monkeypatch) == 1
    assert not place.exists()
    assert list(way.folder.iterdir()) == []
