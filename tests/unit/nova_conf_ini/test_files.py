# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of a service in one call: written together or not at all."""

from __future__ import annotations

import json
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import packed
from ansible_collections.stackwright.nova.plugins.modules import nova_conf_ini
from fakes.modules import run_module
from fakes.oslo import CATALOGUE, HISTORY, FakeCatalogues, FakeFiles

MAIN, COMPUTE, NEW = "/etc/nova/nova.conf", "/etc/nova/nova-compute.conf", "/etc/nova/api.conf"
SECRETS = ["pa$$w0rd", "pa\\$\\$w0rd", "p%40th/ss", "p%40th%2Fss", "o1d-s3cret"]
FILES = (
    {
        "path": MAIN,
        "options": {
            "DEFAULT": {"my_ip": "10.0.0.11", "transport_url": "rabbit://nova:p%40th%2Fss@controller/"},
            "keystone_authtoken": {"auth_type": "password", "password": "pa$$w0rd"},
        },
    },
    {"path": COMPUTE, "options": {"libvirt": {"virt_type": "qemu"}}},
    {"path": NEW, "options": {}, "raw_options": {"vnc": {"server_listen": "$my_ip"}}, "mode": "0600"},
)
STORED = {
    MAIN: StoredFile("[DEFAULT]\n\n[keystone_authtoken]\npassword = o1d-s3cret\n"),
    COMPUTE: StoredFile("[libvirt]\nvirt_type=qemu\n"),
}


@pytest.fixture
def host():
    return FakeFiles(dict(STORED))


def call(host, files=FILES, catalogues=None, **params):
    def prepare(operation):
        operation.client = host
        operation.catalogues = catalogues or FakeCatalogues()

    return run_module(nova_conf_ini, prepare, files=files, **params)


def texts(host):
    return {path: file.text for path, file in host.files.items()}


def test_first_run_second_run_and_a_change(host):
    first = call(host)
    assert first["changed"]
    assert first["release"] == "zed"
    assert first["paths_changed"] == [MAIN, NEW]
    main, compute, new = first["files"]
    assert main == {
        "path": MAIN,
        "changed": True,
        "options_changed": [
            "DEFAULT/my_ip",
            "DEFAULT/transport_url",
            "keystone_authtoken/auth_type",
            "keystone_authtoken/password",
        ],
    }
    assert compute == {"path": COMPUTE, "changed": False, "options_changed": []}
    assert new["options_changed"] == ["vnc/server_listen"]
    assert first["commands"][0] == f"set [DEFAULT] my_ip = 10.0.0.11 in {MAIN}"
    assert first["commands"][-2:] == [f"set [vnc] server_listen = $my_ip in {NEW}", f"chmod 0600 {NEW}"]
    assert not {"path", "options_changed"} & first.keys()
    assert host.writes == 2
    written = texts(host)
    again = call(host)
    assert not again["changed"]
    assert again["commands"] == again["paths_changed"] == []
    assert [file["changed"] for file in again["files"]] == [False, False, False]
    assert texts(host) == written
    changed = call(host, [{"path": COMPUTE, "options": {"libvirt": {"virt_type": "kvm"}}}, *FILES[2:]])
    assert changed["paths_changed"] == [COMPUTE]


def test_check_mode_predicts_the_same_and_writes_nothing(host):
    predicted = call(host, check=True, diff=True)
    assert host.files == STORED
    done = call(host, diff=True)
    for part in ("changed", "commands", "diff", "files", "paths_changed", "release"):
        assert predicted[part] == done[part]


def test_each_file_that_changes_has_its_diff(host):
    main, new = call(host, diff=True)["diff"]
    assert main["before_header"] == main["after_header"] == MAIN
    assert main["before"] == "[DEFAULT]\n\n[keystone_authtoken]\npassword = ********\n"
    assert "my_ip = 10.0.0.11\ntransport_url = rabbit://nova:********@controller/\n" in main["after"]
    assert new["after_header"] == NEW
    assert (new["before"], new["after"]) == ("", "[vnc]\nserver_listen = $my_ip\n")
    assert call(host, diff=True)["diff"] == []


def test_one_bad_file_refuses_all(host):
    wrong = {"path": COMPUTE, "options": {"libvirt": {"virt_type": "hyperv9"}}}
    result = call(host, [FILES[0], wrong, FILES[2]])
    assert result["failed"]
    assert result["code"] == "invalid_options"
    assert not result.get("changed")
    assert result["msg"] == (
        f"Cannot write configuration {COMPUTE}: {COMPUTE}: [libvirt] virt_type must be one of kvm, qemu, not"
        " 'hyperv9'. Correct the task; all files were left as they are."
    )
    assert host.files == STORED


