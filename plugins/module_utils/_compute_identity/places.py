# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where libvirt and QEMU look for certificates and keys; both have these places built in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIBVIRT = {
    "ca": "/etc/pki/CA/cacert.pem",
    "certificate": "/etc/pki/libvirt/servercert.pem",
    "private_key": "/etc/pki/libvirt/private/serverkey.pem",
}
# libvirt runs as root; QEMU as a separate user, who has to read its keys.
_COPIES_OF_LIBVIRT = (
    {
        "certificate": "/etc/pki/libvirt/clientcert.pem",
        "private_key": "/etc/pki/libvirt/private/clientkey.pem",
        "revoked": "/etc/pki/CA/cacrl.pem",
    },
)
_COPIES_OF_EMULATOR = (
    {
        "ca": "/etc/pki/qemu/ca-cert.pem",
        "certificate": "/etc/pki/qemu/server-cert.pem",
        "private_key": "/etc/pki/qemu/server-key.pem",
        "revoked": "/etc/pki/qemu/ca-crl.pem",
    },
    {
        "certificate": "/etc/pki/qemu/client-cert.pem",
        "private_key": "/etc/pki/qemu/client-key.pem",
    },
)


def copies(emulator_group: str) -> list[dict[str, Any]]:
    """The places beside libvirt's own, as ``copies`` of ``host_certificate`` has them."""
    return [
        *({"group": "root", **place} for place in _COPIES_OF_LIBVIRT),
        *({"group": emulator_group, **place} for place in _COPIES_OF_EMULATOR),
    ]


def certificate_parameters(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of ``compute_identity`` as ``host_certificate`` has them."""
    asked = {name: params[name] for name in ("names", "files", "authority", "issued", "renew_days")}
    return {**asked, **LIBVIRT, "copies": copies(params["emulator_group"]), "brought": None}
