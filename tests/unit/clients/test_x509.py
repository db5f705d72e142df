# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates say of themselves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.clients import x509
from ansible_collections.stackwright.nova.plugins.plugin_utils.certificate_authority import (
    CertificateAuthority,
)


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
