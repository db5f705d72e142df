# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``virtual_environment`` needs of a host, and a real host: uv, users, files."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .._engine.errors import CollectionError
from .._engine.files import Attributes, LocalFiles
from .._engine.process import last_words, run_command
from .._formats.wheel_archive import REQUIREMENTS, WHEELS, require_lock
from .parameters import Desired, Folder, PackagedFile
from .state import State

_MARK = "stackwright.lock"
_UV = "uv-*.data/scripts/uv"


class LocalHost:
    """This host."""

    def __init__(self) -> None:
        self._files = LocalFiles()

    def read(self, desired: Desired) -> State:
        """What is there."""
        files = {file.path: self._files.read(file.path) for file in desired.files}
        stored = {path: file for path, file in files.items() if file is not None}
        sources = {file.source for file in desired.files if file.source}
        texts = {source: self._files.read(f"{desired.path}/{source}") for source in sources}
        return State(
            digest=_installed(desired),
            links={path: _target(path) for path in desired.links if os.path.lexists(path)},
            accounts={
                name: groups
                for name, groups in ((each.name, _groups(each.name)) for each in desired.accounts)
                if groups is not None
            },
            folders={
                each.path: _attributes(each.path) for each in desired.folders if os.path.isdir(each.path)
            },
            files=stored,
            groups={path: _group(file.gid) for path, file in stored.items()},
            sources={source: text.text for source, text in texts.items() if text is not None},
        )

    def install(self, desired: Desired) -> None:
        """Have the environment hold the packages of the archive, and no others.

        The mark goes first and comes last, so that a cut is seen.
        """
        archive = desired.archive or ""
        require_lock(archive, desired.digest, desired.name)
        os.makedirs(os.path.dirname(desired.path), exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{desired.path}/{_MARK}")
        with tempfile.TemporaryDirectory(dir=os.path.dirname(desired.path), prefix=".wheels-") as place:
            # Python 3.11.2 has no filter that keeps members inside of the folder; tar does.
            self.run(["tar", "--extract", "--no-same-owner", "--file", archive, "--directory", place])
            uv = _unpacked_uv(Path(place))
            environment = {
                "VIRTUAL_ENV": desired.path,
                "UV_NO_CONFIG": "1",
                "UV_NO_CACHE": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                "UV_OFFLINE": "1",
            }
            if not os.path.exists(f"{desired.path}/bin/python"):
                self.run([uv, "venv", "--quiet", "--python", desired.python, desired.path], environment)
            argv = [uv, "pip", "sync", "--quiet", "--no-index", "--require-hashes", "--compile-bytecode"]
            argv += ["--link-mode", "copy", "--find-links", f"{place}/{WHEELS}", f"{place}/{REQUIREMENTS}"]
            self.run(argv, environment)
        Path(desired.path, _MARK).write_text(desired.digest + "\n")

    def link(self, path: str, target: str) -> None:
        """Replace (or make) a symbolic link at once."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        draft = f"{path}.stackwright-draft"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        os.symlink(target, draft)
        os.replace(draft, path)

    def run(self, argv: Sequence[str], environment: dict[str, str] | None = None) -> None:
        """Run a command to its end."""
        output = run_command(argv, environment=environment)
        if output.code:
            raise CollectionError(
                "run",
                "command",
                os.path.basename(argv[0]),
                last_words(output.stderr, output.stdout),
                "See stderr",
                code="command_failed",
                command=" ".join(argv),
                stderr=output.stderr,
            )

    def make_folder(self, folder: Folder) -> None:
        """Make a directory, or give it its owner, group and mode."""
        os.makedirs(folder.path, exist_ok=True)
        os.chown(folder.path, pwd.getpwnam(folder.owner).pw_uid, grp.getgrnam(folder.group).gr_gid)
        os.chmod(folder.path, folder.mode)

    def write(self, desired: Desired, file: PackagedFile) -> None:
        """Replace (or create) a file at once."""
        text = file.content
        if text is None:
            stored = self._files.read(f"{desired.path}/{file.source}")
            if stored is None:
                raise CollectionError(
                    "copy",
                    "file",
                    f"{desired.path}/{file.source}",
                    "the packages of the release do not bring it",
                    "This is a defect of stackwright.nova: report it with this message",
                )
            text = stored.text
        os.makedirs(os.path.dirname(file.path), exist_ok=True)
        self._files.write(file.path, text, Attributes("root", file.group), mode=file.mode, backup=False)

    def reload(self) -> None:
        """Have systemd read its units again."""
        self.run(["systemctl", "daemon-reload"])


def _installed(desired: Desired) -> str:
    try:
        return Path(desired.path, _MARK).read_text().strip()
    except FileNotFoundError:
        return ""


def _unpacked_uv(place: Path) -> str:
    """The program uv out of its wheel, which needs nothing else."""
    wheel = next((place / WHEELS).glob("uv-*.whl"), None)
    if wheel is None:
        raise CollectionError(
            "find", "program", "uv", "the archive has no wheel of it", "Build the archive again", code="lock"
        )
    with zipfile.ZipFile(wheel) as zipped:
        name = next(name for name in zipped.namelist() if Path(name).match(_UV))
        program = Path(zipped.extract(name, place))
    program.chmod(0o755)
    return str(program)


def _target(path: str) -> str:
    return os.readlink(path) if os.path.islink(path) else ""


def _groups(name: str) -> frozenset[str] | None:
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return None
    return frozenset(_group(gid) for gid in os.getgrouplist(name, account.pw_gid))


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _attributes(path: str) -> tuple[str, str, int]:
    status = os.stat(path)
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        owner = str(status.st_uid)
    return owner, _group(status.st_gid), stat.S_IMODE(status.st_mode)
