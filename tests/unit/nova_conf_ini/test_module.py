# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module from its parameters to its result, on a host in memory."""

from __future__ import annotations

import json

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import packed
from ansible_collections.stackwright.nova.plugins.modules import nova_conf_ini
from fakes.modules import run_module
from fakes.oslo import CATALOGUE, HISTORY, FakeCatalogues, FakeFiles

PATH = "/etc/nova/nova.conf"
SECRETS = ["pa$$w0rd", "p%40th/ss", "o1d-s3cret"]
OPTIONS = {
    "DEFAULT": {"my_ip": "10.0.0.11", "transport_url": "rabbit://nova:p%40th%2Fss@controller/"},
    "keystone_authtoken": {"auth_type": "password", "username": "nova", "password": "pa$$w0rd"},
}
PACKAGED = "[DEFAULT]\n#my_ip = <host>\n\n[keystone_authtoken]\npassword = o1d-s3cret\n"


@pytest.fixture
def host():
    return FakeFiles({PATH: StoredFile(PACKAGED)})


def call(host, installed="26.2.2", **params):
    def prepare(operation):
        operation.client = host
        operation.catalogues = FakeCatalogues(installed)

    if "files" not in params:
        params = {"path": PATH, "options": OPTIONS, **params}
    return run_module(nova_conf_ini, prepare, **params)


def text(host):
    return host.files[PATH].text


def test_first_run_second_run_and_a_change(host):
    first = call(host)
    assert first["changed"]
    assert first["release"] == "zed"
    assert first["options_changed"] == [
        "DEFAULT/my_ip",
        "DEFAULT/transport_url",
        "keystone_authtoken/auth_type",
        "keystone_authtoken/username",
        "keystone_authtoken/password",
    ]
    assert first["commands"][0] == f"set [DEFAULT] my_ip = 10.0.0.11 in {PATH}"
    written = text(host)
    again = call(host)
    assert not again["changed"]
    assert again["commands"] == again["options_changed"] == []
    assert text(host) == written
    assert host.writes == 1
    changed = call(host, options={"DEFAULT": {"my_ip": "10.0.0.12"}})
    assert changed["options_changed"] == ["DEFAULT/my_ip"]
    removed = call(host, options={"DEFAULT": {"my_ip": None, "transport_url": None}})
    assert removed["options_changed"] == ["DEFAULT/my_ip", "DEFAULT/transport_url"]
    assert not call(host, options={"DEFAULT": {"my_ip": None, "transport_url": None}})["changed"]


def test_check_mode_predicts_the_same_and_writes_nothing(host):
    predicted = call(host, check=True, diff=True)
    assert text(host) == PACKAGED
    done = call(host, diff=True)
    for part in ("changed", "commands", "diff", "options_changed", "release", "path"):
        assert predicted[part] == done[part]


@pytest.mark.parametrize("check", [True, False])
def test_secrets_are_nowhere_in_the_result(host, check):
    results = [call(host, check=check, diff=True), call(host, check=check, diff=True)]
    wrong = {"keystone_authtoken": {**OPTIONS["keystone_authtoken"], "nope": 1}}
    results.append(call(host, check=check, options=wrong))
    results.append(call(host, check=check, release="folsom"))
    results.append(call(host, check=check, installed=""))
    text = json.dumps(results)
    assert not any(json.dumps(secret)[1:-1] in text for secret in [*SECRETS, "p%40th%2Fss", "pa\\$\\$w0rd"])


def test_refused_options_leave_the_file_as_it_is(host):
    result = call(host, options={"DEFAULT": {"debug": "maybe", "nope": 1}})
    assert result["failed"]
    assert result["code"] == "invalid_options"
    assert [(f["kind"], f["option"]) for f in result["findings"]] == [("value", "debug"), ("option", "nope")]
    assert text(host) == PACKAGED


def test_a_new_file(host):
    result = call(host, path="/etc/nova/new.conf", diff=True)
    assert result["diff"]["before"] == ""
    assert result["commands"][-1] == "chmod 0640 /etc/nova/new.conf"
    assert host.files["/etc/nova/new.conf"].mode == 0o640


def test_a_file_with_secrets_is_closed_to_the_world(host):
    host.files[PATH] = StoredFile(PACKAGED, mode=0o664)
    assert call(host, options={})["commands"] == [f"chmod 0660 {PATH}"]
    assert not call(host, options={})["changed"]
    assert call(host, options={}, mode="0644")["commands"] == [f"chmod 0644 {PATH}"]
    host.files[PATH] = StoredFile("[DEFAULT]\nmy_ip = ::1\n", mode=0o644)
    assert not call(host, options={"DEFAULT": {"my_ip": "::1"}})["changed"]


def test_backup(host):
    assert call(host, backup=True)["backup_file"] == f"{PATH}.backup"
    assert "backup_file" not in call(host, backup=True)


def test_without_the_package_a_real_run_names_it_and_check_mode_goes_on(host):
    failed = call(host, installed="")
    assert failed["failed"]
    assert "python3-nova is not installed" in failed["msg"]
    assert text(host) == PACKAGED
    predicted = call(host, installed="", check=True)
    assert predicted["changed"]
    assert "python3-nova is not installed" in predicted["warnings"][0]
    assert call(host, installed="", validate="warn")["changed"]


def test_a_release_that_is_not_installed_is_asked_of_the_control_node(host):
    asked = call(host, installed="", release="Zed", _handover="ask")
    assert asked["release_needed"] == {"service": "nova", "series": "zed"}
    handed = packed(CATALOGUE, HISTORY)
    result = call(host, installed="", release="26", _handover=handed, options={"vnc": {"enabled_now": True}})
    assert result["release"] == "zed"
    assert result["options_changed"] == ["vnc/enabled"]
    assert (
        "nova 26 reads [vnc] enabled_now as [vnc] enabled; [vnc] enabled was written." in result["warnings"]
    )


def test_the_installed_release_counts_when_it_is_the_one_that_is_named(host):
    assert call(host, release="zed", _handover="ask")["changed"]
    assert call(host, release="yoga", _handover="ask")["release_needed"] == {
        "service": "nova",
        "series": "yoga",
    }
    assert "does not know the options" in call(host, release="yoga")["msg"]


def test_the_past_is_asked_for_only_when_an_option_is_not_known(host):
    asked = call(host, options={"DEFAULT": {"vncserver_listen": "::1"}}, _handover="ask")
    assert asked["release_needed"] == {"service": "nova", "series": "zed"}
    handed = packed(CATALOGUE, HISTORY)
    refused = call(host, options={"DEFAULT": {"vncserver_listen": "::1"}}, _handover=handed)
    assert "it is [vnc] server_listen now" in refused["msg"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"release": "folsom"}, "there is no release 'folsom' of nova"),
        ({"options": {"vnc": True}}, "[vnc] holds no dictionary"),
        ({"mode": "rw"}, "'rw': it is not an octal number"),
        ({"mode": ""}, "'': it is not an octal number"),
        (
            {"options": {"vnc": {"enabled": True}}, "raw_options": {"vnc": {"enabled": "1"}}},
            "[vnc] enabled is in both",
        ),
    ],
)
def test_parameters_of_the_wrong_shape(host, params, message):
    result = call(host, **params)
    assert result["failed"]
    assert message in result["msg"]
