# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where libvirt and QEMU look for certificates and keys; both have these places built in."""

from __future__ import annotations

CA = ("/etc/pki/CA/cacert.pem", "/etc/pki/qemu/ca-cert.pem")
REVOKED = ("/etc/pki/CA/cacrl.pem", "/etc/pki/qemu/ca-crl.pem")
CERTIFICATE = (
    "/etc/pki/libvirt/servercert.pem",
    "/etc/pki/libvirt/clientcert.pem",
    "/etc/pki/qemu/server-cert.pem",
    "/etc/pki/qemu/client-cert.pem",
)
# libvirt runs as root; QEMU as a user of its own, who has to read its keys.
KEY_OF_LIBVIRT = ("/etc/pki/libvirt/private/serverkey.pem", "/etc/pki/libvirt/private/clientkey.pem")
KEY_OF_EMULATOR = ("/etc/pki/qemu/server-key.pem", "/etc/pki/qemu/client-key.pem")
# A key whose certificate has not come yet.
PENDING_KEY = "/etc/pki/libvirt/private/pendingkey.pem"

ALL = (*CA, *REVOKED, *CERTIFICATE, *KEY_OF_LIBVIRT, *KEY_OF_EMULATOR)
