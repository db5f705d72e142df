# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a survey reads of a deployed host: versions as dpkg or rpm print them, and real certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509
from ansible_collections.stackwright.nova.plugins.module_utils._host_survey import installed
from ansible_collections.stackwright.nova.plugins.modules import host_survey
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)
from fakes.modules import run_module

SAID = "nova-common\t2:26.2.2-1~deb12u3\tinstalled\nrabbitmq-server\t3.10.8\tconfig-files\n"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What dpkg-query was asked for; one of the packages is unknown to it."""
    calls: list[list[str]] = []

    def run(argv: list[str]) -> Output:
        calls.append(argv)
        return Output(1, SAID, "dpkg-query: no packages found matching keystone")

    monkeypatch.setattr(installed, "run_command", run)
    monkeypatch.setattr(installed, "is_red_hat", lambda: False)
    return calls


def run(check: bool = False, **options: Any) -> dict[str, Any]:
    survey: dict[str, Any] = run_module(host_survey, check=check, **options)["survey"]
    return survey


@pytest.mark.parametrize("check", [False, True])
def test_installed_packages_and_their_versions(asked: list[list[str]], check: bool) -> None:
    result = run(check, packages=["keystone", "nova-common", "rabbitmq-server", "keystone"])
    assert result["packages"] == {"nova-common": "2:26.2.2-1~deb12u3"}
    assert asked[0][-4:] == ["--", "keystone", "nova-common", "rabbitmq-server"]


def test_packages_of_the_red_hat_family(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "openstack-nova-api\t27.2.0-1.el9\tinstalled\npackage keystone is not installed\n"
    monkeypatch.setattr(installed, "is_red_hat", lambda: True)
    monkeypatch.setattr(
        installed, "run_command", lambda argv: Output(1, said if argv[0] == "rpm" else "", "")
    )
    assert run(packages=["openstack-nova-api", "keystone"])["packages"] == {
        "openstack-nova-api": "27.2.0-1.el9"
    }


def test_nothing_is_asked_where_nobody_wants_to_know(asked: list[list[str]]) -> None:
    assert (run()["packages"], asked) == ({}, [])


def test_certificates_and_their_end(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path / "authority")
    authority.create("cloud")
    request = x509.signing_request(x509.new_key(), "x")
    text = authority.issue(request, ["compute1", "192.0.2.21"], "Nova Compute", 100)
    paths = {name: tmp_path / f"{name}.pem" for name in ("good", "other", "binary", "none")}
    paths["good"].write_text(text)
    paths["other"].write_text("no certificate")
    paths["binary"].write_bytes(b"\xff\xfe")
    found = run(certificate_files=[str(path) for path in paths.values()])["certificate_files"]
    assert [(Path(one["path"]).stem, one["problem"]) for one in found] == [
        ("good", ""),
        ("other", "it holds no certificate"),
        ("binary", f"Cannot read file {paths['binary']}: line 1 is not UTF-8 text"),
    ]
    assert (found[0]["names"], found[0]["subject"]) == (
        ["compute1", "192.0.2.21"],
        "CN=compute1,OU=Nova Compute",
    )
    assert found[0]["until"].endswith("Z")
    assert found[1]["until"] == ""
