"""Layers with packages baked in: what goes into them, and what hosts on top of them start with."""

import os
from pathlib import Path

import pytest
import yaml
from testhosts import cli, lab, layer, machine, paths, plan, rootfs
from testhosts.errors import HostsError

PLATFORMS = {
    name: yaml.safe_load((layer.PLATFORMS / f"{name}.yml").read_text())["__cloud_platform"]
    for name in ("Debian-12", "Debian-13")
}
PLATFORM = PLATFORMS["Debian-12"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STACKWRIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("STACKWRIGHT_CACHE", str(tmp_path / "cache"))
    # Control groups belong to the machine: a build that runs there is none of the tests'.
    monkeypatch.setattr(layer.container, "kill", lambda *_arguments: None)
    return tmp_path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """As much of a base as a layer looks at."""
    base = tmp_path / "cache/base/bookworm-1"
    (base / "var/lib/dpkg").mkdir(parents=True)
    (base / "var/lib/dpkg/status").write_text("Package: dpkg\n")
    (base / "usr/lib").mkdir(parents=True)
    (base / "usr/lib/os-release").write_text('NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n')
    return base


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Builds that only make the directory of a layer; what each was to install."""
    seen: list[list[str]] = []

    def build(draft: Path, base: Path, kind: str, names: list[str]) -> None:
        seen.append(names)
        (draft / "upper").mkdir()

    monkeypatch.setattr(layer, "_build", build)
    return seen


def nobody() -> set[str]:
    return set()


@pytest.mark.parametrize(("name", "mechanism"), [("Debian-12", "linuxbridge"), ("Debian-13", "openvswitch")])
def test_a_compute_host_has_the_packages_of_its_roles(name: str, mechanism: str) -> None:
    platform = PLATFORMS[name]
    wanted = {*platform["compute"]["packages"], *platform["neutron"]["packages"][mechanism]}
    assert layer.packages(platform, "compute") == sorted(wanted)


def test_a_controller_has_the_packages_of_all_services_but_compute() -> None:
    names = layer.packages(PLATFORM, "controller")
    assert {"mariadb-server", "rabbitmq-server", "keystone", "neutron-l3-agent", "nova-api"} <= set(names)
    assert "neutron-linuxbridge-agent" in names
    assert not {"nova-compute", "nova-compute-kvm", "neutron-openvswitch-agent"} & set(names)
    assert names == sorted(set(names))


def test_the_controller_of_a_cell_has_what_the_cell_has_for_itself(
    base: Path, builds: list[list[str]]
) -> None:
    names = layer.packages(PLATFORM, "cell_controller")
    assert {"mariadb-server", "rabbitmq-server", "nova-conductor", "nova-consoleproxy"} <= set(names)
    assert not {"nova-api", "nova-scheduler", "keystone"} & set(names)
    # Where it is built is a machine's name.
    assert layer.ensure(base, "cell_controller", nobody).name.startswith("bookworm-cell-controller-")
    assert builds == [names]


def test_a_layer_is_built_once(base: Path, builds: list[list[str]]) -> None:
    first = layer.ensure(base, "compute", nobody)
    assert first.is_dir() and first.name.startswith("bookworm-compute-")
    assert layer.ensure(base, "compute", nobody) == first
    assert builds == [layer.packages(PLATFORM, "compute")]


def test_each_group_has_a_layer_of_its_own(base: Path, builds: list[list[str]]) -> None:
    assert layer.ensure(base, "compute", nobody) != layer.ensure(base, "controller", nobody)
    assert len(builds) == 2


def test_newer_packages_in_the_base_or_other_names_make_another_layer() -> None:
    names = {
        layer.recipe(b"one", ["nova-compute"]),
        layer.recipe(b"two", ["nova-compute"]),
        layer.recipe(b"one", ["nova-compute", "ipset"]),
    }
    assert len(names) == 3
    assert layer.recipe(b"one", ["ipset", "nova-compute"]) in names


def test_a_build_that_fails_leaves_no_layer(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(draft: Path, *_arguments: object) -> None:
        (draft / "upper/half").mkdir(parents=True)
        raise HostsError("build", "layer", "x", "the network is gone", "Try again")

    monkeypatch.setattr(layer, "_build", build)
    with pytest.raises(HostsError, match="the network is gone"):
        layer.ensure(base, "compute", nobody)
    assert list((paths.cache() / "layers").iterdir()) == []


def test_what_a_killed_build_left_goes_with_the_next_one(base: Path, builds: list[list[str]]) -> None:
    killed = paths.cache() / "layers/.bookworm-compute-killed"
    others = paths.cache() / "layers/.bookworm-controller-at-work"
    for draft in (killed, others):
        (draft / "upper").mkdir(parents=True)
    layer.ensure(base, "compute", nobody)
    assert not killed.exists()
    assert others.exists()


def test_old_layers_go_unless_a_host_stands_on_them(base: Path, builds: list[list[str]]) -> None:
    names = ("bookworm-compute-used", "bookworm-compute-unused", "bookworm-controller-unused")
    used, unused, other = (paths.cache() / "layers" / name for name in names)
    for old in (used, unused, other):
        old.mkdir(parents=True)
        os.utime(old, (0, 0))
    layer.ensure(base, "compute", lambda: {str(used)})
    assert used.exists() and other.exists()
    assert not unused.exists()


def test_a_suite_that_the_roles_do_not_know_is_an_error(base: Path, builds: list[list[str]]) -> None:
    (base / "usr/lib/os-release").write_text('ID=debian\nNAME="Debian GNU/Linux"\n')
    with pytest.raises(HostsError, match=r"Cannot bake packages into bookworm-1: the roles know no platform"):
        layer.ensure(base, "compute", nobody)


@pytest.fixture
def disk(tmp_path: Path) -> tuple[Path, Path]:
    """A host's root, and a layer whose packages enabled a unit, a socket and an init script."""
    root, baked = tmp_path / "root", tmp_path / "layer"
    for wants, unit in (("multi-user", "nova-compute.service"), ("sockets", "libvirtd.socket")):
        link = baked / layer.UNITS / f"{wants}.target.wants" / unit
        link.parent.mkdir(parents=True)
        link.symlink_to(f"/lib/systemd/system/{unit}")
    (baked / "etc/rc2.d").mkdir()
    (baked / "etc/rc2.d/S01neutron-linuxbridge-agent").symlink_to("../init.d/neutron-linuxbridge-agent")
    (root / layer.UNITS).mkdir(parents=True)
    return root, baked


def test_enabled_units_are_masked_for_the_first_boot_only(disk: tuple[Path, Path]) -> None:
    root, baked = disk
    own = root / layer.UNITS / "apt-daily.timer"
    own.symlink_to("/dev/null")
    layer.hold_back(root, baked)
    assert {mask.name for mask in (root / layer.UNITS).iterdir()} == {
        "apt-daily.timer",
        "libvirtd.socket",
        "neutron-linuxbridge-agent.service",
        "nova-compute.service",
    }
    assert layer.release(root, baked)
    assert list((root / layer.UNITS).iterdir()) == [own]
    assert not layer.release(root, baked)


def test_a_unit_file_of_the_site_is_no_mask(disk: tuple[Path, Path]) -> None:
    root, baked = disk
    (root / layer.UNITS / "nova-compute.service").write_text("[Service]\n")
    layer.hold_back(root, baked)
    layer.release(root, baked)
    assert (root / layer.UNITS / "nova-compute.service").read_text() == "[Service]\n"


def test_each_host_has_an_iscsi_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "layer/etc/iscsi").mkdir(parents=True)
    for host in ("compute1", "compute2"):
        layer.furnish(tmp_path / host, tmp_path / "layer")
    texts = {(tmp_path / host / layer.ISCSI_NAME).read_text() for host in ("compute1", "compute2")}
    assert len(texts) == 2
    assert all(text.startswith("InitiatorName=iqn.") for text in texts)


