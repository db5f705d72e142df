# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compute host added to a cloud that a person has made, as an installation guide has it: what each column asks."""

from __future__ import annotations

import configparser
import hashlib
import json
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from seeds import guides
from testhosts import paths
from watched.runs import HOSTS, ROOT, Lab, LabError, Run

from .deployment import LIMIT, PATIENCE, unchanged
from .table import HERE, Row

_BUILDER = "builder"
# What the wheels depend on; the archive depends on the whole folder.
_RECIPE = ("requirements.txt", "wheels.sh")
_QUEUE = 5672
# Options that the guide knows by older names.
_PRESENT = {"vncserver_proxyclient_address": "server_proxyclient_address"}
_BOOT = "openstack server create {name} --image guest --flavor small --nic none --availability-zone nova:{host} --wait"


def carry_out(row: Row, lab: Lab) -> Iterator[str]:
    """Name each column as soon as it has passed; raises LabError at the first that does not."""
    folder = HERE / row.site
    archive = archived(folder, row.suite)
    controller, newcomer = lab.hosts
    lab.up("--suite", row.suite)
    site = ("--extra-vars", f"@{folder / 'variables.yml'}")
    Run(lab, str(folder / "site.yml"), *site, "--extra-vars", f"site_archive={archive}").succeed(LIMIT)
    if _reaches_queue(lab, newcomer):
        raise LabError("the site's firewall lets a compute host in that nobody has added")
    settings = (*site, "--extra-vars", json.dumps({**PATIENCE, **described(row.guide)}))
    add = ("stackwright.nova.add_compute", *settings, "--extra-vars", f"add_compute_hosts={newcomer}")
    Run(lab, *add).succeed(LIMIT)
    _prove(row.guide, lab)
    yield "deploy"
    unchanged(Run(lab, *add).succeed(LIMIT))
    yield "again unchanged"
    _as_admin(lab, "openstack server delete second --wait")
    remove = (
        "stackwright.nova.remove_compute",
        *settings,
        "--extra-vars",
        f"remove_compute_hosts={newcomer}",
    )
    Run(lab, *remove).succeed(LIMIT)
    unchanged(Run(lab, *remove).succeed(LIMIT))
    left = _rows(lab, "openstack compute service list --service nova-compute")
    if [service["Host"] for service in left] != [controller]:
        raise LabError(f"compute services are left: {left}")
    if _reaches_queue(lab, newcomer):
        raise LabError("a compute host that was removed still passes the firewall")
    yield "add and remove"


def described(release: str) -> dict[str, Any]:
    """What the site says of its packages: they are called as Debian's, and Nova has the options of its release."""
    platform = yaml.safe_load((ROOT / "roles/cloud/vars/CentOS-7.yml").read_text())
    own = platform["__cloud_releases"][release]
    return {"cloud_platform": {"release": release, **own}}


def digest(folder: Path, *names: str) -> str:
    """Of these files, by default of all in the folder that the archive is made of."""
    chosen = [folder / name for name in names] if names else sorted(recipe(folder))
    seen = hashlib.sha256()
    for path in chosen:
        seen.update(f"{path.relative_to(folder)}\n{path.read_text()}\n".encode())
    return seen.hexdigest()[:16]


def recipe(folder: Path) -> list[Path]:
    """The files that the archive is made of."""
    packages = [path for path in (folder / "packages").rglob("*") if path.is_file()]
    return [*(folder / name for name in _RECIPE), folder / "packages.sh", *packages]


def archived(folder: Path, suite: str) -> Path:
    """The archive with the packages of a site, which is kept; made on a separate host where it is not there."""
    archive = _kept(folder, "archive", digest(folder))
    if archive.exists():
        return archive
    lab = Lab(f"release-{folder.name}-build", (_BUILDER,))
    wheels = _kept(folder, "wheels", digest(folder, *_RECIPE))
    try:
        lab.up("--suite", suite)
        files = [str(path.relative_to(folder)) for path in recipe(folder)]
        packed = subprocess.run(["tar", "--create", *files], cwd=folder, stdout=subprocess.PIPE, check=True)
        _send(lab, packed.stdout)
        if wheels.exists():
            _send(lab, wheels.read_bytes())
        else:
            lab.ssh(_BUILDER, "sh /opt/site/wheels.sh")
            _fetch(lab, "wheels", wheels)
        lab.ssh(_BUILDER, "sh /opt/site/packages.sh")
        _fetch(lab, "archive", archive)
    finally:
        lab.down()
    return archive


