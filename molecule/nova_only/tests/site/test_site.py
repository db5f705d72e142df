# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was the site's is as it was, by content, after Nova was deployed and proved itself.

It was recorded before Nova came, and again when the site's servers had come to speak TLS.
"""

from __future__ import annotations

from typing import Any

testinfra_hosts = ["ansible://all"]

Record = dict[str, Any]

# What Debian's own tools write for all packages of a host together.
_COMMON = (
    *(f"/etc/{name}{copy}" for name in ("passwd", "group", "shadow", "gshadow") for copy in ("", "-")),
    *(
        "/etc/subuid",
        "/etc/subgid",
        "/etc/ld.so.cache",
        "/etc/pam.d/common-",
        "/etc/alternatives/",
        "/etc/xml/catalog",
    ),
)
# What is Nova's in the second record.
_NOVA_FILES = ("/etc/nova/", "/etc/libvirt/")
_NOVA_UNITS = ("nova-", "libvirtd", "virtlogd", "virtlockd")
_NEIGHBOURS = ("glance", "keystone", "mysql", "neutron", "nginx", "placement", "rabbitmq")


def test_packages_are_the_same(before: Record, after: Record) -> None:
    assert before["packages"].items() <= after["packages"].items()


def test_files_are_the_same(before: Record, after: Record) -> None:
    kept = {
        path: file for path, file in before["files"].items() if not path.startswith(_COMMON + _NOVA_FILES)
    }
    assert {path: after["files"].get(path) for path in kept} == kept


def test_no_file_has_come_to_a_neighbour(before: Record, after: Record) -> None:
    folders = tuple(f"/etc/{name}/" for name in _NEIGHBOURS if f"/etc/{name}" in before["files"])
    assert folders
    assert [path for path in set(after["files"]) - set(before["files"]) if path.startswith(folders)] == []


def test_no_service_was_restarted(before: Record, after: Record) -> None:
    kept = {name: unit for name, unit in before["units"].items() if not name.startswith(_NOVA_UNITS)}
    assert {name: after["units"].get(name) for name in kept} == kept
