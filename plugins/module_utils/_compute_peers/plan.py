# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of OpenSSH's files that authorize compute hosts on each other: a pure decision over their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .._engine.files import rendered
from .._engine.plan import Plan, Step, in_order
from .client import LocalPeerFiles
from .parameters import Desired, Peer
from .places import RECEIVER, authorized_keys, client_config, known_hosts
from .state import State

LinesOf = Callable[[Peer, Desired], "list[str]"]

# Ends each line of ours; what has another comment belongs to somebody else, and stays.
_MARK = "stackwright:"
_BEGIN, _END = "# Begin of what stackwright.nova writes", "# End of what stackwright.nova writes"
_DEFAULT_PORT = 22


def plan(desired: Desired, current: State) -> Plan[LocalPeerFiles]:
    """Write the files that differ."""
    paths = {
        "authorized": authorized_keys(current.home),
        "known": known_hosts(current.home),
        "client": client_config(current.home),
    }
    texts = {
        RECEIVER: current.receiver,
        paths["authorized"]: _with_lines(current.text(paths["authorized"]), desired, _authorized),
        paths["known"]: _with_lines(current.text(paths["known"]), desired, _known),
        paths["client"]: _with_block(current.text(paths["client"]), desired),
    }
    changed = [path for path, text in texts.items() if text != current.text(path)]
    return Plan(
        stages=in_order(_write(path, texts[path], desired.user) for path in changed),
        before=rendered({path: current.text(path) for path in changed if path in current.files}),
        after=rendered({path: texts[path] for path in changed}),
        result={"peers": sorted([*(peer.name for peer in desired.peers), *desired.kept])},
    )


def _authorized(peer: Peer, desired: Desired) -> list[str]:
    command = f"{RECEIVER} {desired.instances_path} {desired.restricted_rsync}"
    return [f'restrict,from="{peer.address}",command="{command}" {peer.public_key} {_MARK}{peer.name}']


def _known(peer: Peer, desired: Desired) -> list[str]:
    address = peer.address if desired.ssh_port == _DEFAULT_PORT else f"[{peer.address}]:{desired.ssh_port}"
    return [f"{address} {key} {_MARK}{peer.name}" for key in peer.host_keys]


def _client(peer: Peer, desired: Desired) -> list[str]:
    """What Nova's own ssh and rsync use: one address, one key, and no questions."""
    return [
        f"Host {' '.join(dict.fromkeys((peer.nova_address, peer.address)))} # {_MARK}{peer.name}",
        f"    HostName {peer.address}",
        f"    Port {desired.ssh_port}",
        f"    User {desired.user}",
        "    BatchMode yes",
        "    StrictHostKeyChecking yes",
        "    IdentitiesOnly yes",
        "    IdentityFile ~/.ssh/id_ed25519",
    ]


def _with_lines(text: str, desired: Desired, lines_of: LinesOf) -> str:
    """The text with the peers' lines: first what is not ours, then ours."""
    present = text.splitlines()
    foreign = [line for line in present if not _owner(line)]
    ours = _ours(desired, lines_of, lambda name: [line for line in present if _owner(line) == name])
    return _joined([*foreign, *ours])


def _with_block(text: str, desired: Desired) -> str:
    """The text with the peers' sections at its beginning, because OpenSSH uses what comes first."""
    lines = text.splitlines()
    block: Sequence[str] = ()
    if _BEGIN in lines and _END in lines:
        begin, end = lines.index(_BEGIN), lines.index(_END)
        block, lines = lines[begin + 1 : end], lines[:begin] + lines[end + 1 :]
    sections = _sections(block)
    ours = _ours(desired, _client, lambda name: sections.get(name, []))
    return _joined([_BEGIN, *ours, _END, *lines])


def _sections(block: Iterable[str]) -> Mapping[str, list[str]]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line in block:
        name = _owner(line) or name
        sections.setdefault(name, []).append(line)
    return sections


def _ours(desired: Desired, lines_of: LinesOf, present: Callable[[str], list[str]]) -> list[str]:
    """The lines of all peers in the order of their names; those of the kept ones as they are."""
    by_name = {name: present(name) for name in desired.kept}
    by_name.update({peer.name: lines_of(peer, desired) for peer in desired.peers})
    return [line for name in sorted(by_name) for line in by_name[name]]


def _owner(line: str) -> str:
    """The peer that a line of ours is about; "" for a line that is not ours."""
    comment = line.rpartition(" ")[2]
    return comment[len(_MARK) :] if comment.startswith(_MARK) else ""


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _write(path: str, text: str, user: str) -> Step[LocalPeerFiles]:
    return Step[LocalPeerFiles](f"write {path}", lambda files: files.write(path, text, user))
