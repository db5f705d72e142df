# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds on every host."""

from __future__ import annotations

from testinfra.host import Host

testinfra_hosts = ["ansible://all"]

# Collects every secret in the services' configuration, then looks for them where everybody can read.
_LEAKS = r"""
import glob, os, re, stat
from urllib.parse import unquote

named = re.compile(r"^\s*(?:\w*password|\w*secret|\w*secret_key)\s*=\s*(\S+)\s*$", re.M)
inside = re.compile(r"://[^\s:/@]+:([^\s/@]+)@")
secrets = set()
for pattern in ("/etc/*/*.conf", "/etc/neutron/*.ini", "/etc/neutron/plugins/ml2/*.ini"):
    for path in glob.glob(pattern):
        text = open(path, errors="replace").read()
        for secret in named.findall(text) + inside.findall(text):
            if len(secret) >= 12:
                secrets |= {secret.encode(), unquote(secret).encode()}

def readable():
    for top in ("/etc", "/var/log", "/var/lib", "/var/cache", "/tmp", "/run", "/usr/local", "/home"):
        for directory, names, leaves in os.walk(top):
            names[:] = [name for name in names if is_open(os.path.join(directory, name), stat.S_IXOTH)]
            paths = (os.path.join(directory, leaf) for leaf in leaves)
            yield from (path for path in paths if is_open(path, stat.S_IROTH))

def is_open(path, bit):
    try:
        return not os.path.islink(path) and os.lstat(path).st_mode & bit
    except OSError:
        return False

def leaks(path):
    try:
        if stat.S_ISREG(os.lstat(path).st_mode) and os.lstat(path).st_size < 50_000_000:
            content = open(path, "rb").read()
            return any(secret in content for secret in secrets)
    except OSError:
        return False

for path in (*readable(), *glob.glob("/proc/[0-9]*/cmdline")):
    if leaks(path):
        print(path)
print("secrets looked for:", len(secrets))
"""
_OURS = ("nova", "neutron", "glance", "keystone", "placement", "mariadb", "rabbitmq", "memcached", "libvirtd")


def test_no_unit_has_failed(units: dict[str, dict[str, str]]) -> None:
    assert [name for name, unit in units.items() if unit["ActiveState"] == "failed"] == []


def test_no_service_was_restarted_by_systemd(units: dict[str, dict[str, str]]) -> None:
    """A service that died and came back was started too early or with a wrong configuration."""
    restarted = {name: unit["NRestarts"] for name, unit in units.items() if name.startswith(_OURS)}
    assert {name: count for name, count in restarted.items() if count not in ("", "0")} == {}


def test_no_secret_is_readable_by_everybody(host: Host) -> None:
    *leaks, count = host.check_output("python3 -c %s", _LEAKS).strip().splitlines()
    assert leaks == []
    assert int(count.rsplit(" ", 1)[1]) > 0


def test_no_network_namespace_is_left(host: Host) -> None:
    assert host.check_output("ip netns list") == ""


def test_services_are_not_held_back_any_more(host: Host) -> None:
    assert not host.file("/usr/sbin/policy-rc.d").exists


def test_no_temporary_or_backup_files_stay(host: Host) -> None:
    directories = [f"/etc/{name}" for name in ("nova", "neutron", "glance", "keystone", "placement")]
    there = " ".join(directory for directory in directories if host.file(directory).exists)
    names = ("*~", "*.tmp", "*.bak", ".ansible*", ".*.sw?", "*.dpkg-*")
    litter = " -o ".join(f"-name '{name}'" for name in names)
    assert host.check_output(f"find {there} {litter}") == ""


def test_hosts_know_each_other(host: Host, inventory: dict[str, list[str]]) -> None:
    for name in {name for names in inventory.values() for name in names}:
        assert host.addr(name).is_resolvable


def test_nova_knows_every_option_of_its_configuration(host: Host) -> None:
    """Asked of oslo.config's own validator, with the options that the installed packages declare."""
    namespaces = (
        "nova.conf oslo.log oslo.messaging oslo.policy oslo.privsep oslo.db oslo.db.concurrency oslo.middleware"
        " oslo.middleware.cors oslo.middleware.http_proxy_to_wsgi oslo.concurrency oslo.cache oslo.limit"
        " oslo.reports oslo.service.periodic_task oslo.service.service oslo.service.sslutils oslo.service.wsgi"
        " oslo.versionedobjects keystonemiddleware.auth_token osprofiler os_vif"
    )
    options = " ".join(f"--namespace {namespace}" for namespace in namespaces.split())
    command = host.run(f"runuser -u nova -- oslo-config-validator --input-file /etc/nova/nova.conf {options}")
    assert command.rc == 0, command.stderr
    assert "not found" not in command.stderr


def test_nova_reads_every_option_once(host: Host) -> None:
    seen: set[tuple[str, str]] = set()
    twice, section = [], ""
    for line in host.file("/etc/nova/nova.conf").content_string.splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif "=" in line and line[:1].isalpha():
            option = (section, line.split("=", 1)[0].strip())
            twice += [option] if option in seen else []
            seen.add(option)
    assert twice == []
