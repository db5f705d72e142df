# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""X.509 certificates and SSH keys, with Python's cryptography (3.3 and later)."""

from __future__ import annotations

from ..clients.x509 import IS_USABLE, end_of, names_of
from .parameters import Trust
from .state import Certificate

if IS_USABLE:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.x509.oid import NameOID

LONGEST_NAME = 64


def parsed(text: str, key: str, trust: Trust) -> Certificate | None:
    """A certificate (PEM) as it is to be judged; None where there is none, or no readable one."""
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return None
    return Certificate(
        text=text,
        key=key,
        names=frozenset(names_of(certificate)),
        until=end_of(certificate),
        key_fits=_fits(certificate, key),
        trusted=_is_signed(certificate, trust) and not _is_revoked(certificate, trust),
    )


def new_key() -> str:
    """A private key, PEM."""
    return key_text(ec.generate_private_key(ec.SECP256R1()))


def signing_request(key: str, name: str) -> str:
    """The request for a certificate over this key, PEM; "" for a key that cannot be read."""
    try:
        loaded = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        return ""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:LONGEST_NAME])])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(loaded, hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.PEM).decode()


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


def _fits(certificate: x509.Certificate, key: str) -> bool:
    try:
        private = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        return False
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    mine: bytes = certificate.public_key().public_bytes(*form)
    return mine == private.public_key().public_bytes(*form)


def _is_signed(certificate: x509.Certificate, trust: Trust) -> bool:
    """Whether one of the trusted authorities has signed it."""
    return any(_has_signed(authority, certificate) for authority in _authorities(trust.certificate))


def _authorities(text: str) -> list[x509.Certificate]:
    end = "-----END CERTIFICATE-----"
    blocks = [f"{block}{end}\n" for block in text.split(end)[:-1]]
    try:
        return [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
    except ValueError:
        return []


def _has_signed(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    key, algorithm = authority.public_key(), certificate.signature_hash_algorithm
    signature, content = certificate.signature, certificate.tbs_certificate_bytes
    if authority.subject != certificate.issuer or algorithm is None:
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _is_revoked(certificate: x509.Certificate, trust: Trust) -> bool:
    if not trust.revoked:
        return False
    try:
        revoked = x509.load_pem_x509_crl(trust.revoked.encode())
    except ValueError:
        return False
    return revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key, PEM."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()
