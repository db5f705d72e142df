"""Layers with packages baked in: what the roles install on a host, between the base and the host's own layer."""

import hashlib
import importlib
import shlex
import sys
import tempfile
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from . import container, machine, paths, rootfs
from .errors import HostsError

# The roles' own data name the packages, so that no second list can differ from them.
PLATFORMS = Path(__file__).parents[2] / "roles/cloud/vars"
GROUPS = ("controller", "cell_controller", "compute")
# In place of a lab's name in the control groups: the name of a lab begins with no dot.
BUILDS = ".layers"
POLICY, HOLD_BACK = "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n"
INSTALL = (
    "export DEBIAN_FRONTEND=noninteractive; "
    'apt-get -q update && apt-get -q -y --no-install-recommends install "$@" && apt-get clean'
)
# Written by packages while they are installed, but different on every host: made again there.
ISCSI_NAME = "etc/iscsi/initiatorname.iscsi"
IDENTITY = (
    ISCSI_NAME,
    "var/lib/rabbitmq/.erlang.cookie",
    "var/lib/nova/compute_id",
    "var/lib/dbus/machine-id",
)
UNITS = "etc/systemd/system"


def ensure(base: Path, group: str, in_use: Callable[[], Collection[str]]) -> Path:
    """The layer of a group's packages for a base, built if there is none of this recipe; unused ones go."""
    names = packages(_platform(base), group)
    # Names of machines, as systemd-nspawn wants them, have no underscore.
    kind = f"{base.name.partition('-')[0]}-{group.replace('_', '-')}"
    layer = _directory() / f"{kind}-{recipe((base / 'var/lib/dpkg/status').read_bytes(), names)}"
    with machine.lock(f"layer-{kind}"):
        if not layer.exists():
            layer.parent.mkdir(parents=True, exist_ok=True)
            _abandon(kind)
            print(
                f"Installing {len(names)} packages into layer {layer.name} ...", file=sys.stderr, flush=True
            )
            with tempfile.TemporaryDirectory(prefix=f".{kind}-", dir=layer.parent) as draft:
                _build(Path(draft), base, kind, names)
                # Complete or not there at all: a build that is killed before this line is no layer.
                (Path(draft) / "upper").rename(layer)
            rootfs.remove_unused(layer, kind, in_use())
    return layer


def packages(platform: Mapping[str, Any], group: str) -> list[str]:
    """What the roles install on a host of a group, by their data for its distribution and its own mechanism."""
    if group == "cell_controller":
        parts = ("database", "message_queue", "cell")
        return sorted({package for name in parts for package in platform[name]["packages"]})
    mechanism = platform["neutron"]["mechanisms"][0]
    components = _components()[mechanism][group]
    lists = [platform["neutron"]["packages"][component] for component in components]
    if group == "compute":
        lists.append(platform["compute"]["packages"])
    else:
        # One controller alone needs no load balancer; what Neutron's agents bring of one is there all the same.
        others = [
            part for name, part in platform.items() if name not in ("compute", "load_balancer", "neutron")
        ]
        lists += [part["packages"] for part in others if "packages" in part]
    return sorted({package for names in lists for package in names})


def recipe(base_packages: bytes, names: Collection[str]) -> str:
    """A short name for all that a layer is made from; bases of one recipe differ where their packages do."""
    parts = (base_packages, sorted(names), HOLD_BACK, INSTALL, IDENTITY)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def hold_back(root: Path, layer: Path) -> None:
    """Mask the units that the layer's packages enabled: the first boot would start them unconfigured."""
    for unit in enabled(layer):
        mask = root / UNITS / unit
        if not mask.is_symlink() and not mask.exists():
            mask.symlink_to("/dev/null")


def release(root: Path, layer: Path) -> bool:
    """Remove the masks; True if there were any, so that the host's systemd must be reloaded."""
    masks = [root / UNITS / unit for unit in enabled(layer)]
    masks = [mask for mask in masks if mask.is_symlink() and str(mask.readlink()) == "/dev/null"]
    for mask in masks:
        mask.unlink()
    return bool(masks)


def furnish(root: Path, layer: Path) -> None:
    """Write what packages generate for one host alone, and no service generates when it starts."""
    if (layer / Path(ISCSI_NAME).parent).is_dir():
        name = f"InitiatorName=iqn.1993-08.org.debian:01:{uuid.uuid4().hex[:12]}\n"
        rootfs.put(root / ISCSI_NAME, name, 0o600)


def clean() -> None:
    """End all builds and unmount what they left, so that the caches can be deleted."""
    _abandon("")


def _directory() -> Path:
    return paths.cache() / "layers"


def _platform(base: Path) -> Mapping[str, Any]:
    """The roles' data for the distribution in a base."""
    words = shlex.split((base / "usr/lib/os-release").read_text())
    release = dict(word.partition("=")[::2] for word in words)
    name = f"{release['ID'].capitalize()}-{release.get('VERSION_ID', 'testing')}"
    data = PLATFORMS / f"{name}.yml"
    if not data.exists():
        raise HostsError(
            "bake",
            "packages into",
            base.name,
            f"the roles know no platform {name}",
            "Leave out --baked, or choose another suite",
        )
    platform: Mapping[str, Any] = _yaml().safe_load(data.read_text())["__cloud_platform"]
    return platform


def _components() -> Mapping[str, Mapping[str, list[str]]]:
    """What of Neutron runs on which hosts, as the roles know it."""
    sys.path.insert(0, str(PLATFORMS.parents[2] / "plugins/plugin_utils"))
    try:
        found: Mapping[str, Mapping[str, list[str]]] = importlib.import_module("_cloud.network").COMPONENTS
    finally:
        sys.path.pop(0)
    return found


def _yaml() -> Any:
    """PyYAML; it is installed only where somebody wants layers."""
    try:
        return importlib.import_module("yaml")
    except ImportError:
        machine.install(["python3-yaml"])
        importlib.invalidate_caches()
        return importlib.import_module("yaml")


def _build(draft: Path, base: Path, kind: str, names: list[str]) -> None:
    """Install packages on top of a base, into the directory `upper` of a draft."""
    root = rootfs.mount(draft, str(base))
    try:
        rootfs.put(root / POLICY, HOLD_BACK, 0o755)
        container.run_in(
            root, BUILDS, kind, ["/bin/sh", "-c", INSTALL, "sh", *names], purpose=("build", "layer", kind)
        )
        for path in (POLICY, *IDENTITY):
            (root / path).unlink(missing_ok=True)
    finally:
        container.kill(BUILDS, kind)
        rootfs.unmount(draft)


def _abandon(kind: str) -> None:
    """Remove what killed builds left, of one kind or (with an empty name) of all."""
    container.kill(BUILDS, kind)
    for draft in _directory().glob(f".{kind}*"):
        rootfs.unmount(draft)
        rootfs.remove_tree(draft)


def enabled(layer: Path) -> list[str]:
    """The units that the packages of a layer start at boot, those of init scripts included."""
    units = {link.name for link in (layer / UNITS).glob("*.wants/*")}
    scripts = {f"{link.name[3:]}.service" for link in (layer / "etc").glob("rc[2S].d/S??*")}
    return sorted(units | scripts)
