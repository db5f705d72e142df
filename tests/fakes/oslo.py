# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's configuration files and installed services, in memory, and a small option catalogue of nova 26."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import Attributes, StoredFile

STRING = {"is": "string"}
LIST = {"is": "list", "item": STRING}
PORT = {"is": "integer", "min": 0, "max": 65535}

CATALOGUE: dict[str, Any] = {
    "version": "26.2.2",
    "groups": {
        "DEFAULT": {
            "debug": {"type": {"is": "boolean"}},
            "my_ip": {"type": {"is": "hostaddress"}},
            "transport_url": {"type": STRING, "secret": True},
            "osapi_compute_listen_port": {"type": PORT},
            "enabled_apis": {"type": LIST},
            "default_log_levels": {"type": LIST},
            "image_handlers": {"type": STRING, "multi": True, "old": [["DEFAULT", "image_drivers"]]},
            "weights": {"type": {"is": "dict", "value": STRING}},
        },
        "api": {"auth_strategy": {"type": STRING, "removal": ["21.0.0", "It is always keystone."]}},
        "database": {"connection": {"type": STRING, "secret": True}},
        "keystone_authtoken": {
            "auth_type": {"type": STRING},
            "auth_section": {"type": STRING},
            "memcached_servers": {"type": LIST},
            "region_name": {"type": STRING},
        },
        "libvirt": {
            "virt_type": {"type": {"is": "string", "choices": ["kvm", "qemu"]}},
            "cpu_model": {"type": STRING},
        },
        "vnc": {
            "enabled": {"type": {"is": "boolean"}, "old": [["DEFAULT", "vnc_enabled"]]},
            "server_listen": {"type": {"is": "hostaddress"}},
            "server_proxyclient_address": {"type": {"is": "hostaddress"}},
        },
    },
    "auth": {
        "password": {
            "auth_url": {"type": STRING},
            "username": {"type": STRING, "old": [["", "user_name"]]},
            "password": {"type": STRING, "secret": True},
        },
        "v3applicationcredential": {"application_credential_id": {"type": STRING}},
    },
}

HISTORY = {
    "removed": {
        "DEFAULT/vncserver_listen": ["23", "vnc/server_listen", ""],
        "DEFAULT/use_neutron": ["18", "", "nova-network was removed"],
        "cells/enable": ["19", "", "Cells v1 were removed"],
    },
    "newer": {"vnc/enabled_now": ["28", "vnc/enabled"], "libvirt/cpu_power_management": ["27", ""]},
}


@dataclass
class FakeFiles:
    """Path to file; ``writes`` counts how often something was written, and ``broken`` cannot be written."""

    files: dict[str, StoredFile] = field(default_factory=dict)
    writes: int = 0
    broken: str = ""

    def read(self, path: str) -> StoredFile | None:
        """The file; None where there is none."""
        return self.files.get(path)

    def write(self, path: str, text: str, attributes: Attributes, *, mode: int, backup: bool) -> str:
        """Replace (or create) the file."""
        if path == self.broken:
            raise CollectionError("write", "file", path, "No space left on device", "Make room")
        former = self.files.get(path)
        self.writes += 1
        self.files[path] = StoredFile(text, mode=mode)
        return f"{path}.backup" if backup and former else ""


@dataclass
class FakeCatalogues:
    """A host with one version of nova, or with none (""); counts what is ``read`` and whether it was ``kept``."""

    installed: str = "26.2.2"
    read: int = 0
    kept: int = 0

    def version(self, service: str) -> str:
        """The installed version."""
        return self.installed

    def catalogue(self, service: str) -> dict[str, Any]:
        """The options of nova 26."""
        if not self.installed:
            raise UnreachableError(
                "check", "options of", service, "the package python3-nova is not installed", "Install it"
            )
        self.read += 1
        return CATALOGUE

    def keep(self) -> None:
        """Keep what was read."""
        self.kept += 1
