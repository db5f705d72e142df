# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules to write in which firewall: a pure decision over those that are on."""

from __future__ import annotations

from collections.abc import Iterator

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .client import BOOT_SCRIPT, BOOT_UNIT, POLICY_FILE, Firewalls
from .parameters import Desired
from .rules import (
    POLICY,
    chain_rules,
    leaving_commands,
    opening_commands,
    policy_file,
    removal_commands,
    rich_rules,
)
from .state import Firewalld, InputChain, State

_UNIT_TEXT = f"""[Service]
ExecStartPost=-/usr/sbin/nft --file {BOOT_SCRIPT}
ExecReload=-/usr/sbin/nft --file {BOOT_SCRIPT}
"""


def plan(desired: Desired, current: State) -> Plan[Firewalls]:
    """Open what is closed, wherever that is: a packet reaches a service only if every chain that it passes accepts it.

    Nothing is done where no firewall is on. Raises CollectionError where one is on that is not ours to change.
    """
    if current.others and desired.openings:
        raise _not_ours(desired, current.others)
    closed = tuple(chain for chain in current.chains if chain.closed and desired.openings)
    opened = [chain.title for chain in closed] + (["firewalld"] if current.firewalld else [])
    steps = (*_nftables(desired, current, closed), *_firewalld(desired, current.firewalld))
    return Plan(
        stages=in_order(steps),
        before=_described(current),
        after={
            **{chain.title: list(chain_rules(desired, chain.family)) for chain in closed},
            **({"firewalld": sorted(rich_rules(desired))} if current.firewalld else {}),
        }
        if steps
        else _described(current),
        result={"firewalls": opened},
        warnings=tuple(_forgotten(current, closed)),
    )


def _nftables(desired: Desired, current: State, closed: tuple[InputChain, ...]) -> Iterator[Step[Firewalls]]:
    commands = []
    for chain in current.chains:
        rules = chain_rules(desired, chain.family)
        if chain in closed:
            if len(chain.jumps) != 1 or chain.covered or chain.rules != tuple(rules):
                commands += [*leaving_commands(chain), *opening_commands(chain, rules)]
        else:
            commands += leaving_commands(chain)
    places = {(chain.family, chain.table) for chain in closed}
    commands += removal_commands(
        [chain for chain in current.chains if (chain.family, chain.table) not in places]
    )
    if commands:
        text = "".join(f"{command}\n" for command in commands)
        yield Step[Firewalls](
            f"nft {commands[0]}",
            lambda firewalls: firewalls.change(text),
            further_commands=tuple(f"nft {command}" for command in commands[1:]),
        )
    if current.boot.used or current.boot.script:
        yield from _at_boot(desired, current, closed)


def _at_boot(desired: Desired, current: State, closed: tuple[InputChain, ...]) -> Iterator[Step[Firewalls]]:
    """What the unit of nftables does after it has loaded the site's rules; it does without if that fails."""
    lines = [line for chain in closed for line in opening_commands(chain, chain_rules(desired, chain.family))]
    script = "".join(f"{line}\n" for line in lines)
    for path, text, present in (
        (BOOT_SCRIPT, script, current.boot.script),
        (BOOT_UNIT, _UNIT_TEXT if script else "", current.boot.unit),
    ):
        if text != present:
            yield _written(path, text)
    if current.boot.unit != (_UNIT_TEXT if script else ""):
        yield Step[Firewalls]("systemctl daemon-reload", lambda firewalls: firewalls.reload_units())


def _firewalld(desired: Desired, current: Firewalld | None) -> Iterator[Step[Firewalls]]:
    if current is None or not (desired.openings or current.file):
        return
    if not current.policies:
        raise CollectionError(
            "open",
            "firewalld",
            "",
            "it has no policies, which came with its release 0.9",
            "Open the ports there by hand (firewall-cmd --add-rich-rule), and leave the firewall to yourself",
            code="not_ours",
        )
    file, rules = policy_file(desired), rich_rules(desired)
    if current.rules is None and current.volatile:
        raise _would_lose(current.volatile)
    if file != current.file:
        yield _written(POLICY_FILE, file)
    if current.rules is None:
        yield Step[Firewalls]("firewall-cmd --reload", lambda firewalls: firewalls.firewalld(["--reload"]))
        return
    present = {*current.rules}
    for option, changed in (
        ("--remove-rich-rule", [rule for rule in sorted(present) if rule not in rules]),
        ("--add-rich-rule", [rule for rule in rules if rule not in present]),
    ):
        if changed:
            yield _runtime(option, changed)


def _runtime(option: str, rules: list[str]) -> Step[Firewalls]:
    words = [f"--policy={POLICY}", *(f"{option}={rule}" for rule in rules)]
    return Step[Firewalls](
        f"firewall-cmd --policy={POLICY} " + " ".join(f"{option}='{rule}'" for rule in rules),
        lambda firewalls: firewalls.firewalld(words),
    )


def _written(path: str, text: str) -> Step[Firewalls]:
    if not text:
        return Step[Firewalls](f"rm {path}", lambda firewalls: firewalls.remove(path))
    return Step[Firewalls](f"write {path}", lambda firewalls: firewalls.write(path, text))


def _described(current: State) -> dict[str, list[str]]:
    """Our own rules as they are; of those in nftables what they are called."""
    described = {chain.title: [*chain.rules] for chain in current.chains if chain.rules is not None}
    if current.firewalld and current.firewalld.rules is not None:
        described["firewalld"] = sorted(current.firewalld.rules)
    return described


def _forgotten(current: State, closed: tuple[InputChain, ...]) -> Iterator[str]:
    if closed and not current.boot.used:
        titles = ", ".join(chain.title for chain in closed)
        yield (
            f"What is opened in {titles} is closed again when those rules are reloaded: they do not come from the "
            "unit nftables. Run the playbook after that, or have what loads them end with our own rules."
        )


def _not_ours(desired: Desired, others: tuple[str, ...]) -> CollectionError:
    ways = "; ".join(
        f"{opening.protocol} {','.join(map(str, opening.ports))} from "
        f"{','.join((*opening.ipv4, *opening.ipv6))}"
        for opening in desired.openings
    )
    return CollectionError(
        "open",
        "firewall of",
        " and ".join(others),
        "only nftables and firewalld are opened here, and rules beside theirs would be lost or undo each other",
        f"Open there {ways}; and manage that firewall yourself (controller_firewall: false)",
        code="not_ours",
    )


def _would_lose(zones: tuple[str, ...]) -> CollectionError:
    return CollectionError(
        "open",
        "firewalld",
        "",
        f"it takes a policy of ours only when it is reloaded, which loses what it has in {', '.join(zones)} and not in "
        "its files",
        "Keep that (firewall-cmd --runtime-to-permanent) or drop it (firewall-cmd --reload), and run again",
        code="volatile",
    )
