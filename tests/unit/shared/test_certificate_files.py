# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys as files, and the site's that a task names."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import Attributes
from ansible_collections.stackwright.nova.plugins.module_utils._formats.x509 import NOBODY, Trust
from ansible_collections.stackwright.nova.plugins.module_utils._shared import certificate_files
from ansible_collections.stackwright.nova.plugins.module_utils._shared.certificate_files import (
    LocalCertificateFiles,
    named,
    trust_of,
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalCertificateFiles:
    # Whoever runs the tests cannot give files away.
    mine = partial(Attributes, str(os.geteuid()), str(os.getegid()))
    monkeypatch.setattr(certificate_files, "Attributes", lambda owner, group, mode=None: mine(mode))
    return LocalCertificateFiles(str(tmp_path))


def test_a_key_is_for_root_alone_from_its_first_moment(files: LocalCertificateFiles, tmp_path: Path) -> None:
    files.create_key("/etc/tls/host.key")
    key = tmp_path / "etc/tls/host.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_what_is_removed_may_be_gone_already(files: LocalCertificateFiles, tmp_path: Path) -> None:
    files.write("/a/b", "text", 0o640, "root")
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o640
    files.remove("/a/b")
    files.remove("/a/b")
    assert not (tmp_path / "a/b").exists()


def test_a_site_names_all_of_its_certificate_or_nothing() -> None:
    assert named({"ca": None, "certificate": "", "private_key": None}) == {}
    whole = {"ca": "/a", "certificate": "/c", "private_key": "/k"}
    assert named({**whole, "revoked": None}) == whole
    with pytest.raises(CollectionError, match=r"ca, private_key is not named\. Name all of"):
        named({"certificate": "/c"})


def test_an_authority_may_have_revoked_nothing() -> None:
    assert trust_of(None) == NOBODY
    assert trust_of({"certificate": "A", "revoked": None}) == Trust("A", "")
