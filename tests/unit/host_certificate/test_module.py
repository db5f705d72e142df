# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host gets its certificate, and services their copies, from an authority of the test or from a site's files."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import Attributes
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509
from ansible_collections.stackwright.nova.plugins.module_utils._host_certificate import client
from ansible_collections.stackwright.nova.plugins.module_utils._host_certificate.operation import (
    HostCertificate,
)
from ansible_collections.stackwright.nova.plugins.module_utils._host_certificate.parameters import (
    Desired,
    Place,
    Site,
    desired,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared import certificate_files
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)
from fakes.certificate import chain

NAMES = ("controller1", "cloud.example.org", "192.0.2.11")
MINE = "service"
OWN = Place("/etc/tls/ca.crt", "/etc/tls/host.crt", "/etc/tls/host.key", MINE)
KEYSTONE = Place("", "/etc/keystone/ssl/public/a.crt", "/etc/keystone/ssl/private/a.pem", MINE)
SCREEN = Place("/etc/vnc/ca.pem", "/etc/vnc/cert.pem", "/etc/vnc/key.pem", MINE)
PLACES = (OWN, KEYSTONE, SCREEN)
ALL = [path for each in PLACES for path in (each.ca, each.certificate, each.private_key) if path]


class Host:
    """A host below a folder, with the control node's part of the action."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.authority = CertificateAuthority(root / "control/certificates")
        self.authority.create("cloud")

    def operation(self, **given: Any) -> HostCertificate:
        trust = given.pop("trust", self.authority.trust())
        wanted = Desired(**{"names": NAMES, "places": PLACES, "trust": trust, **given})
        return HostCertificate(wanted, client.LocalCertificateStore(str(self.root)))

    def run(self, **given: Any) -> tuple[list[str], dict[str, Any]]:
        """One call of the module: the commands, and the result."""
        operation = self.operation(**given)
        current = operation.read()
        plan = operation.plan(current)
        if plan.unmet:
            raise plan.unmet[0]
        outcome = operation.apply(current, plan) if plan.steps else {}
        return plan.commands, {**plan.result, **outcome}

    def complete(self, days: int = 825, **given: Any) -> dict[str, Any]:
        """What the action does: two calls, and a certificate between them."""
        _commands, result = self.run(**given)
        if result["request"]:
            names = list(given.get("names", NAMES))
            issued = self.authority.issue(result["request"], names, "Services", days)
            _commands, result = self.run(issued=issued, **given)
        return result

    def text(self, name: str) -> str:
        return (self.root / name.lstrip("/")).read_text()

    def put(self, name: str, text: str) -> None:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    # Whoever runs the tests cannot give files away.
    mine = partial(Attributes, str(os.geteuid()), str(os.getegid()))
    monkeypatch.setattr(certificate_files, "Attributes", lambda owner, group, mode=None: mine(mode))
    there = {"service": os.getegid(), "root": os.getegid()}
    monkeypatch.setattr(
        client, "_numbers", lambda groups: {name: there[name] for name in groups & there.keys()}
    )
    return Host(tmp_path)


def site(host: Host, names: tuple[str, ...] = NAMES, days: int = 100) -> Site:
    """A site with a separate authority has put its files on the host."""
    other = CertificateAuthority(host.root / "elsewhere")
    other.create("site")
    key = x509.new_key()
    trust = other.trust()
    assert trust
    host.put("/site/ca.pem", trust.certificate)
    host.put("/site/cert.pem", other.issue(x509.signing_request(key, "x"), list(names), "", days))
    host.put("/site/key.pem", key)
    return Site("/site/ca.pem", "/site/cert.pem", "/site/key.pem")


def test_first_comes_a_request_and_with_its_answer_all_copies_are_there(host: Host) -> None:
    commands, result = host.run()
    assert result["request"].startswith("-----BEGIN CERTIFICATE REQUEST")
    assert "-out /etc/tls/host.key.pending" in " ".join(commands)
    result = host.complete()
    assert set(result["certificate"]["names"]) == set(NAMES)
    assert {host.text(path)[:10] for path in ALL} == {"-----BEGIN"}
    assert host.text(KEYSTONE.private_key) == host.text(SCREEN.private_key) == host.text(OWN.private_key)
    assert not (host.root / "etc/tls/host.key.pending").exists()
    assert host.run()[0] == []


def test_each_key_is_for_the_group_of_its_service(host: Host) -> None:
    host.complete()
    path = host.root / KEYSTONE.private_key.lstrip("/")
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o644)
    assert host.run()[0] == [f"write {KEYSTONE.private_key}"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_key_of_roots_own_is_for_nobody_else(host: Host) -> None:
    operation = host.operation(places=(Place("/ca", "/crt", "/key"),))
    files_written: list[tuple[str, int, str]] = []
    state = operation.read()
    offered = host.complete()
    assert offered
    certificate = x509.parsed(host.text(OWN.certificate), host.text(OWN.private_key), operation.desired.trust)
    plan = operation.plan(type(state)(state.trust, state.now, certificate=certificate, groups={"root": 7}))

    class Recorder(client.LocalCertificateStore):
        def write(self, path: str, text: str, mode: int, group: str) -> None:
            files_written.append((path, mode, group))

    for step in plan.steps:
        step.call(Recorder())
    assert files_written == [("/ca", 0o644, "root"), ("/key", 0o600, "root"), ("/crt", 0o644, "root")]


@pytest.mark.parametrize(("group", "mode"), [(MINE, 0o755), ("root", 0o700)])
def test_a_folder_for_roots_own_keys_is_closed_and_one_for_a_service_s_is_not(
    host: Host, group: str, mode: int
) -> None:
    host.complete(places=(OWN, Place(private_key="/etc/x/private/key.pem", group=group)))
    assert (host.root / "etc/x/private").stat().st_mode & 0o777 == mode


def test_a_list_of_revoked_certificates_goes_where_the_authority_has_none(host: Host) -> None:
    listing = Place(revoked="/etc/x/crl.pem")
    host.complete(places=(OWN, listing))
    assert host.text(listing.revoked).startswith("-----BEGIN X509 CRL")
    given = site(host)
    commands, _result = host.run(places=(OWN, listing), site=given)
    assert f"rm {listing.revoked}" in commands
    assert not (host.root / "etc/x/crl.pem").exists()
    host.put("/site/crl.pem", "the site's list")
    host.run(
        places=(OWN, listing),
        site=Site(given.ca, given.certificate, given.private_key, revoked="/site/crl.pem"),
    )
    assert host.text(listing.revoked) == "the site's list"


def test_a_lost_copy_comes_back_without_another_certificate(host: Host) -> None:
    host.complete()
    before = host.text(OWN.certificate)
    (host.root / KEYSTONE.certificate.lstrip("/")).unlink()
    assert host.run()[0] == [f"write {KEYSTONE.certificate}"]
    assert host.text(OWN.certificate) == before


@pytest.mark.parametrize(
    ("first", "second"),
    [({"days": 89}, {}), ({}, {"names": (*NAMES, "new.example.org")}), ({}, {"renew_days": 825})],
    ids=["it ends soon", "another name", "renewed on demand"],
)
def test_it_is_renewed(host: Host, first: dict[str, Any], second: dict[str, Any]) -> None:
    host.complete(**first)
    before = host.text(OWN.certificate)
    # Until the new one is there services have the old one.
    host.run(**second)
    assert host.text(KEYSTONE.certificate) == before
    host.complete(**second)
    after = host.text(KEYSTONE.certificate)
    assert after != before
    assert after == host.text(OWN.certificate)


def test_a_revoked_one_is_replaced(host: Host) -> None:
    host.complete()
    before = host.text(OWN.certificate)
    host.authority.revoke(host.authority.revocable(["controller1"]))
    host.complete()
    assert host.text(OWN.certificate) != before


def test_a_site_brings_its_own(host: Host) -> None:
    _commands, result = host.run(site=site(host))
    assert set(result["certificate"]["names"]) == set(NAMES)
    assert host.text(KEYSTONE.certificate) == host.text("/site/cert.pem")
    assert host.text(OWN.ca) == host.text("/site/ca.pem")
    assert host.run(site=Site("/site/ca.pem", "/site/cert.pem", "/site/key.pem"))[0] == []


def test_a_service_finds_intermediate_authorities_with_the_others(host: Host) -> None:
    """QEMU does not start where its own certificate is not of an authority in this one file."""
    root, certificate, key = chain(NAMES)
    for name, text in (("ca", root), ("cert", certificate), ("key", key)):
        host.put(f"/site/{name}.pem", text)
    given = Site("/site/ca.pem", "/site/cert.pem", "/site/key.pem")
    host.run(site=given)
    intermediate = certificate[certificate.index("-----END") :].partition("\n")[2]
    assert host.text(SCREEN.ca) == root + intermediate
    assert host.run(site=given)[0] == []


def test_files_of_the_control_node_come_as_texts(host: Host) -> None:
    given = site(host)
    names = ("ca", "certificate", "private_key")
    texts = {name: host.text(getattr(given, name)) for name in names}
    for name in names:
        (host.root / getattr(given, name).lstrip("/")).unlink()
    host.run(site=Site("ca.pem", "cert.pem", "key.pem", texts))
    assert host.text(KEYSTONE.private_key) == texts["private_key"]
    assert "PRIVATE KEY" not in repr(Site("ca.pem", "cert.pem", "key.pem", texts))


@pytest.mark.parametrize(
    ("spoilt", "cause"),
    [
        ("key", "/site/key.pem is not its private key"),
        ("ca", "/site/ca.pem has not signed it, or has revoked it"),
        ("names", "it is not for 192.0.2.11, cloud.example.org"),
        ("certificate", "it is no certificate in PEM form"),
        ("gone", "there is no such file on this host"),
    ],
)
def test_a_site_s_certificate_that_cannot_work_is_refused(host: Host, spoilt: str, cause: str) -> None:
    given = site(host, names=("controller1",) if spoilt == "names" else NAMES, days=1)
    if spoilt == "key":
        host.put("/site/key.pem", x509.new_key())
    if spoilt == "ca":
        trust = host.authority.trust()
        assert trust
        host.put("/site/ca.pem", trust.certificate)
    if spoilt == "certificate":
        host.put("/site/cert.pem", "nothing")
    if spoilt == "gone":
        (host.root / "site/cert.pem").unlink()
    with pytest.raises(CollectionError) as refused:
        host.run(site=given)
    assert cause in str(refused.value)
    assert not (host.root / "etc/tls").exists()


def test_a_group_that_is_not_there_stops_a_real_run(host: Host) -> None:
    with pytest.raises(CollectionError, match="the host has no group no-such-group"):
        host.run(places=(OWN, Place("", "/a", "/b", "no-such-group")))


def test_check_mode_of_a_bare_host(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x509, "IS_USABLE", False)
    operation = host.operation()
    with pytest.raises(UnreachableError, match="Install python3-cryptography"):
        operation.read()
    plan = operation.plan(operation.nothing())
    assert plan.changed
    assert plan.after["certificate"] == "to be issued"  # type: ignore[index]


def test_some_files_of_a_site_are_refused() -> None:
    with pytest.raises(CollectionError, match="private_key is not named"):
        certificate_files.named({"ca": "a", "certificate": "b"})


def test_the_parameters_become_places() -> None:
    params = {
        "names": ["a", "a"],
        "ca": "/ca",
        "certificate": "/crt",
        "private_key": "/key",
        "copies": [{"ca": None, "certificate": "/c", "private_key": "/k", "group": "keystone"}],
        "files": None,
        "brought": None,
        "authority": {"certificate": "A", "revoked": None},
        "issued": "",
        "renew_days": 90,
    }
    wanted = desired(params)
    assert wanted.names == ("a",)
    assert wanted.places == (Place("/ca", "/crt", "/key"), Place("", "/c", "/k", "keystone"))
    assert (wanted.trust, wanted.site) == (x509.Trust("A", ""), None)


def test_what_a_wildcard_is_for(host: Host) -> None:
    host.complete(names=("*.example.org",))
    trust = host.authority.trust()
    assert trust
    found = x509.parsed(host.text(OWN.certificate), host.text(OWN.private_key), trust)
    assert found
    soon = found.until - timedelta(days=100)
    assert found.serves(["cloud.example.org"], soon, 90)
    assert not found.serves(["a.cloud.example.org"], soon, 90)
    assert not found.serves(["example.org"], soon, 90)
    assert not found.serves(["cloud.example.org"], soon + timedelta(days=11), 90)
    over = found.until + timedelta(days=1)
    assert "it ended at" in found.unfitness(["cloud.example.org"], over, "key", "authority")