def test_without_iscsi_there_is_no_name(tmp_path: Path) -> None:
    (tmp_path / "layer").mkdir()
    layer.furnish(tmp_path / "compute1", tmp_path / "layer")
    assert not (tmp_path / "compute1").exists()


def test_a_host_without_a_group_cannot_be_baked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["up", "t1", "compute1", "db", "--baked"]) == 1
    assert capsys.readouterr().err == (
        "Cannot bake packages into host db: no group is known by its name. "
        "Call it controllerN or cellcontrollerN or computeN, or leave out --baked.\n"
    )


@pytest.mark.parametrize(
    ("options", "bases"),
    [
        ([], {"compute1": "/b", "controller1": "/b"}),
        (["--baked"], {"compute1": "/c:/b", "controller1": "/k:/b"}),
    ],
)
def test_a_layer_lies_between_base_and_host(
    options: list[str], bases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = {"compute": Path("/c"), "controller": Path("/k")}
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "prepare", lambda: None)
    monkeypatch.setattr(lab.cache, "ensure", lambda: None)
    monkeypatch.setattr(rootfs, "ensure_base", lambda suite, in_use: Path("/b"))
    monkeypatch.setattr(layer, "ensure", lambda base, group, in_use: layers[group])
    monkeypatch.setattr(lab.network, "ensure_lab", lambda *_arguments: None)
    monkeypatch.setattr(lab, "_start", lambda *_arguments: None)
    assert cli.main(["up", "t1", "controller1", "compute1", *options]) == 0
    assert {host.name: host.base for host in lab.existing("t1").hosts.values()} == bases


def test_file_systems_in_use_are_told_one_by_one() -> None:
    hosts = {
        name: lab.Host(name, "bookworm", "172.31.80.1", base)
        for name, base in (("compute1", "/layer:/base"), ("db", "/other"))
    }
    lab.Record(plan.Lab("t1", 80), hosts).save()
    assert lab._bases_in_use() == {"/layer", "/base", "/other"}


def test_a_layer_that_is_gone_is_an_error_with_a_remedy(tmp_path: Path, base: Path) -> None:
    with pytest.raises(
        HostsError, match=r"Cannot mount disk of host compute1: the file system .*/gone is gone"
    ):
        rootfs.mount(tmp_path / "compute1", f"{tmp_path}/gone:{base}")


def test_an_inventory_of_some_hosts(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("controller1", "compute1", "compute2")
    hosts = {name: lab.Host(name, "bookworm", f"172.31.80.{n}", "/base") for n, name in enumerate(names, 11)}
    lab.Record(plan.Lab("t1", 80), hosts).save()
    assert cli.main(["inventory", "t1", "compute2", "controller1"]) == 0
    groups = yaml.safe_load(capsys.readouterr().out)["all"]["children"]
    assert groups["controller"]["hosts"] == {"controller1": {"ansible_host": "172.31.80.11"}}
    assert groups["compute"]["hosts"] == {"compute2": {"ansible_host": "172.31.80.13"}}
    assert cli.main(["inventory", "t1", "compute3"]) == 1
    assert capsys.readouterr().err.startswith("Cannot find host compute3: lab t1 has none of this name.")