def test_everything_is_told_at_once_and_with_its_file(host):
    wrong = [
        {"path": MAIN, "options": {"DEFAULT": {"debug": "maybe", "my_ipp": "::1"}}},
        {"path": COMPUTE, "options": {}},
        {"path": NEW, "options": {"vnc": {"enabled": "a\nb"}}},
    ]
    result = call(host, wrong)
    assert [(finding["file"], finding["kind"], finding["option"]) for finding in result["findings"]] == [
        (MAIN, "value", "debug"),
        (MAIN, "option", "my_ipp"),
        (NEW, "unwritable", "enabled"),
    ]
    assert host.files == STORED


def test_a_file_that_cannot_be_read_keeps_all_from_being_written(host):
    host.files[COMPUTE] = StoredFile("virt_type = qemu\n")
    assert "stands before the first section" in call(host)["msg"]
    assert host.writes == 0


def test_warnings_name_their_file(host):
    renamed = {"path": NEW, "options": {"DEFAULT": {"vnc_enabled": True}}}
    host.files[COMPUTE] = StoredFile("[api]\nauth_strategy = x\n")
    warnings = call(host, [renamed, {"path": COMPUTE}])["warnings"]
    assert warnings == [
        f"{NEW}: [DEFAULT] vnc_enabled is the former name of [vnc] enabled; [vnc] enabled was written.",
        f"{COMPUTE}: [api] auth_strategy is deprecated since 21.0.0 and will be removed: It is always keystone"
        " (not set by this task).",
    ]


@pytest.mark.parametrize("check", [True, False])
def test_secrets_are_nowhere_in_the_result(host, check):
    results = [call(host, check=check, diff=True, invocation=True) for _turn in range(2)]
    wrong = {"path": COMPUTE, "options": {"keystone_authtoken": {"password": "pa$$w0rd", "nope": 1}}}
    results.append(call(host, [FILES[0], wrong], check=check, invocation=True))
    results.append(call(host, check=check, release="folsom", invocation=True))
    results.append(call(host, [{**FILES[0], "mode": "rw"}], check=check, invocation=True))
    results.append(call(host, [*FILES, {"options": FILES[0]["options"]}], check=check, invocation=True))
    results.append(call(host, catalogues=FakeCatalogues(""), check=check, invocation=True))
    text = json.dumps(results)
    assert not any(json.dumps(secret)[1:-1] in text for secret in SECRETS)
    assert results[0]["invocation"]["module_args"]["files"] == "not shown"
    assert "path" in results[-2]["msg"]


def test_nothing_of_the_options_reaches_the_system_log(host):
    lines = []
    with mock.patch.object(basic.AnsibleModule, "log", lambda self, text, **more: lines.append((text, more))):
        call(host)
        call(host, [*FILES, {"options": FILES[0]["options"]}])
    text = json.dumps(lines)
    assert "service=nova" in text
    assert not any(json.dumps(secret)[1:-1] in text for secret in SECRETS)


def test_a_failure_after_a_write_tells_what_was_done(host):
    host.broken = NEW
    failed = call(host)
    assert failed["failed"]
    assert failed["changed"]
    assert failed["commands"] == call(FakeFiles(dict(STORED)))["commands"][:4]
    assert failed["failed_command"] == f"set [vnc] server_listen = $my_ip in {NEW}"
    assert "No space left on device" in failed["msg"]
    assert "my_ip = 10.0.0.11" in host.files[MAIN].text
    assert NEW not in host.files


def test_a_file_is_checked_with_what_the_others_become(host):
    # The plugin is chosen in one file and given its user in another one, each read with the other.
    files = [
        {"path": NEW, "other_files": [MAIN], "options": {"keystone_authtoken": {"username": "nova"}}},
        {"path": MAIN, "other_files": [NEW], "options": {"keystone_authtoken": {"auth_type": "password"}}},
    ]
    assert "has no effect without auth_type" in call(host, files[:1])["msg"]
    done = call(host, files)
    assert done["paths_changed"] == [NEW, MAIN]
    assert "warnings" not in done
    files[1]["options"] = {"keystone_authtoken": {"auth_type": None}}
    assert "has no effect without auth_type" in call(host, files)["msg"]


