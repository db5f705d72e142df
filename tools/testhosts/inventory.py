"""How Ansible and SSH reach a lab. Pure."""

from collections.abc import Mapping
from pathlib import Path

# Beside the host's address on the management network, on the wire of its provider network.
OVERLAY_ADDRESS = "\"{{ ansible_host | regex_replace('^172[.]31', '172.29') }}/24\""
# What the names of the hosts of a group begin with.
GROUPS = {"controller": "controller", "cellcontroller": "cell_controller", "compute": "compute"}
BEGIN, END = "# BEGIN test hosts", "# END test hosts"


def ssh_options(directory: Path) -> list[str]:
    """Options for ssh: the lab's key and the lab's known hosts, nothing of the user's."""
    return [
        "-F",
        "none",
        "-i",
        f"{directory}/id_ed25519",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        f"UserKnownHostsFile={directory}/known_hosts",
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        "LogLevel=ERROR",
    ]


def group(host: str) -> str:
    """The group of a host, by its name."""
    return next((group for name, group in GROUPS.items() if host.startswith(name)), "others")


def render_inventory(directory: Path, addresses: Mapping[str, str]) -> str:
    """An Ansible inventory in YAML: the groups of GROUPS, and the rest."""
    groups: dict[str, list[str]] = {title: [] for title in (*GROUPS.values(), "others")}
    for name in sorted(addresses):
        groups[group(name)].append(name)
    lines = [
        "all:",
        "  vars:",
        "    ansible_user: root",
        f"    ansible_ssh_private_key_file: {directory}/id_ed25519",
        "    ansible_ssh_common_args: >-",
        f"      -o UserKnownHostsFile={directory}/known_hosts",
        "      -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes",
        "    ansible_python_interpreter: /usr/bin/python3",
        # The machine's kernel, which hosts cannot load modules into, may have no Open vSwitch.
        "    neutron_ovs_datapath: netdev",
        f"    neutron_ovs_bridge_address: {OVERLAY_ADDRESS}",
        "  children:",
    ]
    for title, names in groups.items():
        if names:
            lines += [f"    {title}:", "      hosts:"]
            for name in names:
                lines += [f"        {name}:", f"          ansible_host: {addresses[name]}"]
    return "\n".join(lines) + "\n"


def merge_hosts_file(text: str, addresses: Mapping[str, str]) -> str:
    """A host's /etc/hosts with our block set to these names; lines of others stay."""
    before, _begin, rest = text.partition(f"{BEGIN}\n")
    _ours, _end, after = rest.partition(f"{END}\n")
    block = [BEGIN, *(f"{address} {name}" for name, address in sorted(addresses.items())), END]
    return before + "\n".join(block) + "\n" + after
