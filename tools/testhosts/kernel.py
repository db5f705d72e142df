"""The machine's kernel, as the hosts see it: which modules modprobe finds in them."""

import gzip
import os
import shutil
import tempfile
from pathlib import Path

from .command import run, succeeds

# What an OpenStack host may want to load: kernel option and place of the module.
MODULES = {
    "BRIDGE": "net/bridge/bridge",
    "BRIDGE_NETFILTER": "net/bridge/br_netfilter",
    "BRIDGE_NF_EBTABLES": "net/bridge/netfilter/ebtables",
    "IP_SET": "net/netfilter/ipset/ip_set",
    "KVM": "arch/x86/kvm/kvm",
    "NBD": "drivers/block/nbd",
    "NF_CONNTRACK": "net/netfilter/nf_conntrack",
    "OPENVSWITCH": "net/openvswitch/openvswitch",
    "OVERLAY_FS": "fs/overlayfs/overlay",
    "TUN": "drivers/net/tun",
    "VETH": "drivers/net/veth",
    "VHOST_NET": "drivers/vhost/vhost_net",
    "VLAN_8021Q": "net/8021q/8021q",
    "VXLAN": "drivers/net/vxlan/vxlan",
}


def module_directory() -> Path:
    """Where this kernel's modules are; a kernel with everything built in has no such directory."""
    return Path("/lib/modules") / os.uname().release


def load_modules() -> None:
    """Load what is a module here, for all hosts: they share this kernel."""
    for place in MODULES.values():
        succeeds(["modprobe", "--quiet", Path(place).name])


def describe_built_in(root: Path) -> None:
    """Write for modprobe in a host what is built into the kernel, so that it answers as on any Debian machine."""
    release, config = os.uname().release, Path("/proc/config.gz")
    target = root / "lib/modules" / release
    if module_directory().is_dir() or target.exists() or not config.exists():
        return
    with tempfile.TemporaryDirectory() as work:
        draft = Path(work) / "lib/modules" / release
        draft.mkdir(parents=True)
        (draft / "modules.builtin").write_text(built_in(gzip.decompress(config.read_bytes()).decode()))
        (draft / "modules.order").touch()
        run(["depmod", "--basedir", work, release], purpose=("describe", "kernel", release))
        shutil.copytree(draft, target)


def built_in(config: str) -> str:
    """The list of built-in modules (as in modules.builtin) that follows from a kernel configuration."""
    options = {line.removesuffix("=y") for line in config.splitlines() if line.endswith("=y")}
    places = (place for option, place in MODULES.items() if f"CONFIG_{option}" in options)
    return "".join(f"kernel/{place}.ko\n" for place in places)