def _kept(folder: Path, kind: str, mark: str) -> Path:
    return paths.cache() / "releases" / f"{folder.name}-{kind}-{mark}.tar"


def _send(lab: Lab, packed: bytes) -> None:
    command = "mkdir -p /opt/site && tar --extract --no-same-owner --directory /opt/site"
    subprocess.run([HOSTS, "ssh", lab.name, _BUILDER, command], input=packed, check=True)


def _fetch(lab: Lab, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    with draft.open("wb") as file:
        command = f"tar --create --directory /opt/site {name}"
        subprocess.run([HOSTS, "ssh", lab.name, _BUILDER, command], stdout=file, check=True)
    draft.replace(target)


def _prove(release: str, lab: Lab) -> None:
    """The new host is in service with the guide's options, and an instance runs there."""
    controller, newcomer = lab.hosts
    facts = guides.guide(release)
    _look(facts, lab)
    for path, sections in facts["nodes"]["compute"]["options"].items():
        found = differing(lab.ssh(newcomer, f"cat {path}"), sections, _address(lab, newcomer))
        if found:
            raise LabError(f"{path} of {newcomer} has {found}")
    if not _reaches_queue(lab, newcomer):
        raise LabError("the new compute host does not pass the firewall")
    if _open(_address(lab, controller)):
        raise LabError("the firewall is open to others than the new compute host")
    _as_admin(lab, _BOOT.format(name="second", host=newcomer))
    (second,) = [one for one in _rows(lab, "openstack server list --long") if one["Name"] == "second"]
    if (second["Status"], second["Host"]) != ("ACTIVE", newcomer):
        raise LabError(f"the instance does not run on the new host: {second}")


def differing(text: str, sections: Mapping[str, Mapping[str, Any]], address: str) -> dict[str, str | None]:
    """Of the options that the guide sets to the host's own address those that have another value."""
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True, default_section="none")
    reader.read_string(text)
    found = {
        name: reader.get(section, _PRESENT.get(name, name), fallback=None)
        for section, options in sections.items()
        for name in options
    }
    return {name: value for name, value in found.items() if value != address}


def lacking(
    rows: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The rows that the guide sees and that are not there; it has all columns in small letters."""
    seen = [{column.lower(): value for column, value in row.items()}.items() for row in rows]
    return [row for row in wanted if not any(row.items() <= each for each in seen)]


def _look(facts: Mapping[str, Any], lab: Lab) -> None:
    """Whatever the guide looks at in the end."""
    hosts = dict(zip(("controller", "compute"), lab.hosts))
    for view in facts["verification"]:
        if "login" not in view:
            lab.ssh(hosts[view["node"]], view["run"])
        elif "shows" not in view:
            _as_admin(lab, view["run"])
        else:
            missing = lacking(_rows(lab, view["run"]), view["shows"])
            if missing:
                raise LabError(f"{view['run']} does not show {missing}")


def _as_admin(lab: Lab, command: str) -> str:
    return lab.ssh(lab.hosts[0], f". /root/keystonerc_admin && {command}")


def _rows(lab: Lab, command: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_as_admin(lab, f"{command} --format json"))
    return found


def _address(lab: Lab, host: str) -> str:
    listing = yaml.safe_load((lab.directory / "hosts.yml").read_text())
    groups = listing["all"]["children"].values()
    return next(str(group["hosts"][host]["ansible_host"]) for group in groups if host in group["hosts"])


def _reaches_queue(lab: Lab, host: str) -> bool:
    address = _address(lab, lab.hosts[0])
    command = f"timeout 3 bash -c ': < /dev/tcp/{address}/{_QUEUE}' && echo open || true"
    return lab.ssh(host, command).strip() == "open"


def _open(address: str) -> bool:
    """Whether this machine, which is none of the cloud's hosts, reaches the message queue."""
    try:
        socket.create_connection((address, _QUEUE), timeout=3).close()
    except OSError:
        return False
    return True
