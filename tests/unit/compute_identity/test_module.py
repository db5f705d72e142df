# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host gets what it proves itself with, from its files below a folder of the test and a separate authority."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._compute_identity import client, places
from ansible_collections.stackwright.nova.plugins.module_utils._compute_identity.plan import UNMADE_KEY
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import Attributes
from ansible_collections.stackwright.nova.plugins.module_utils._engine.operation import Operation, Task
from ansible_collections.stackwright.nova.plugins.module_utils._formats import x509
from ansible_collections.stackwright.nova.plugins.module_utils._host_certificate import client as certificates
from ansible_collections.stackwright.nova.plugins.module_utils._host_certificate.parameters import (
    Site as SiteFiles,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared import certificate_files
from ansible_collections.stackwright.nova.plugins.modules import compute_identity
from ansible_collections.stackwright.nova.plugins.plugin_utils._certificate_authority import (
    CertificateAuthority,
)
from fakes.certificate import chain

NAMES = ("alias", "compute1", "192.0.2.21")
HOST_KEY = "ssh-ed25519 AAAAhost"
EMULATORS = "emulators"
PENDING_KEY = f"{places.LIBVIRT['private_key']}.pending"
KEYS_OF_LIBVIRT = ("/etc/pki/libvirt/private/serverkey.pem", "/etc/pki/libvirt/private/clientkey.pem")
KEYS_OF_EMULATOR = ("/etc/pki/qemu/server-key.pem", "/etc/pki/qemu/client-key.pem")
CERTIFICATES = (
    "/etc/pki/libvirt/servercert.pem",
    "/etc/pki/libvirt/clientcert.pem",
    "/etc/pki/qemu/server-cert.pem",
    "/etc/pki/qemu/client-cert.pem",
)
CA = ("/etc/pki/CA/cacert.pem", "/etc/pki/qemu/ca-cert.pem")
REVOKED = ("/etc/pki/CA/cacrl.pem", "/etc/pki/qemu/ca-crl.pem")
ALL = (*CA, *REVOKED, *CERTIFICATES, *KEYS_OF_LIBVIRT, *KEYS_OF_EMULATOR)
USER_KEY = "var/lib/nova/.ssh/id_ed25519"


class Host:
    """A host below a folder, with the control node's part of the action."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.authority = CertificateAuthority(root / "control/certificates")
        self.authority.create("cloud")
        (root / "etc/ssh").mkdir(parents=True)
        (root / "etc/ssh/ssh_host_ed25519_key.pub").write_text(f"{HOST_KEY} root@compute1\n")
        (root / "var/lib/nova").mkdir(parents=True)

    def operations(self, **given: Any) -> list[Operation[Any, Any, Any]]:
        """What the module makes of these parameters, below the folder."""
        trust = given.pop("trust", self.authority.trust())
        believed = {"certificate": trust.certificate, "revoked": trust.revoked} if trust else None
        defaults: dict[str, Any] = {
            "names": list(NAMES),
            "authority": believed,
            "files": None,
            "issued": "",
            "renew_days": 90,
            "emulator_group": EMULATORS,
            "user": "nova",
        }
        identity, certificate = compute_identity.build(Task({**defaults, **given}))
        vars(identity)["client"] = client.LocalKeyStore(str(self.root))
        vars(certificate)["client"] = certificates.LocalCertificateStore(str(self.root))
        return [identity, certificate]

    def run(self, **given: Any) -> tuple[list[str], dict[str, Any]]:
        """One call of the module: the commands, and the result."""
        commands: list[str] = []
        result: dict[str, Any] = {}
        for operation in self.operations(**given):
            current = operation.read()
            plan = operation.plan(current)
            if plan.unmet:
                raise plan.unmet[0]
            outcome = operation.apply(current, plan) if plan.steps else {}
            commands += plan.commands
            result.update({**plan.result, **outcome})
        return commands, result

    def issue(self, request: str, days: int = 825) -> str:
        return self.authority.issue(request, list(NAMES), "Nova Compute", days)

    def complete(self, days: int = 825, **given: Any) -> dict[str, Any]:
        """What the action does: two calls, and a certificate between them."""
        _commands, result = self.run(**given)
        if result["request"]:
            _commands, result = self.run(issued=self.issue(result["request"], days), **given)
        return result

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    me = pwd.getpwuid(os.geteuid())
    account = pwd.struct_passwd((*me[:5], "/var/lib/nova", *me[6:]))
    monkeypatch.setattr(client, "_account", lambda user: account)
    # Whoever runs the tests cannot give files away.
    mine = partial(Attributes, str(os.geteuid()), str(os.getegid()))
    monkeypatch.setattr(certificate_files, "Attributes", lambda owner, group, mode=None: mine(mode))
    groups = {"root": os.getegid(), EMULATORS: os.getegid()}
    monkeypatch.setattr(certificates, "_numbers", lambda names: {name: groups[name] for name in names})
    return Host(tmp_path)


def test_first_comes_a_request_and_with_its_answer_all_is_there(host: Host) -> None:
    commands, result = host.run()
    assert result["request"].startswith("-----BEGIN CERTIFICATE REQUEST")
    assert f"-out {PENDING_KEY}" in " ".join(commands)
    result = host.complete()
    assert result["request"] == ""
    assert set(result["certificate"]["names"]) == set(NAMES)
    for path in ALL:
        assert host.path(path).read_text().startswith("-----BEGIN"), path
    assert not host.path(PENDING_KEY).exists()
    assert host.run()[0] == []


def test_keys_are_read_by_root_and_by_the_emulator_alone(host: Host) -> None:
    host.complete()
    modes = {path: host.path(path).stat().st_mode & 0o777 for path in ALL}
    assert {modes[path] for path in KEYS_OF_LIBVIRT} == {0o600}
    assert {modes[path] for path in KEYS_OF_EMULATOR} == {0o640}
    assert host.path(KEYS_OF_LIBVIRT[0]).parent.stat().st_mode & 0o777 == 0o700
    assert host.path(USER_KEY).stat().st_mode & 0o777 == 0o600


def test_the_ssh_key_is_made_once_and_told_with_those_of_the_host(host: Host) -> None:
    first = host.complete()
    again = host.run()[1]
    assert first["public_key"] == again["public_key"] != UNMADE_KEY
    assert again["host_keys"] == [HOST_KEY]
    public = host.path(f"{USER_KEY}.pub").read_text()
    assert public.startswith(f"{again['public_key']} ")


@pytest.mark.parametrize("path", ALL)
def test_a_file_that_is_lost_or_changed_comes_back(host: Host, path: str) -> None:
    host.complete()
    kept = host.path(path).read_text()
    for damage in (host.path(path).unlink, lambda: host.path(path).write_text("damage")):
        damage()
        host.complete()
        assert host.run()[0] == []
        # A damaged certificate or key of libvirt's server takes a new one; everything else is put back.
        renewed = path in (CERTIFICATES[0], KEYS_OF_LIBVIRT[0])
        assert (host.path(path).read_text() == kept) is not renewed
        kept = host.path(path).read_text()


def test_the_key_of_a_request_serves_the_next_one_too(host: Host) -> None:
    first = host.run()[1]["request"]
    key = host.path(PENDING_KEY).read_text()
    commands, result = host.run()
    assert result["request"] and host.path(PENDING_KEY).read_text() == key
    assert not [command for command in commands if "genpkey" in command]
    host.run(issued=host.issue(first))
    assert host.path(KEYS_OF_LIBVIRT[0]).read_text() == key


def test_an_answer_to_somebody_elses_request_is_not_taken(host: Host) -> None:
    host.run()
    other = host.issue(x509.signing_request(x509.new_key(), "other"))
    assert host.run(issued=other)[1]["request"]
    assert not host.path(CERTIFICATES[0]).exists()


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("another address", {"names": (*NAMES, "192.0.2.99")}),
        ("soon at its end", {"renew_days": 900}),
    ],
)
def test_a_certificate_that_does_not_serve_is_asked_anew(host: Host, why: str, given: dict[str, Any]) -> None:
    host.complete()
    old = host.path(CERTIFICATES[0]).read_text()
    assert host.run(**given)[1]["request"], why
    # Until the new one is there, the old one is.
    assert host.path(CERTIFICATES[0]).read_text() == old


def test_all_certificates_can_be_renewed(host: Host) -> None:
    """A new one lasts as long as is asked for here, less the time since it was issued."""
    host.complete()
    old = host.path(CERTIFICATES[0]).read_text()
    assert host.complete(renew_days=825)["request"] == ""
    assert host.path(CERTIFICATES[0]).read_text() != old
    assert not host.path(PENDING_KEY).exists()


def test_a_revoked_certificate_is_asked_anew_and_the_list_is_there_at_once(host: Host) -> None:
    host.complete()
    host.authority.revoke(host.authority.revocable(["alias"]))
    trust = host.authority.trust()
    assert trust
    assert host.run()[1]["request"]
    assert {host.path(path).read_text() for path in REVOKED} == {trust.revoked}
    assert host.complete()["request"] == ""
    assert host.run()[0] == []


def test_one_of_another_authority_is_asked_anew(host: Host, tmp_path: Path) -> None:
    host.complete()
    host.authority = CertificateAuthority(tmp_path / "control/other")
    host.authority.create("cloud")
    assert host.complete()["request"] == ""
    trust = host.authority.trust()
    assert trust and {host.path(path).read_text() for path in CA} == {trust.certificate}


def test_without_ssh_server_nothing_is_begun(host: Host) -> None:
    host.path("etc/ssh/ssh_host_ed25519_key.pub").unlink()
    with pytest.raises(CollectionError, match="Install openssh-server"):
        host.run()
    assert not host.path(PENDING_KEY).exists()


def test_on_a_bare_host_check_mode_foresees_it_all(host: Host) -> None:
    identity, certificate = (each.plan(each.nothing()) for each in host.operations())
    assert identity.changed and not identity.unmet
    assert identity.result["public_key"] == UNMADE_KEY
    assert certificate.commands[-1].endswith(f"-out {PENDING_KEY}")
    trust = [f"write {path}" for path in (*CA, *REVOKED)]
    assert sorted(certificate.commands[:-1]) == sorted(trust)


def test_without_the_library_check_mode_goes_on(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x509, "IS_USABLE", False)
    for operation in host.operations():
        with pytest.raises(UnreachableError, match="python3-cryptography"):
            operation.read()


class Site(Host):
    """Has a separate authority, and brings its certificates itself."""

    def bring(self, days: int = 825, names: tuple[str, ...] = NAMES) -> SiteFiles:
        key = x509.new_key()
        certificate = self.authority.issue(x509.signing_request(key, "x"), list(names), "", days)
        trust = self.authority.trust()
        assert trust
        folder = self.root / "srv"
        folder.mkdir(exist_ok=True)
        for name, text in (("ca", trust.certificate), ("certificate", certificate), ("key", key)):
            (folder / name).write_text(text)
        return SiteFiles("/srv/ca", "/srv/certificate", "/srv/key")


def files_of(own: SiteFiles) -> dict[str, str]:
    return {"ca": own.ca, "certificate": own.certificate, "private_key": own.private_key}


@pytest.fixture
def site(host: Host, tmp_path: Path) -> Site:
    host.__class__ = Site
    assert isinstance(host, Site)
    return host


def test_the_sites_certificate_is_taken_as_it_is_and_replaced_with_it(site: Site) -> None:
    for _turn in range(2):
        own = site.bring()
        _commands, result = site.run(files=files_of(own), trust=None)
        assert result["request"] == ""
        assert site.path(CERTIFICATES[0]).read_text() == site.path(own.certificate).read_text()
        assert not site.path(REVOKED[0]).exists()
        assert site.run(files=files_of(own), trust=None)[0] == []


def test_libvirt_and_the_emulator_find_intermediate_authorities_with_the_others(site: Site) -> None:
    own = site.bring()
    root, certificate, key = chain(NAMES)
    for path, text in ((own.ca, root), (own.certificate, certificate), (own.private_key, key)):
        site.path(path).write_text(text)
    site.run(files=files_of(own), trust=None)
    intermediate = certificate[certificate.index("-----END") :].partition("\n")[2]
    assert {site.path(path).read_text() for path in CA} == {root + intermediate}
    assert site.run(files=files_of(own), trust=None)[0] == []


def test_the_site_renews_by_itself(site: Site) -> None:
    own = site.bring(days=3)
    assert site.run(files=files_of(own), trust=None, renew_days=90)[1]["request"] == ""


@pytest.mark.parametrize("what", ["another key", "another authority", "another name", "its end", "its form"])
def test_a_certificate_of_the_site_that_cannot_work_is_refused(site: Site, tmp_path: Path, what: str) -> None:
    own = site.bring(names=("other",) if what == "another name" else NAMES)
    if what == "another key":
        site.path(own.private_key).write_text(x509.new_key())
    if what == "another authority":
        other = CertificateAuthority(tmp_path / "control/other").create("cloud")
        site.path(own.ca).write_text(other.certificate)
    if what == "its form":
        site.path(own.certificate).write_text("nothing")
    _identity, operation = site.operations(files=files_of(own), trust=None)
    state = operation.read()
    if what == "its end":
        state = replace(state, now=state.now + timedelta(days=900))
    cause = {
        "another key": "/srv/key is not its private key",
        "another authority": "/srv/ca has not signed it",
        "another name": "it is not for 192.0.2.21, alias, compute1",
        "its end": "it ended at",
        "its form": "it is no certificate in PEM form",
    }[what]
    with pytest.raises(CollectionError, match=cause):
        operation.plan(state)


def test_a_missing_file_of_the_site_is_named(site: Site) -> None:
    with pytest.raises(CollectionError, match="/srv/ca: there is no such file on this host"):
        site.run(files=files_of(SiteFiles("/srv/ca", "/srv/certificate", "/srv/key")), trust=None)


def test_half_of_the_sites_files_are_refused(host: Host) -> None:
    with pytest.raises(CollectionError, match="ca, private_key is not named"):
        host.operations(files={"certificate": "/srv/certificate"})
