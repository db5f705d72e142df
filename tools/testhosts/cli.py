"""The command line of the test hosts."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from . import container, inventory, lab, paths
from .errors import HostsError

DEFAULT_SUITE = "bookworm"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status says whether it did what it says."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except HostsError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hosts", description="Local test hosts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="create and start hosts; what runs is left as it is")
    up.add_argument("lab")
    up.add_argument("hosts", nargs="+", metavar="NAME[=SUITE]")
    up.add_argument(
        "--suite", default=DEFAULT_SUITE, help="release of hosts without one (default %(default)s)"
    )
    up.add_argument(
        "--baked",
        action="store_true",
        help="create hosts with the packages of their group (controllerN, computeN) installed, from a cached layer",
    )
    up.set_defaults(run=_up)

    down = commands.add_parser("down", help="remove hosts, or a whole lab; caches stay")
    down.add_argument("lab")
    down.add_argument("hosts", nargs="*", metavar="NAME")
    down.set_defaults(run=lambda options: lab.down(options.lab, options.hosts))

    cut = commands.add_parser("cut", help="take the power of hosts away; up boots them again")
    cut.add_argument("lab")
    cut.add_argument("hosts", nargs="+", metavar="NAME")
    cut.set_defaults(run=lambda options: lab.cut(options.lab, options.hosts))

    for name, job, purpose in (
        (
            "snapshot",
            lab.snapshot,
            "keep the disks of a lab's hosts as they are now; the hosts lose their power",
        ),
        (
            "restore",
            lab.restore,
            "bring the disks back to the last snapshot; the hosts lose their power",
        ),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("lab")
        command.set_defaults(run=_report(job))

    clean = commands.add_parser("clean", help="remove all labs and all they changed on this machine")
    clean.add_argument("--caches", action="store_true", help="also delete the caches")
    clean.set_defaults(run=lambda options: lab.clean(options.caches))

    listing = commands.add_parser("list", help="list labs and hosts")
    listing.set_defaults(run=_list)

    inventory_of = commands.add_parser("inventory", help="print an Ansible inventory of a lab")
    inventory_of.add_argument("lab")
    inventory_of.add_argument("hosts", nargs="*", metavar="NAME", help="only these hosts")
    inventory_of.set_defaults(run=_inventory)

    ssh = commands.add_parser("ssh", help="run a command on a host, or log in")
    ssh.add_argument("lab")
    ssh.add_argument("host")
    ssh.add_argument("command", nargs=argparse.REMAINDER)
    ssh.set_defaults(run=_ssh)
    return parser


def _up(options: argparse.Namespace) -> None:
    suites = {}
    for word in options.hosts:
        name, _equals, suite = word.partition("=")
        suites[name] = suite or options.suite
    lab.up(options.lab, suites, lambda line: print(line, flush=True), baked=options.baked)


def _report(job: Callable[[str, Callable[[str], None]], None]) -> Callable[[argparse.Namespace], None]:
    return lambda options: job(options.lab, lambda line: print(line, flush=True))


def _list(_arguments: argparse.Namespace) -> None:
    for name in lab.names():
        record = lab.existing(name)
        print(f"{name} {record.lab.management.subnet} {record.lab.provider.subnet}")
        for host in record.hosts.values():
            status = "running" if container.running(name, host.name) else "stopped"
            print(f"  {host.name} {host.address} {host.suite} {status}")


def _inventory(options: argparse.Namespace) -> None:
    addresses = lab.addresses(options.lab, options.hosts)
    print(inventory.render_inventory(paths.lab(options.lab), addresses), end="")


def _ssh(options: argparse.Namespace) -> None:
    argv = lab.ssh_argv(options.lab, options.host, options.command)
    os.execvp(argv[0], argv)
