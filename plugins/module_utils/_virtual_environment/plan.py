# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks of a virtual environment and its company: a pure decision."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from .._engine.errors import CollectionError
from .._engine.files import rendered
from .._engine.plan import Plan, Step, in_order
from .client import LocalHost
from .parameters import Account, Desired, Folder, PackagedFile
from .state import State

NO_ARCHIVE = "archive"
"""The code of the error for wheels that are needed and not on the host."""


def plan(desired: Desired, current: State) -> Plan[LocalHost]:
    """Packages, links, accounts, folders and files, in the order in which they need each other."""
    installs = current.digest != desired.digest
    strangers = [path for path in desired.links if current.links.get(path) == ""]
    files = [file for file in desired.files if _differs(file, current, installs)]
    units = any(file.path.startswith("/etc/systemd/system/") for file in files)
    steps = [
        *([_install(desired)] if installs else []),
        *_links(desired, current),
        *_accounts(desired, current),
        *(_folder(each) for each in desired.folders if current.folders.get(each.path) != _attributes(each)),
        *(_file(desired, file) for file in files),
        *([Step[LocalHost]("systemctl daemon-reload", lambda host: host.reload())] if units else []),
    ]
    return Plan(
        stages=in_order(steps),
        before=_rendition(
            desired,
            current.digest,
            {file.path: current.files[file.path].text for file in files if file.path in current.files},
        ),
        after=_rendition(desired, desired.digest, {file.path: _text(file, current) for file in files}),
        result={"path": desired.path, "installed": installs, "paths_changed": [file.path for file in files]},
        unmet=tuple(_unmet(desired, installs, strangers)),
    )


def _unmet(desired: Desired, installs: bool, strangers: list[str]) -> Iterator[CollectionError]:
    if strangers:
        yield CollectionError(
            "link",
            "program",
            ", ".join(strangers),
            "something else is in its place",
            "Move it, or drop it from `programs`",
            code="stranger",
        )
    if installs and not desired.archive:
        yield CollectionError(
            "install",
            "release",
            desired.name,
            "its wheels are not on the host",
            "Name their archive",
            code=NO_ARCHIVE,
        )


def _install(desired: Desired) -> Step[LocalHost]:
    command = f"uv pip sync --no-index --require-hashes # {desired.path}"
    return Step[LocalHost](command, lambda host: host.install(desired))


def _links(desired: Desired, current: State) -> Iterator[Step[LocalHost]]:
    for path, target in desired.links.items():
        if current.links.get(path) != target:
            yield _link(path, target)


def _link(path: str, target: str) -> Step[LocalHost]:
    return Step[LocalHost](
        f"ln --symbolic --force --no-dereference {target} {path}", lambda host: host.link(path, target)
    )


def _accounts(desired: Desired, current: State) -> Iterator[Step[LocalHost]]:
    for account in desired.accounts:
        if account.name not in current.accounts:
            yield _command(_new_user(account))
        missing = [
            group for group in account.groups if group not in current.accounts.get(account.name, frozenset())
        ]
        if missing:
            yield _command(["usermod", "--append", "--groups", ",".join(missing), account.name])


def _new_user(account: Account) -> list[str]:
    argv = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", account.home]
    return [*argv, "--shell", account.shell, account.name]


def _command(argv: list[str]) -> Step[LocalHost]:
    return Step[LocalHost](shlex.join(argv), lambda host: host.run(argv))


def _folder(folder: Folder) -> Step[LocalHost]:
    return Step[LocalHost](
        f"install --directory --owner={folder.owner} --group={folder.group} --mode={folder.mode:04o} {folder.path}",
        lambda host: host.make_folder(folder),
    )


def _attributes(folder: Folder) -> tuple[str, str, int]:
    return folder.owner, folder.group, folder.mode


def _file(desired: Desired, file: PackagedFile) -> Step[LocalHost]:
    return Step[LocalHost](f"write {file.path}", lambda host: host.write(desired, file))


def _differs(file: PackagedFile, current: State, installs: bool) -> bool:
    stored = current.files.get(file.path)
    if stored is None:
        return True
    if file.kept:
        return False
    if file.source and installs:
        return True
    same = (stored.text, stored.mode, current.groups.get(file.path)) == (
        _text(file, current),
        file.mode,
        file.group,
    )
    return not same


def _text(file: PackagedFile, current: State) -> str:
    if file.content is not None:
        return file.content
    return current.sources.get(file.source or "", f"(that of {file.source})\n")


def _rendition(desired: Desired, digest: str, texts: dict[str, str]) -> str:
    packages = f"{desired.path}: packages of lock {digest[:16]}\n" if digest else ""
    return packages + rendered(texts)