def test_a_value_in_another_file_counts_as_the_task_leaves_it(host):
    host.files[MAIN] = StoredFile("[libvirt]\nvirt_type = kvm\n")
    files = [{"path": COMPUTE, "other_files": [MAIN], "options": {"libvirt": {"virt_type": "qemu"}}}]
    assert "has another value" in call(host, files, check=True)["warnings"][0]
    assert "warnings" not in call(host, [*files, {"path": MAIN, "exclusive_sections": ["libvirt"]}])


def test_what_a_file_leaves_out_is_taken_from_the_task(host):
    shared = {
        "options": {"libvirt": {"virt_type": "kvm"}},
        "other_files": [MAIN, COMPUTE],
        "exclusive_sections": ["vnc"],
        "mode": "0600",
    }
    host.files[NEW] = StoredFile("[vnc]\nenabled = true\n")
    own = {"path": NEW, "mode": "0640", "options": {"libvirt": {"cpu_model": "x"}}}
    result = call(host, [{"path": COMPUTE}, own], **shared)
    assert [file["options_changed"] for file in result["files"]] == [
        ["libvirt/virt_type"],
        ["libvirt/cpu_model", "vnc/enabled"],
    ]
    assert {host.files[path].mode for path in (COMPUTE, NEW)} == {0o600, 0o640}


def test_options_are_read_once_and_kept_by_a_real_run_only(host):
    catalogues = FakeCatalogues()
    call(host, catalogues=catalogues, check=True)
    assert (catalogues.read, catalogues.kept) == (1, 0)
    call(host, catalogues=catalogues)
    assert (catalogues.read, catalogues.kept) == (2, 1)
    call(host, catalogues=catalogues)
    assert (catalogues.read, catalogues.kept) == (3, 2)


def test_backups_stand_with_their_files(host):
    main, compute, new = call(host, backup=True)["files"]
    assert main["backup_file"] == f"{MAIN}.backup"
    assert not {"backup_file"} & (compute.keys() | new.keys())
    assert "backup_file" not in call(host, backup=True, check=True)["files"][0]


def test_a_release_that_is_not_installed_is_asked_of_the_control_node(host):
    params = {"catalogues": FakeCatalogues(""), "release": "zed", "check": True}
    asked = call(host, **params, _handover="ask")
    assert asked["release_needed"] == {"service": "nova", "series": "zed"}
    assert call(host, **params, _handover=packed(CATALOGUE, HISTORY))["paths_changed"] == [MAIN, NEW]


def test_an_option_that_is_not_known_is_asked_of_the_control_node(host):
    files = [*FILES, {"path": "/etc/nova/old.conf", "options": {"DEFAULT": {"vncserver_listen": "::1"}}}]
    assert call(host, files, _handover="ask")["release_needed"] == {"service": "nova", "series": "zed"}
    refused = call(host, files, _handover=packed(CATALOGUE, HISTORY))
    assert "/etc/nova/old.conf: [DEFAULT] vncserver_listen is not an option of nova 26" in refused["msg"]
    assert host.files == STORED


def test_no_files_are_nothing_to_do(host):
    result = call(host, [])
    assert not result["changed"]
    assert result["files"] == result["paths_changed"] == result["commands"] == []


def test_a_file_under_two_paths_is_refused(host, tmp_path):
    path, link = tmp_path / "nova.conf", tmp_path / "link.conf"
    path.touch()
    link.symlink_to(path)
    result = call(host, [{"path": str(path)}, {"path": str(link)}])
    assert f"{path} and {link} are one file" in result["msg"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"path": MAIN}, "parameters are mutually exclusive: path|files"),
        ({"files": None}, "one of the following is required: path, files"),
        ({"files": [{"options": {}}]}, "missing required arguments: path found in files"),
        (
            {"files": [{"path": NEW, "options": {"vnc": True}}]},
            f"parameter options of {NEW}: [vnc] holds no dictionary",
        ),
        (
            {"files": [{"path": NEW, "options": {"vnc": {"x": 1}}, "raw_options": {"vnc": {"x": 1}}}]},
            f"options and raw_options of {NEW}: [vnc] x is in both",
        ),
    ],
)
def test_parameters_of_the_wrong_shape(host, params, message):
    arguments = {name: value for name, value in {"files": FILES, **params}.items() if value is not None}
    result = run_module(nova_conf_ini, lambda operation: None, **arguments)
    assert result["failed"]
    assert message in result["msg"]
