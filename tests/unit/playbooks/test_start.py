# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run begins and when it ends early; run by a real ansible-playbook process on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FACTS = {"distribution": "Debian", "distribution_major_version": "12", "nodename": "host"}
# Of this machine, which stands for all hosts, nobody knows.
LOCAL = ["root", "name", "memory", "disk"]
AFTER = [
    {
        "name": "Afterwards",
        "hosts": "compute",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.debug": {"msg": "reached by {{ inventory_hostname }}"}}],
    }
]


def inventory(**variables: Any) -> dict[str, Any]:
    """A controller and two compute hosts; ``variables`` are those of single hosts."""
    address = {"controller1": "127.0.0.1", "compute1": "127.0.0.2", "compute2": "127.0.0.3"}
    hosts = {
        name: {"cloud_management_address": text, **variables.get(name, {})} for name, text in address.items()
    }
    return {
        "all": {
            "vars": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "cloud_controller_host": "127.0.0.1",
            },
            "children": {
                "controller": {"hosts": {"controller1": hosts["controller1"]}},
                "compute": {"hosts": {name: hosts[name] for name in ("compute1", "compute2")}},
            },
        }
    }


def run(
    tmp_path: Path,
    *playbooks: str,
    hosts: dict[str, Any] | None = None,
    options: tuple[str, ...] = (),
    **extra: Any,
) -> tuple[int, str]:
    """Exit status and output of these playbooks, and of a play of the compute hosts after them."""
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(hosts or inventory()))
    imports = [{"ansible.builtin.import_playbook": f"stackwright.nova.{name}"} for name in playbooks]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(imports + AFTER))
    variables = {"ansible_become": False, "ansible_facts": FACTS, "cloud_secrets_file": "", **extra}
    program = Path(sys.executable).with_name("ansible-playbook")
    argv = [
        program,
        "-i",
        tmp_path / "hosts.yml",
        tmp_path / "play.yml",
        "-e",
        json.dumps(variables),
        *options,
    ]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


UNREACHABLE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}
SECRETS = {
    f"cloud_{name}": "secret"
    for name in (
        *(
            f"{each}_password"
            for each in ("admin", "message_queue", "glance", "placement", "nova", "neutron")
        ),
        *(f"{each}_database_password" for each in ("keystone", "glance", "placement", "nova", "neutron")),
        "memcache_secret",
        "metadata_secret",
    )
}
# What this machine cannot be blamed for: it has the addresses of 127.0.0.0/8 without showing them.
# All of its hosts are this machine.
WELL = {
    "cloud_ignored_checks": [*LOCAL, "address", "machine"],
    "cloud_certificates_directory": "/nowhere/certificates",
    **SECRETS,
}


def test_all_findings_of_all_hosts_end_the_run_before_it_begins(tmp_path: Path) -> None:
    status, output = run(
        tmp_path,
        "check",
        hosts=inventory(
            compute1={"cloud_management_address": ""}, compute2={"neutron_provider_interface": "no0"}
        ),
        cloud_ignored_checks=LOCAL,
        cloud_controller_host="nobody.invalid",
        cloud_neighbours=["keystone", "cinder"],
        cloud_nova_password="given",
    )
    assert status == 2
    for text in (
        "Nothing was changed on any host.",
        "Cannot deploy service cinder",
        "Cannot do without secrets cloud_admin_password, cloud_keystone_database_password, cloud_memcache_secret, "
        "cloud_message_queue_password, cloud_nova_database_password, cloud_metadata_secret, cloud_neutron_password, "
        "cloud_placement_password: the inventory does not set them",
        "Cannot use hosts compute1, compute2: instances are to move between compute hosts, and nothing says where",
        "Cannot use hosts controller1, compute1, compute2: "
        "the controller's name, nobody.invalid (cloud_controller_host), is not known there",
        "Cannot use host compute1: cloud_management_address is not set",
        "127.0.0.3, is a loopback address",
    ):
        assert text in output
    assert "reached by" not in output


def test_where_all_is_well_the_run_goes_on(tmp_path: Path) -> None:
    status, output = run(tmp_path, "check", **WELL)
    assert status == 0, output
    assert "reached by compute1" in output
    assert "changed=1" not in output


