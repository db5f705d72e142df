# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates say of themselves, with Python's cryptography (3.3 and later)."""

from __future__ import annotations

from datetime import datetime

try:
    from cryptography import x509
except ImportError:
    IS_USABLE = False
else:
    IS_USABLE = True


def loaded(text: str) -> x509.Certificate:
    """The first certificate of a PEM file. Raises ValueError where there is none."""
    return x509.load_pem_x509_certificate(text.encode())


def names_of(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses that a certificate is for."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(getattr(one, "value", "")) for one in extension.value]


def end_of(certificate: x509.Certificate) -> datetime:
    """The end of a certificate, in UTC without saying so; later releases of the library name it otherwise."""
    aware: datetime | None = getattr(certificate, "not_valid_after_utc", None)
    return aware.replace(tzinfo=None) if aware else certificate.not_valid_after
