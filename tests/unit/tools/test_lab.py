"""Records of labs, and the errors of the command line, without any host."""

from pathlib import Path

import pytest
from testhosts import cli, kernel, lab, machine, paths, plan, rootfs


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STACKWRIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("STACKWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "state"


def record(name: str = "t1") -> lab.Record:
    host = lab.Host("controller1", "bookworm", "172.31.80.11", "/base")
    return lab.Record(plan.Lab(name, 80), {"controller1": host})


def test_a_record_is_read_as_it_was_written() -> None:
    record().save()
    assert lab.load("t1") == record()
    assert lab.names() == ["t1"]


def test_no_record_no_lab(capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.load("t1") is None
    assert cli.main(["inventory", "t1"]) == 1
    assert capsys.readouterr().err == (
        "Cannot find lab t1: no check has this name. `tools/hosts list` shows what is there.\n"
    )


def test_a_host_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    record().save()
    assert cli.main(["ssh", "t1", "compute1", "true"]) == 1
    assert capsys.readouterr().err.startswith("Cannot reach host compute1: lab t1 has none of this name.")


def test_hosts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    record().save()
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out == (
        "t1 172.31.80.0/24 172.30.80.0/24\n  controller1 172.31.80.11 bookworm stopped\n"
    )


def test_hosts_need_root(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    for command in (["up", "t1", "controller1"], ["down", "t1"], ["clean"]):
        assert cli.main(command) == 1
        assert capsys.readouterr().err == "Cannot manage test hosts: this needs root. Run it with sudo.\n"


def test_a_lock_is_taken_again_after_its_file_was_deleted(state: Path) -> None:
    with machine.lock("lab-t1"):
        (state / ".locks" / "lab-t1").unlink()
    with machine.lock("lab-t1"):
        assert (state / ".locks" / "lab-t1").exists()


def test_a_file_is_replaced_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file"
    paths.write(target, "one")
    paths.write(target, "two", 0o600)
    assert target.read_text() == "two"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_a_recipe_names_its_suite_and_sources() -> None:
    names = {
        rootfs.recipe("bookworm", "deb a"),
        rootfs.recipe("trixie", "deb a"),
        rootfs.recipe("bookworm", "deb b"),
    }
    assert len(names) == 3
    assert rootfs.recipe("bookworm", "deb a") in names


def test_another_authority_of_the_machine_makes_another_base(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rootfs, "AUTHORITIES", tmp_path)
    before = rootfs.recipe("bookworm", "deb a")
    (tmp_path / "site.crt").write_text("a certificate")
    assert rootfs.authorities() == {f"{tmp_path}/site.crt"[1:]: "a certificate"}
    assert rootfs.recipe("bookworm", "deb a") != before


def test_only_what_is_built_in_is_said_to_be() -> None:
    config = "CONFIG_VXLAN=y\n# CONFIG_OPENVSWITCH is not set\nCONFIG_TUN=m\nCONFIG_BRIDGE=y\n"
    assert kernel.built_in(config) == "kernel/net/bridge/bridge.ko\nkernel/drivers/net/vxlan/vxlan.ko\n"