def test_secrets_may_come_from_the_file_that_is_not_written_yet(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    file.write_text("cloud_nova_password: stored\n")
    given = {name: value for name, value in WELL.items() if not name.endswith(("_password", "_secret"))}
    status, output = run(tmp_path, "check", **given, cloud_secrets_file=str(file))
    assert status == 0, output
    assert file.read_text() == "cloud_nova_password: stored\n"
    status, output = run(
        tmp_path,
        "check",
        **given,
        cloud_secrets_file=str(file),
        cloud_neighbours=["glance"],
        cloud_identity_url="http://127.0.0.1:9/v3",
    )
    assert status == 2
    assert (
        "Cannot do without secrets cloud_admin_password, cloud_metadata_secret, cloud_neutron_password, "
        f"cloud_placement_password: neither the inventory nor {file} has them" in output
    )
    assert "Keystone does not answer from there at http://127.0.0.1:9/v3" in output
    status, output = run(
        tmp_path, "check", cloud_ignored_checks=WELL["cloud_ignored_checks"], cloud_secrets_file="/no/s"
    )
    assert (status, "Cannot open secrets file /no/s: its folder does not exist" in output) == (2, True)


def test_check_mode_expects_no_services_that_others_deploy(tmp_path: Path) -> None:
    status, output = run(
        tmp_path,
        "check",
        **WELL,
        options=("--check",),
        cloud_neighbours=[],
        cloud_identity_url="http://127.0.0.1:9/v3",
    )
    assert status == 0, output
    assert "Keystone does not answer from there at http://127.0.0.1:9/v3" in output


def test_a_compute_host_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    status, output = run(tmp_path, "check", hosts=inventory(compute1=UNREACHABLE), **WELL)
    assert status == 4, output
    assert "reached by compute2" in output
    assert "reached by compute1" not in output


def test_a_controller_that_does_not_answer_ends_the_run(tmp_path: Path) -> None:
    status, output = run(tmp_path, "check", hosts=inventory(controller1=UNREACHABLE), **WELL)
    assert status != 0
    assert "Cannot go on without controller controller1: it cannot be reached" in output
    assert "reached by" not in output


def test_a_sudo_that_does_not_work_is_a_finding_like_others(tmp_path: Path) -> None:
    method = {"ansible_become": True, "ansible_become_user": "nobody", "ansible_become_exe": "/nowhere/sudo"}
    broken = inventory(compute1={"cloud_management_address": ""})
    status, output = run(tmp_path, "check", hosts=broken, **{**WELL, "cloud_ignored_checks": []}, **method)
    assert status == 2
    assert "Cannot use hosts controller1, compute1, compute2: nothing can be run there: " in output
    assert "Cannot use host compute1: cloud_management_address is not set" in output


def test_limit_and_tags_are_checked_too(tmp_path: Path) -> None:
    broken = inventory(compute1={"cloud_management_address": ""}, compute2={"cloud_management_address": ""})
    given = {**WELL, "cloud_ignored_checks": LOCAL}
    status, output = run(
        tmp_path, "check", hosts=broken, options=("--limit=compute1", "--tags=neutron"), **given
    )
    assert status == 2
    assert "Cannot use host compute1: cloud_management_address is not set" in output
    assert "compute2" not in output


@pytest.mark.parametrize(
    "playbook",
    [
        "check",
        "site",
        "nova",
        "verify",
        "starter",
        "rotate_passwords",
        "renew_certificates",
        "drain",
        "remove_compute",
        "remove_cell",
        "drift",
    ],
)
def test_groups_with_other_names_are_not_passed_over(tmp_path: Path, playbook: str) -> None:
    """Ansible itself skips a play without hosts, and ends well."""
    other = inventory()
    other["all"]["children"] = {f"nova_{name}": hosts for name, hosts in other["all"]["children"].items()}
    status, output = run(tmp_path, playbook, hosts=other, options=("--check",), **WELL)
    assert status == 2, output
    assert "Cannot find the controller: the inventory has no host in group controller." in output
    assert "Cannot use host localhost" not in output


def test_a_limit_without_the_controller_says_what_is_left_out(tmp_path: Path) -> None:
    status, output = run(tmp_path, "check", options=("--limit=compute",), **WELL)
    assert status == 0, output
    assert "--limit leaves out controller controller1, which maps new compute hosts to their cell" in output


@pytest.mark.parametrize(("broken", "reached"), [("controller1", []), ("compute1", ["compute2"])])
def test_without_the_packages_of_a_controller_nobody_goes_on(
    tmp_path: Path, broken: str, reached: list[str]
) -> None:
    packages = "{{ ['no such package'] if inventory_hostname == broken else ['memcached'] }}"
    asked = {"packages_roles": ["cache"], "cloud_platform": {"cache": {"packages": packages}}}
    status, output = run(tmp_path, "packages", options=("--check",), broken=broken, **asked, **WELL)
    assert status == 2
    assert ("Cannot continue without controller controller1: its packages are not installed" in output) == (
        not reached
    )
    assert [name for name in ("compute1", "compute2") if f"reached by {name}" in output] == reached


def test_without_one_of_two_controllers_nobody_goes_on(tmp_path: Path) -> None:
    two = inventory()
    two["all"]["children"]["controller"]["hosts"]["controller2"] = {"cloud_management_address": "127.0.0.4"}
    file = "{{ '/no/secrets' if inventory_hostname == 'controller2' else '' }}"
    given = {**WELL, "cloud_secrets_file": file}
    status, output = run(tmp_path, "infrastructure", hosts=two, options=("--tags=none",), **given)
    assert status == 2
    assert "PLAY [Afterwards]" not in output


@pytest.mark.parametrize(
    ("limits", "broken", "batches", "reached"),
    [
        ({}, "compute1", 1, True),
        # A batch that fails as a whole ends the run.
        ({"cloud_compute_serial": 1}, "compute2", 2, False),
        ({"cloud_compute_max_fail_percentage": 49}, "compute1", 1, False),
    ],
)
def test_compute_hosts_in_batches(
    tmp_path: Path, limits: dict[str, Any], broken: str, batches: int, reached: bool
) -> None:
    """One compute host fails (it has no secrets), and no task but the description of the cloud is taken."""
    file = "{{ '/no/secrets' if inventory_hostname == broken else '' }}"
    given = {**WELL, **limits, "cloud_secrets_file": file, "broken": broken}
    status, output = run(tmp_path, "nova_services", options=("--tags=none",), **given)
    assert status == 2
    assert output.count("PLAY [Deploy the compute hosts]") == batches
    assert ("PLAY [Discover the compute hosts]" in output) == reached


CELL_SECRETS = {f"cloud_cell_{name}_password_cell2": "secret" for name in ("database", "message_queue")}


def with_cell(**controller: Any) -> dict[str, Any]:
    """The inventory with compute2 in another cell; ``controller`` are variables of the cell's controller."""
    found = inventory(compute2={"cloud_cell": "cell2"})
    found["all"]["children"]["cell_controller"] = {
        "hosts": {"cellcontroller1": {"cloud_management_address": "127.0.0.5", **controller}}
    }
    return found


def test_a_further_cell_is_checked_with_the_rest(tmp_path: Path) -> None:
    status, output = run(tmp_path, "check", hosts=with_cell(cloud_cell="cell2"), **WELL, **CELL_SECRETS)
    assert status == 0, output
    assert "ok: [cellcontroller1]" in output
    status, output = run(tmp_path, "check", hosts=with_cell(), **WELL)
    assert status == 2
    assert "Cannot use cell controller cellcontroller1: cloud_cell is not set." in output
    assert (
        "Cannot use host compute2: cloud_cell is cell2 there, and no host is the controller of that cell."
        in output
    )


def test_the_secrets_of_a_cell_are_needed_like_others(tmp_path: Path) -> None:
    cell = with_cell(cloud_cell="cell2")
    status, output = run(tmp_path, "check", hosts=cell, **WELL)
    assert status == 2
    assert (
        "Cannot do without secrets cloud_cell_database_password_cell2, cloud_cell_message_queue_password_cell2"
        in output
    )
    file = tmp_path / "secrets.yml"
    status, output = run(tmp_path, "check", hosts=cell, **{**WELL, "cloud_secrets_file": str(file)})
    assert (status, file.exists()) == (0, False), output


def test_the_controller_of_a_cell_stops_for_no_limit(tmp_path: Path) -> None:
    status, output = run(
        tmp_path,
        "remove_cell",
        hosts=with_cell(cloud_cell="cell2"),
        options=("--limit=cellcontroller1",),
        remove_cell_name="cell2",
        **WELL,
    )
    assert status == 2
    assert "Cannot stop the controller of cell cell2: it was not checked whether the cell is empty." in output
