# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first start is clean: after the first site.yml nothing has logged an error. Runs before anything is disturbed."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from testinfra.host import Host

testinfra_hosts = ["ansible://all"]

# Every line of every log of a service, with its file or unit, as JSON.
_LINES = r"""
import glob, json, subprocess

logs = [path for name in ("nova", "neutron", "keystone", "glance", "placement", "rabbitmq", "mysql", "libvirt")
        for path in glob.glob(f"/var/log/{name}/**/*", recursive=True) if path.endswith((".log", ".err"))]
seen = {path: open(path, errors="replace").read().splitlines() for path in logs}
for unit in ("nova-*", "neutron-*", "keystone", "glance-api", "placement-api", "rabbitmq-server", "epmd", "mariadb",
             "memcached", "libvirtd", "virtlogd", "virtlockd", "polkit"):
    for name, more in (("", []), (" (priority err)", ["--priority=err"])):
        out = subprocess.run(["journalctl", "--boot", "--output=cat", "--quiet", f"--unit={unit}", *more],
                             capture_output=True, text=True, check=True).stdout
        seen[f"journal of {unit}{name}"] = out.splitlines()
print(json.dumps(seen))
"""
# How the services say that something went wrong: oslo.log, Python, RabbitMQ, MariaDB, libvirt.
_ERROR = re.compile(
    r"^\S+ \S+ \d+ (?:ERROR|CRITICAL|TRACE) |Traceback \(most recent call last\)|\[(?:error|critical)\]|\[ERROR\]"
    r"|^\S+ \S+ \d+: error : |MODULE_NOT_FOUND|Segmentation fault"
)

# What no order of ours can avoid, each line in full.
_UNAVOIDABLE = tuple(
    re.compile(line)
    for line in (
        # libvirt looks for what its own networks need when it starts; Nova has no use for them.
        r"Unable to find 'dnsmasq' binary in \$PATH: No such file or directory",
        # It asks for the host's name and serial number; a system container has no firmware that knows them.
        r"internal error: Failed to get udev device for syspath '/sys/devices/virtual/dmi/id'",
        r"internal error: Child process \(/usr/sbin/dmidecode -q -t [\d,]+\) unexpected exit status 1: "
        r"/dev/mem: No such file or directory",
        # MariaDB loads the pages that it had in memory when it was stopped; a busy kernel may interrupt such a read,
        # and the page is read when it is needed.
        r"\S+ \S+ \d+ \[ERROR\] InnoDB: Operating system error number 4 in a file operation\.",
        r"\S+ \S+ \d+ \[ERROR\] InnoDB: Error number 4 means 'Interrupted system call'",
    )
)


def errors(seen: dict[str, list[str]]) -> dict[str, list[str]]:
    """The lines that report an error; with priority err, that is all of them."""
    found = {
        name: [
            line
            for line in lines
            if line.strip()
            and (name.endswith("(priority err)") or _ERROR.search(line))
            and not any(known.fullmatch(line) for known in _UNAVOIDABLE)
        ]
        for name, lines in seen.items()
    }
    return {name: lines for name, lines in found.items() if lines}


def test_nothing_logged_an_error(host: Host) -> None:
    seen = json.loads(host.check_output("python3 -c %s", _LINES))
    # Logs in other places would pass unread.
    assert [name for name in seen if name.startswith("/var/log/") and seen[name]]
    assert errors(seen) == {}


def test_ansible_printed_no_warning() -> None:
    """A run that warns of what it does itself teaches to overlook warnings."""
    lines = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "ansible.log").read_text().splitlines()
    assert [line for line in lines if "PLAY [Deploy Nova's control services]" in line]
    assert [line for line in lines if re.search(r"\[(?:WARNING|DEPRECATION WARNING)\]", line)] == []
