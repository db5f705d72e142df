# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud's own authority: made once, whoever asks, and what it issues holds and can be revoked."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509 as certificates
from ansible_collections.stackwright.nova.plugins.module_utils._formats.x509 import Certificate, Trust
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)
from cryptography import x509

NAMES = ("alias", "compute1.example.org", "192.0.2.21", "fd00::21")


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority(tmp_path / "cloud-certificates")


def issued(authority: CertificateAuthority, names: Sequence[str] = NAMES, days: int = 825) -> Certificate:
    key = certificates.new_key()
    text = authority.issue(certificates.signing_request(key, "anybody"), names, "Nova Compute", days)
    trust = authority.trust()
    assert trust is not None
    found = certificates.parsed(text, key, trust)
    assert found is not None
    return found


def judged(authority: CertificateAuthority, certificate: Certificate) -> bool:
    trust = authority.trust()
    assert trust is not None
    again = certificates.parsed(certificate.text, certificate.key, trust)
    assert again is not None
    return again.trusted


def test_before_it_is_made_there_is_nothing_to_trust(authority: CertificateAuthority) -> None:
    assert authority.trust() is None


def test_it_is_made_once_however_many_ask(authority: CertificateAuthority) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _unused: authority.create("cloud"), range(8)))
    assert set(made) == {authority.trust()}


def test_only_the_owner_reads_its_key(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.create("cloud")
    folder = tmp_path / "cloud-certificates"
    assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("lost", [["ca.crl"], ["ca.crl", "ca.crt"]])
def test_a_run_that_was_cut_is_finished_with_the_same_key(
    authority: CertificateAuthority, tmp_path: Path, lost: list[str]
) -> None:
    authority.create("cloud")
    key = (tmp_path / "cloud-certificates/ca.key").read_text()
    for name in lost:
        (tmp_path / "cloud-certificates" / name).unlink()
    assert authority.trust() is None
    authority.create("cloud")
    assert (tmp_path / "cloud-certificates/ca.key").read_text() == key
    assert issued(authority).trusted


def test_without_its_key_it_does_not_become_another_one(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    authority.create("cloud")
    (tmp_path / "cloud-certificates/ca.key").unlink()
    with pytest.raises(CollectionError, match=r"its key ca\.key is gone"):
        authority.create("cloud")


@pytest.mark.parametrize("broken", ["ca.key", "ca.crt"])
def test_an_unreadable_file_is_named_and_not_shown(
    authority: CertificateAuthority, tmp_path: Path, broken: str
) -> None:
    authority.create("cloud")
    (tmp_path / "cloud-certificates" / broken).write_text("S3cret nonsense")
    with pytest.raises(CollectionError, match=f"its {broken} is no") as caught:
        issued(authority)
    assert "S3cret" not in str(caught.value)


def test_what_it_issues_is_for_the_names_and_for_nothing_else(authority: CertificateAuthority) -> None:
    authority.create("cloud")
    certificate = issued(authority)
    assert certificate.names == {*NAMES[:3], "fd00::21"}
    assert certificate.key_fits and certificate.trusted
    loaded = x509.load_pem_x509_certificate(certificate.text.encode())
    assert loaded.subject.rfc4514_string() == "CN=alias,OU=Nova Compute"
    assert not loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_another_authority_is_not_believed(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.create("cloud")
    other = CertificateAuthority(tmp_path / "other")
    other.create("cloud")
    assert not judged(authority, issued(other))


@pytest.mark.parametrize("name", [NAMES[0], NAMES[1]])
def test_all_certificates_of_a_host_are_revoked_and_those_of_others_are_not(
    authority: CertificateAuthority, name: str
) -> None:
    authority.create("cloud")
    first, second, foreign = issued(authority), issued(authority), issued(authority, ["compute2"])
    serials = authority.revocable([name])
    assert len(serials) == 2
    authority.revoke(serials)
    assert [judged(authority, one) for one in (first, second, foreign)] == [False, False, True]
    assert authority.revocable([name]) == []


def test_what_is_revoked_stays_so_when_others_follow(authority: CertificateAuthority) -> None:
    authority.create("cloud")
    first, second = issued(authority, ["compute1"]), issued(authority, ["compute2"])
    authority.revoke(authority.revocable(["compute1"]))
    authority.revoke(authority.revocable(["compute2"]))
    assert not judged(authority, first) and not judged(authority, second)


def test_one_that_has_ended_need_not_be_revoked(authority: CertificateAuthority) -> None:
    authority.create("cloud")
    issued(authority, ["compute1"], days=0)
    assert authority.revocable(["compute1"]) == []


def test_a_certificate_of_a_chain_counts_with_its_root_among_the_trusted(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    authority.create("cloud")
    other = CertificateAuthority(tmp_path / "other")
    other.create("elsewhere")
    certificate = issued(authority)
    first, second = authority.trust(), other.trust()
    assert first and second
    both = Trust(second.certificate + first.certificate, "")
    found = certificates.parsed(certificate.text, certificate.key, both)
    assert found and found.trusted


def test_the_strictest_client_believes_it_under_its_names_alone(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    authority.create("cloud")
    certificate, trust = issued(authority), authority.trust()
    assert trust
    (tmp_path / "host.pem").write_text(certificate.text + certificate.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "host.pem")
    client = ssl.create_default_context(cadata=trust.certificate)
    # As Python has it by default from 3.13 on.
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("compute1.example.org", "192.0.2.21"):
        shake_hands(client, server, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(client, server, "other.example.org")


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """A TLS handshake in memory, by a client that asks for this name."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(back, there, server_hostname=name),
        server.wrap_bio(there, back, server_side=True),
    ]
    for _flight in range(4):
        for end in ends:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert ends[0].version()
