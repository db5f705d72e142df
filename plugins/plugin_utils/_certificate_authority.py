# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud's own certificate authority: a directory of the control node, made once.

It holds the authority's key (mode 0600) and certificate, each certificate that it issued, and the list of those that
were revoked. Runs at the same time agree on one authority: the directory is locked meanwhile.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..module_utils._engine.errors import CollectionError
from ..module_utils._engine.files import KEEP, LocalFiles
from ..module_utils._formats.x509 import IS_USABLE, LONGEST_NAME, Trust, end_of, key_text, names_of

if IS_USABLE:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_KEY, _CERTIFICATE, _REVOKED, _ISSUED = "ca.key", "ca.crt", "ca.crl", "issued"
_SECRET, _PUBLIC, _FOLDER = 0o600, 0o644, 0o700
# Both outlive the hosts: a list of revoked certificates that is out of date would let no host in any more.
_AUTHORITY_YEARS = 30
# The clock of a host may be behind that of the control node.
_SKEW = timedelta(hours=1)


class CertificateAuthority:
    """An authority in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files = LocalFiles()
        if not IS_USABLE:
            cause = "Python's cryptography is not installed on the control node"
            raise self._refusal("use", cause, "Install it for the Python that runs Ansible")

    def trust(self) -> Trust | None:
        """What hosts are to trust; None before the authority is made."""
        certificate, revoked = self._text(_CERTIFICATE), self._text(_REVOKED)
        return Trust(certificate, revoked) if certificate and revoked and self._text(_KEY) else None

    def create(self, name: str) -> Trust:
        """Make the authority, unless another run has made it meanwhile."""
        self._directory.mkdir(_FOLDER, parents=True, exist_ok=True)
        with self._locked():
            made = self.trust()
            if made:
                return made
            if self._text(_CERTIFICATE) and not self._text(_KEY):
                raise self._refusal(
                    "use",
                    f"its key {_KEY} is gone, and with it the way to issue certificates",
                    "Put the key back, or remove the directory: then all hosts get new certificates",
                )
            # Its certificate comes last but for the list: an interrupted run starts again, or continues with both.
            key = self._key() if self._text(_KEY) else ec.generate_private_key(ec.SECP256R1())
            if not self._text(_KEY):
                self._write(_KEY, key_text(key), _SECRET)
            if not self._text(_CERTIFICATE):
                self._write(_CERTIFICATE, _pem(_own_certificate(key, name)), _PUBLIC)
            self._write_revoked(())
            return Trust(self._text(_CERTIFICATE), self._text(_REVOKED))

    def issue(self, request: str, names: Sequence[str], unit: str, days: int) -> str:
        """A certificate, PEM, over the public key of a signing request, for these names and addresses.

        The first name is the certificate's common name, ``unit`` the organizational unit that tells what it is for;
        nothing else of the request counts.
        """
        with self._locked():
            authority, key = self._certificate(), self._key()
            now = datetime.now(timezone.utc)
            until = min(now + timedelta(days=days), _end(authority))
            public = _requested_key(request)
            certificate = (
                x509.CertificateBuilder()
                .subject_name(_name(names[0], unit))
                .issuer_name(authority.subject)
                .public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - _SKEW)
                .not_valid_after(until)
                .add_extension(x509.SubjectAlternativeName([*map(_alternative, names)]), critical=False)
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                # libvirt wants to see both, whatever the kind of the key.
                .add_extension(_usage(digital_signature=True, key_encipherment=True), critical=True)
                .add_extension(
                    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                    critical=False,
                )
                # From 3.13 on Python believes no certificate without these.
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
                )
                .sign(key, hashes.SHA256())
            )
            # Noted before anybody has it: what is not noted could not be revoked.
            issued = self._directory / _ISSUED
            issued.mkdir(_FOLDER, exist_ok=True)
            self._write(f"{_ISSUED}/{certificate.serial_number:040x}.crt", _pem(certificate), _PUBLIC)
            return _pem(certificate)

    def revocable(self, names: Iterable[str]) -> list[int]:
        """Serial numbers of the valid certificates that were issued for any of these names."""
        wanted, revoked, now = set(names), self._revoked_serials(), datetime.now(timezone.utc)
        return [
            one.serial_number
            for one in self._issued()
            if one.serial_number not in revoked and _end(one) > now and wanted.intersection(names_of(one))
        ]

    def revoke(self, serials: Iterable[int]) -> None:
        """Put certificates on the list of revoked ones."""
        with self._locked():
            self._write_revoked([*self._revoked_serials(), *serials])

    def _issued(self) -> list[x509.Certificate]:
        files = sorted((self._directory / _ISSUED).glob("*.crt"))
        return [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]

    def _revoked_serials(self) -> list[int]:
        text = self._text(_REVOKED)
        return [one.serial_number for one in x509.load_pem_x509_crl(text.encode())] if text else []

    def _write_revoked(self, serials: Iterable[int]) -> None:
        authority, now = self._certificate(), datetime.now(timezone.utc)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.subject)
            .last_update(now - _SKEW)
            .next_update(_end(authority))
        )
        for serial in dict.fromkeys(serials):
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - _SKEW)
            builder = builder.add_revoked_certificate(revoked.build())
        signed = builder.sign(self._key(), hashes.SHA256())
        self._write(_REVOKED, signed.public_bytes(serialization.Encoding.PEM).decode(), _PUBLIC)

    def _certificate(self) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificate(self._text(_CERTIFICATE).encode())
        except ValueError:
            cause = f"its {_CERTIFICATE} is no certificate in PEM form"
        raise self._refusal("use", cause, f"Put the right {_CERTIFICATE} back")

    def _key(self) -> ec.EllipticCurvePrivateKey:
        try:
            key = serialization.load_pem_private_key(self._text(_KEY).encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
        # Outside of the handler: no traceback may quote a key.
        raise self._refusal(
            "use", f"its {_KEY} is no elliptic curve key in PEM form", f"Put the right {_KEY} back"
        )

    def _text(self, name: str) -> str:
        stored = self._files.read(str(self._directory / name))
        return stored.text if stored else ""

    def _write(self, name: str, text: str, mode: int) -> None:
        self._files.write(str(self._directory / name), text, KEEP, mode=mode, backup=False)

    def _refusal(self, verb: str, cause: str, remedy: str) -> CollectionError:
        return CollectionError(verb, "certificate authority", str(self._directory), cause, remedy)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _own_certificate(key: ec.EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now.replace(month=1, day=1) + timedelta(days=_AUTHORITY_YEARS * 366))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _requested_key(request: str) -> ec.EllipticCurvePublicKey:
    csr = x509.load_pem_x509_csr(request.encode())
    key = csr.public_key()
    if not csr.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        raise InvalidSignature
    return key


def _name(common_name: str, unit: str = "") -> x509.Name:
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([*units, x509.NameAttribute(NameOID.COMMON_NAME, common_name[:LONGEST_NAME])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _end(certificate: x509.Certificate) -> datetime:
    return end_of(certificate).replace(tzinfo=timezone.utc)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
