# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""X.509 certificates and their keys, with Python's cryptography (3.3 and later)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.x509.oid import NameOID
except ImportError:
    IS_USABLE = False
else:
    IS_USABLE = True

LONGEST_NAME = 64
"""Letters of a common name."""
_LONGEST_CHAIN = 8
_END = "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Trust:
    """Whom the host believes: the authority's certificate, and its list of revoked ones ("" for none), both PEM."""

    certificate: str = ""
    revoked: str = ""


NOBODY = Trust()
"""Before there is an authority."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, both PEM, with what makes them fit or not.

    ``names``: host names and addresses that it is for. ``key_fits``: the key is its own. ``trusted``: the authority
    has signed it, and not revoked it. ``until``: its end, in UTC.
    """

    text: str
    key: str
    names: frozenset[str]
    until: datetime
    key_fits: bool
    trusted: bool

    def serves(self, names: Collection[str], now: datetime, renew_days: int) -> bool:
        """Whether others will believe it, for all of these names, and long enough."""
        lasts = self.until - now > timedelta(days=renew_days)
        return lasts and not self.unfitness(names, now, "its key", "its authority")

    def unfitness(self, names: Collection[str], now: datetime, key: str, authority: str) -> str:
        """Why it cannot be used at all, "" where it can. ``key`` and ``authority`` are what messages call these."""
        missing = sorted(name for name in set(names) if not self._is_for(name))
        if not self.key_fits:
            return f"{key} is not its private key"
        if not self.trusted:
            return f"{authority} has not signed it, or has revoked it"
        if missing:
            return f"it is not for {', '.join(missing)}"
        if self.until <= now:
            return f"it ended at {self.until:%Y-%m-%d %H:%M} UTC"
        return ""

    def _is_for(self, name: str) -> bool:
        """A name with a * in the place of its first label is for all hosts of that domain."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names

    def summary(self) -> dict[str, object]:
        """As results show it."""
        return {"names": sorted(self.names), "until": f"{self.until:%Y-%m-%dT%H:%M:%SZ}"}


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
        trusted=_is_signed(certificate, trust, _all(text)[1:]) and not _is_revoked(certificate, trust),
    )


def judged(texts: Mapping[str, str], paths: Mapping[str, str], names: Collection[str]) -> tuple[str, str]:
    """Why a site's certificate cannot be used for these names ("" where it can), and its end (UTC, ISO 8601).

    Both mappings have ca, certificate and private_key, ``texts`` what is in the files.
    """
    certificate = parsed(texts["certificate"], texts["private_key"], Trust(texts["ca"]))
    if certificate is None:
        return f"{paths['certificate']} is no certificate in PEM form", ""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    cause = certificate.unfitness(names, now, paths["private_key"], paths["ca"])
    return (f"{paths['certificate']}: {cause}" if cause else ""), f"{certificate.until:%Y-%m-%dT%H:%M:%SZ}"


def authorities(trust: Trust, certificate: str) -> str:
    """Those that the host believes, and the intermediate ones behind a certificate that they vouch for, PEM.

    QEMU and libvirt do not start where their own certificate is not of the authorities in this one file.
    """
    known, behind = _all(trust.certificate), _all(certificate)[1:]
    added = [each for each in behind if each not in known and _is_signed(each, trust, behind)]
    if not added:
        return trust.certificate
    texts = [each.public_bytes(serialization.Encoding.PEM).decode() for each in added]
    return "".join([trust.certificate.rstrip("\n") + "\n", *texts])


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


def _fits(certificate: x509.Certificate, key: str) -> bool:
    try:
        private = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        return False
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    mine: bytes = certificate.public_key().public_bytes(*form)
    return mine == private.public_key().public_bytes(*form)


def _is_signed(
    certificate: x509.Certificate, trust: Trust, intermediates: Sequence[x509.Certificate]
) -> bool:
    """Whether one of the trusted authorities has signed it, by way of the intermediate ones behind it."""
    authorities = _all(trust.certificate)
    for _link in range(_LONGEST_CHAIN):
        if any(_has_signed(authority, certificate) for authority in authorities):
            return True
        signers = [each for each in intermediates if _has_signed(each, certificate)]
        if not signers:
            return False
        certificate = signers[0]
    return False


def _all(text: str) -> list[x509.Certificate]:
    """The certificates of a PEM file; none where one of them cannot be read."""
    blocks = [f"{block}{_END}\n" for block in text.split(_END)[:-1]]
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
