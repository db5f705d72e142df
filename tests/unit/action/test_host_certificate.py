# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_certificate with state revoked as a playbook runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)

ROOT = Path(__file__).parents[3]


def revoke(directory: Path, *options: str) -> dict[str, Any]:
    arguments = json.dumps({"state": "revoked", "authority_directory": str(directory), "names": ["compute2"]})
    done = subprocess.run(
        [
            Path(sys.executable).with_name("ansible"),
            *(
                "-i",
                "localhost,",
                "-c",
                "local",
                "localhost",
                "-m",
                "stackwright.nova.host_certificate",
            ),
            *("-a", arguments, "--one-line", *options),
        ],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    result: dict[str, Any] = json.loads(done.stdout.partition("=> ")[2])
    return result


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    made = CertificateAuthority(tmp_path / "certificates")
    made.create("cloud")
    request = x509.signing_request(x509.new_key(), "x")
    made.issue(request, ["compute2", "192.0.2.22"], "Nova Compute", 100)
    made.issue(request, ["compute1", "192.0.2.21"], "Nova Compute", 100)
    return made


def test_a_host_is_revoked_once(authority: CertificateAuthority, tmp_path: Path) -> None:
    (serial,) = authority.revocable(["compute2"])
    foreseen = revoke(tmp_path / "certificates", "--check")
    assert authority.revocable(["compute2"]) == [serial]
    done = revoke(tmp_path / "certificates")
    assert foreseen["changed"] and done["changed"]
    assert foreseen["commands"] == done["commands"] == [f"revoke certificate {serial:x}"]
    assert authority.revocable(["compute2"]) == [] and len(authority.revocable(["compute1"])) == 1
    again = revoke(tmp_path / "certificates")
    assert (again["changed"], again["revoked"]) == (False, [])


def test_without_an_authority_there_is_nothing_to_revoke(tmp_path: Path) -> None:
    assert revoke(tmp_path / "nowhere")["changed"] is False
    assert not (tmp_path / "nowhere").exists()


def test_an_authority_that_cannot_be_read_is_named(authority: CertificateAuthority, tmp_path: Path) -> None:
    (tmp_path / "certificates/ca.crt").write_text("nonsense")
    refused = revoke(tmp_path / "certificates")
    assert refused["msg"].startswith("Cannot use certificate authority")
