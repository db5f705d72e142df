# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates say of themselves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)
from fakes.certificate import chain


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    made = CertificateAuthority(tmp_path)
    made.create("cloud")
    return made


def test_names_and_end(authority: CertificateAuthority) -> None:
    request = x509.signing_request(x509.new_key(), "x")
    loaded = x509.loaded(authority.issue(request, ["compute1", "192.0.2.21"], "Nova Compute", 100))
    assert x509.names_of(loaded) == ["compute1", "192.0.2.21"]
    expected = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(days=100)
    assert abs(x509.end_of(loaded) - expected) < timedelta(days=1)


def test_an_authority_is_for_no_host(authority: CertificateAuthority) -> None:
    trust = authority.trust()
    assert trust
    assert x509.names_of(x509.loaded(trust.certificate)) == []


def test_what_is_no_certificate() -> None:
    with pytest.raises(ValueError):
        x509.loaded("no certificate")


def test_intermediate_authorities_are_believed_with_their_root() -> None:
    root, certificate, _key = chain(["compute1"])
    believed = x509.authorities(x509.Trust(root), certificate)
    assert believed.startswith(root) and believed.count("BEGIN CERTIFICATE") == 2
    # Once is enough.
    assert x509.authorities(x509.Trust(believed), certificate) == believed


def test_what_the_authority_has_not_signed_is_not_believed() -> None:
    (root, certificate, _key), (_root, stranger, _other) = chain(["compute1"]), chain(["compute1"])
    assert x509.authorities(x509.Trust(root), f"{_first(certificate)}{stranger}") == root


def _first(text: str) -> str:
    return text[: text.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"
