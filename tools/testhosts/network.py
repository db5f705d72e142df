"""Bridges, cables and address translation, all with our tag, so that all of it can be found again."""

import json
import shlex
import shutil
from collections.abc import Iterable

from . import plan
from .command import run, succeeds
from .paths import TAG

CACHE_BRIDGE = "sw-cache"
# (table, rule) of a lab's network: the way out, past the firewall a machine may have, with packets that fit.
_RULES = (
    ("nat", "POSTROUTING -s {subnet} ! -o {bridge} -j MASQUERADE"),
    ("filter", "FORWARD -i {bridge} -j ACCEPT"),
    ("filter", "FORWARD -o {bridge} -j ACCEPT"),
    ("mangle", "FORWARD -i {bridge} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"),
)


def ensure_lab(lab: plan.Lab) -> None:
    """The lab's two bridges, each with the machine as gateway."""
    for network in (lab.management, lab.provider):
        ensure_bridge(network.bridge, f"{network.gateway}/24", lab.name)
        for table, rule in _RULES:
            text = rule.format(subnet=network.subnet, bridge=network.bridge)
            chain, *match = f"{text} -m comment --comment {_tag(lab.name)}".split()
            iptables = ["iptables", "-w", "-t", table]
            if not succeeds([*iptables, "-C", chain, *match]):
                run([*iptables, "-I", chain, *match], purpose=("connect", "lab", lab.name))


def ensure_bridge(bridge: str, address: str, owner: str) -> None:
    """A bridge with an address, up."""
    purpose = ("create", "bridge", bridge)
    if not succeeds(["ip", "link", "show", bridge]):
        # A fixed address: else it follows the ports, and hosts lose their gateway when others come and go.
        kind = ["address", plan.mac_address(owner, bridge, "b"), "type", "bridge", "forward_delay", "0"]
        run(["ip", "link", "add", bridge, *kind], purpose=purpose)
    run(["ip", "link", "set", bridge, "up", "alias", _tag(owner)], purpose=purpose)
    run(["ip", "address", "replace", address, "dev", bridge], purpose=purpose)


def namespace(lab: str, host: str) -> str:
    """The name of a host's network namespace; names of labs and hosts hold no dots."""
    return f"{TAG}.{lab}.{host}"


def connect_host(lab: plan.Lab, host: str, address: str) -> None:
    """A network namespace for the host, with a cable to each bridge of the lab, made from scratch."""
    name = namespace(lab.name, host)
    disconnect_host(lab.name, host)
    purpose = ("connect", "host", host)
    run(["ip", "netns", "add", name], purpose=purpose)
    for kind, device, network in (("m", "eth0", lab.management), ("p", "provider0", lab.provider)):
        cable, mac = plan.veth_name(lab.name, host, kind), plan.mac_address(lab.name, host, kind)
        ends = [cable, "type", "veth", "peer", "name", device, "address", mac, "netns", name]
        run(["ip", "link", "add", *ends], purpose=purpose)
        plug = ["master", network.bridge, "up", "alias", _tag(lab.name)]
        run(["ip", "link", "set", cable, *plug], purpose=purpose)
        run(["ip", "-n", name, "link", "set", device, "up"], purpose=purpose)
    run(["ip", "-n", name, "link", "set", "lo", "up"], purpose=purpose)
    run(["ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0"], purpose=purpose)
    run(["ip", "-n", name, "route", "add", "default", "via", lab.management.gateway], purpose=purpose)


def disconnect_host(lab: str, host: str) -> None:
    """Remove a host's namespace and cables, whatever is left of them."""
    if namespace(lab, host) in tagged_namespaces(run(["ip", "netns", "list"]), lab):
        run(["ip", "netns", "delete", namespace(lab, host)], purpose=("disconnect", "host", host))
    for kind in "mp":
        succeeds(["ip", "link", "delete", plan.veth_name(lab, host, kind)])


def remove(owner: str | None = None) -> None:
    """Remove every rule, cable, bridge and namespace of a lab, or of all labs and the cache.

    Where a program is missing, nothing was ever made with it.
    """
    for table in ("nat", "filter", "mangle") if shutil.which("iptables") else ():
        for rule in tagged_rules(run(["iptables", "-w", "-t", table, "-S"]), owner):
            run(["iptables", "-w", "-t", table, "-D", *rule])
    if not shutil.which("ip"):
        return
    for name in tagged_namespaces(run(["ip", "netns", "list"]), owner):
        run(["ip", "netns", "delete", name])
    for device in tagged_links(run(["ip", "-json", "link", "show"]), owner):
        # A cable vanishes by itself when its namespace does.
        succeeds(["ip", "link", "delete", device])


def tagged_rules(listing: str, owner: str | None) -> list[list[str]]:
    """Our rules in the output of `iptables -S`, without the leading -A."""
    rules = (shlex.split(line)[1:] for line in listing.splitlines() if line.startswith("-A "))
    return [rule for rule in rules if any(_is_tag(word, owner) for word in rule)]


def tagged_links(listing: str, owner: str | None) -> list[str]:
    """Our devices in the output of `ip -json link`."""
    return [link["ifname"] for link in json.loads(listing) if _is_tag(link.get("ifalias", ""), owner)]


def tagged_namespaces(listing: str, owner: str | None) -> list[str]:
    """Our namespaces in the output of `ip netns list`."""
    prefix = f"{TAG}.{owner}." if owner else f"{TAG}."
    names: Iterable[str] = (line.split()[0] for line in listing.splitlines() if line)
    return [name for name in names if name.startswith(prefix)]


def _tag(owner: str) -> str:
    return f"{TAG}:{owner}"


def _is_tag(word: str, owner: str | None) -> bool:
    return word == _tag(owner) if owner else word.startswith(_tag(""))
