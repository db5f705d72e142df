# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host and prints its state as JSON: files, packages, units, databases, accounts, message queue.

What is made at random or by the clock is masked: identifiers by their kind, keys by their number.
"""

import grp
import hashlib
import json
import pwd
import re
import stat
import subprocess
import sys
from pathlib import Path

FILES = ("/etc", "/var/lib/nova", "/var/lib/neutron", "/var/lib/glance", "/usr/sbin/policy-rc.d")
# Random by nature: only that they are there, and who may read them, can be compared.
RANDOM = re.compile(
    r"/etc/(keystone/(fernet|credential)-keys/|nova/compute_id|shadow|gshadow|passwd|group|subuid|subgid)"
    r"|/etc/pki/(libvirt|qemu)/.*\.pem"
    r"|/var/lib/nova/compute_id"
)
# libvirt names what is in them differently on each host.
NAMED = re.compile(r"/etc/libvirt/(nwfilter|qemu/networks)/")
# Written by the services while they run, or by the system as it boots.
ALIVE = re.compile(
    r"/etc/(ld\.so\.cache|resolv\.conf|\.updated|adjtime|mtab|hosts|.*-$)"
    r"|/var/lib/nova/(instances|tmp|CA|networks|buckets|images|\.)"
    r"|/var/lib/neutron/(lock|tmp|dhcp|external|ha_confs|metadata_proxy|ns-metadata|\.)"
    r"|/var/lib/glance/(images|locks|\.)"
)
PROJECTS = ("keystone", "glance", "placement", "neutron", "nova_api", "nova", "nova_cell0")
# What the services write about the moment.
CLOCKWORK = {
    "created_at",
    "created_at_int",
    "updated_at",
    "deleted_at",
    "last_seen_up",
    "report_count",
    "heartbeat_timestamp",
    "started_at",
    "load",
    "configurations",
    "generation",
    "resource_versions",
    "expires_at",
    "issued_at",
    "first_boot",
    "last_active_at",
    "id",
    "uuid",
    "stats",
    "memory_mb_used",
    "free_ram_mb",
    "free_disk_gb",
    "disk_available_least",
    "running_vms",
    "current_workload",
    "cpu_info",
    # Sets, in any order.
    "numa_topology",
}
# The machine's memory: one that is virtual itself gets more of it, or less, under way.
_IS_MEMORY = "(select c.name from placement.resource_classes c where c.id = resource_class_id) = 'MEMORY_MB'"
MEMORY = {
    ("compute_nodes", "memory_mb"): "0",
    ("inventories", "total"): f"if({_IS_MEMORY}, 0, total)",
    ("inventories", "max_unit"): f"if({_IS_MEMORY}, 0, max_unit)",
}
ASSIGNMENTS = (
    "select a.type, u.name, r.name, p.name from keystone.assignment a "
    "left join keystone.local_user u on u.user_id = a.actor_id left join keystone.role r on r.id = a.role_id "
    "left join keystone.project p on p.id = a.target_id"
)
ENDPOINTS = (
    "select s.type, s.extra, e.interface, e.region_id, e.url, e.enabled from keystone.endpoint e "
    "join keystone.service s on s.id = e.service_id"
)
# What is random in a text, and what stands for it, in the order in which it is looked for.
MASKS = {
    "<mac>": re.compile(r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b"),
    "<id>": re.compile(r"\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b"),
    "<time>": re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"),
    "<hash>": re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"),
}


def main() -> None:
    state = {"files": dict(files()), "packages": packages(), "units": units()}
    if run("systemctl", "is-active", "mariadb").strip() == "active":
        state.update(databases())
    if run("systemctl", "is-active", "rabbitmq-server").strip() == "active":
        state["message_queue"] = message_queue()
    json.dump(state, sys.stdout)


def run(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def files():
    for top in map(Path, FILES):
        for path in (top, *top.rglob("*")):
            if not ALIVE.match(str(path)) and (path.exists() or path.is_symlink()):
                yield str(path), described(path)


def described(path: Path) -> str:
    status = path.lstat()
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name + ":" + grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        owner = f"{status.st_uid}:{status.st_gid}"
    what = stat.filemode(status.st_mode) + " " + owner
    if stat.S_ISLNK(status.st_mode):
        what += " -> " + str(path.readlink())
    elif stat.S_ISREG(status.st_mode) and not RANDOM.match(str(path)):
        content = path.read_bytes()
        what += " " + digest(masked(content.decode()).encode() if NAMED.match(str(path)) else content)
    return what


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def packages():
    lines = run(
        "dpkg-query", "--show", "--showformat=${Package}:${Architecture} ${Status} ${Version}\n"
    ).splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def units():
    found = {}
    for line in run(
        "systemctl", "list-unit-files", "--no-legend", "--type=service,socket,timer"
    ).splitlines():
        found[line.split()[0]] = line.split()[1]
    for line in run(
        "systemctl", "list-units", "--all", "--plain", "--no-legend", "--type=service"
    ).splitlines():
        name, _load, active = line.split()[:3]
        # Services that ran once, timers' ones above all, are a matter of the clock.
        if name in found and active in ("active", "failed", "activating"):
            found[name] += " " + active
    ran_once = ("systemd-", "e2scrub", "fstrim", "logrotate", "man-db", "dpkg-db-backup", "apt-", "user@")
    return {name: value for name, value in found.items() if not name.startswith(ran_once)}


def sql(query: str) -> str:
    return run("mysql", "--batch", "--skip-column-names", "--raw", "--execute", query)


def databases():
    accounts = sql("select user, host, priv from mysql.global_priv").splitlines()
    users = [line.split("\t")[:2] for line in accounts]
    grants = [sql(f"show grants for '{user}'@'{host}'") for user, host in users if user]
    tables = {}
    for line in sql("select table_schema, table_name from information_schema.tables").splitlines():
        schema, table = line.split("\t")
        if schema in PROJECTS:
            tables[f"{schema}.{table}"] = rows(schema, table)
    return {
        "databases": tables,
        "grants": {"grants": sorted(line for text in grants for line in text.splitlines())},
        "catalog": {
            "endpoints": sorted(masked(sql(ENDPOINTS)).splitlines()),
            "assignments": sorted(masked(sql(ASSIGNMENTS)).splitlines()),
        },
    }


def rows(schema: str, table: str):
    definition = re.sub(r" AUTO_INCREMENT=\d+", "", sql(f"show create table `{schema}`.`{table}`"))
    # SQLAlchemy creates the indices of a table in any order.
    definition = "\n".join(sorted(line.rstrip(",") for line in definition.splitlines()))
    columns = []
    query = (
        "select column_name, data_type from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = '{table}'"
    )
    for line in sql(query).splitlines():
        name, kind = line.split("\t")
        number = kind in ("int", "bigint")
        if name not in CLOCKWORK and not (number and name.endswith("_id")):
            columns.append(MEMORY.get((table, name), f"`{name}`"))
    chosen = ", ".join(columns)
    content = sql(f"select {chosen} from `{schema}`.`{table}`") if columns else ""
    return [digest(definition.encode()), *sorted(masked(content).splitlines())]


def masked(text: str) -> str:
    for name, pattern in MASKS.items():
        text = pattern.sub(name, text)
    return text


def message_queue():
    definitions = json.loads(run("rabbitmqctl", "-q", "export_definitions", "-") or "{}")
    return {
        "users": sorted(
            user["name"] + " " + json.dumps(user["tags"]) for user in definitions.get("users", [])
        ),
        "vhosts": sorted(vhost["name"] for vhost in definitions.get("vhosts", [])),
        "permissions": sorted(
            json.dumps(entry, sort_keys=True) for entry in definitions.get("permissions", [])
        ),
    }


main()
