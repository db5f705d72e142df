# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that prints, as JSON, what a host is like: to be run there twice, and compared.

``packages``: versions. ``files``: owner and content of all that is configured, and of what starts at boot. ``units``:
what tells whether a running service was restarted. ``tables``: how each is made, and its rows. ``accounts``: those
of the database server. ``broker``: who may do what on the message queue. Contents are digests: records hold no secrets.

A host is compared with itself, so nothing is masked. measure/chaos/collect_state.py compares two deployments, whose
identifiers and keys differ by nature. Each is sent to hosts as a program of one file: hence the lines that both have.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
from collections import defaultdict
from pathlib import Path

FOLDERS = ("/etc", "/usr/local", "/var/lib/glance/images", "/var/spool/cron")
SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")
UNIT = "Id,ActiveState,MainPID,NRestarts,InvocationID,FragmentPath,DropInPaths,ExecMainStartTimestamp"
BROKER = ("users", "vhosts", "permissions", "topic_permissions", "policies", "parameters")


def said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, errors="replace", check=True).stdout


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


def packages() -> dict[str, str]:
    lines = said("dpkg-query", "--show", "--showformat", "${binary:Package} ${db:Status-Abbrev} ${Version}\n")
    return dict(line.split(" ", 1) for line in lines.splitlines())


def files() -> dict[str, str]:
    found = {}
    for folder in FOLDERS:
        for path in [Path(folder), *Path(folder).rglob("*")]:
            if not path.exists() and not path.is_symlink():
                continue
            status = path.lstat()
            content = ""
            if path.is_symlink():
                content = str(path.readlink())
            elif path.is_file():
                content = digest(path.read_bytes())
            found[str(path)] = f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid} {content}"
    return found


def units() -> dict[str, dict[str, str]]:
    blocks = said("systemctl", "show", "--no-pager", f"--property={UNIT}", "*.service").split("\n\n")
    found = [dict(line.split("=", 1) for line in block.splitlines()) for block in blocks]
    running = [unit for unit in found if unit["ActiveState"] == "active"]
    # Those of users who are logged in come and go.
    return {unit["Id"]: unit for unit in running if not unit["Id"].startswith("user")}


def tables() -> dict[str, dict[str, object]]:
    query = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('{}')"
    names = rows(query.format("', '".join(SYSTEM_SCHEMAS)))
    found: dict[str, dict[str, object]] = {}
    for schema, table in (line.split("\t") for line in names):
        # How far its numbers have been counted is no part of how it is made.
        (made,) = rows(f"SHOW CREATE TABLE `{schema}`.`{table}`")
        made = " ".join(word for word in made.split(" ") if not word.startswith("AUTO_INCREMENT="))
        content = [digest(row.encode()) for row in rows(f"SELECT * FROM `{schema}`.`{table}`")]
        found[f"{schema}.{table}"] = {"made": digest(made.encode()), "rows": sorted(content)}
    return found


def accounts() -> dict[str, list[str]]:
    found = defaultdict(list)
    for table in ("global_priv", "db", "tables_priv"):
        for row in rows(f"SELECT User, Host, t.* FROM mysql.{table} t"):
            found["@".join(row.split("\t")[:2])].append(digest(row.encode()))
    return {account: sorted(privileges) for account, privileges in found.items()}


def rows(query: str) -> list[str]:
    return said("mariadb", "--batch", "--skip-column-names", "--execute", query).splitlines()


def broker() -> dict[str, str]:
    definitions = json.loads(said("rabbitmqctl", "--silent", "export_definitions", "-", "--format=json"))
    return {part: digest(json.dumps(definitions.get(part), sort_keys=True).encode()) for part in BROKER}


def main() -> None:
    record: dict[str, object] = {"packages": packages(), "files": files(), "units": units()}
    if shutil.which("mariadb"):
        record |= {"tables": tables(), "accounts": accounts()}
    if shutil.which("rabbitmqctl"):
        record["broker"] = broker()
    print(json.dumps(record))


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    main()
