# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH keys, with Python's cryptography (3.3 and later)."""

from __future__ import annotations

from .._formats.x509 import IS_USABLE

if IS_USABLE:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519


def new_ssh_key(comment: str) -> tuple[str, str]:
    """The private and the public half, as OpenSSH writes them."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    ).decode()
    return private, f"{_public(key)} {comment}\n"


def public_ssh_key(private: str) -> str:
    """The public half of an SSH key: type and key; "" for one that cannot be read."""
    try:
        return _public(serialization.load_ssh_private_key(private.encode(), None))
    except (ValueError, TypeError):
        return ""


def _public(key: object) -> str:
    public = key.public_key()  # type: ignore[attr-defined]
    text: bytes = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return text.decode()
