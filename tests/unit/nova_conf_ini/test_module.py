# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module from its parameters to its result, on a host in memory."""

from __future__ import annotations

import json

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import Outcome
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_login.operation import (
    MessageQueueLogin,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.operation import NovaConfIni
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


def call(host, installed="26.2.2", catalogues=None, brokers=None, **params):
    def prepare(operations):
        for operation in operations:
            if isinstance(operation, MessageQueueLogin):
                operation.client = lambda broker, *_account: brokers[broker]
            elif isinstance(operation, NovaConfIni):
                operation.client = host
                operation.catalogues = catalogues or FakeCatalogues(installed)

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


@pytest.mark.parametrize("installed", ["", "26.2.2"])
def test_check_mode_knows_the_options_before_and_after_the_installation(host, installed):
    handed = "ask" if installed else packed(CATALOGUE, HISTORY)
    wrong = {"DEFAULT": {"debug": "maybe"}}
    task = {"assumed_release": "zed", "_handover": handed, "installed": installed}
    predicted = call(host, check=True, **task)
    assert (predicted["changed"], predicted["release"]) == (True, "zed")
    assert "warnings" not in predicted
    assert call(host, check=True, options=wrong, **task)["code"] == "invalid_options"


def test_an_installed_release_is_never_assumed_to_be_another(host):
    catalogues = FakeCatalogues("31.0.0")
    result = call(host, check=True, catalogues=catalogues, assumed_release="zed", _handover="ask")
    assert (catalogues.read, "release_needed" in result) == (1, False)


def test_an_assumption_is_not_enough_to_write_by(host):
    handed = packed(CATALOGUE, HISTORY)
    failed = call(host, installed="", assumed_release="zed", _handover=handed)
    assert "python3-nova is not installed" in failed["msg"]
    assert text(host) == PACKAGED
    asked = call(host, installed="", check=True, assumed_release="zed", _handover="ask")
    assert asked["release_needed"] == {"service": "nova", "series": "zed"}
    assert call(host, installed="", validate="warn", assumed_release="zed", _handover=handed)["changed"]


def test_a_release_older_than_all_that_are_known_is_assumed_without_its_options(host):
    predicted = call(host, installed="", check=True, assumed_release="juno", _handover="ask")
    assert (predicted["changed"], predicted["release"]) == (True, "")
    assert "python3-nova is not installed" in call(host, installed="", assumed_release="juno")["msg"]


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


ACCOUNT = {"hosts": ["a", "b"], "user": "openstack", "password": "s3cret-of-the-queue"}


def test_the_account_on_the_message_queue_is_tried_first(host):
    result = call(host, message_queue=ACCOUNT, brokers={"a": Outcome.SILENT, "b": Outcome.ACCEPTED})
    assert result["changed"]
    assert result["hosts"] == {"a": "silent", "b": "accepted"}
    assert text(host) != PACKAGED


@pytest.mark.parametrize("outcome", [Outcome.ACCESS_REFUSED, Outcome.SILENT])
def test_an_account_that_does_not_work_is_written_nowhere(host, outcome):
    brokers = {"a": outcome, "b": outcome}
    failed = call(host, message_queue=ACCOUNT, brokers=brokers)
    assert failed["failed"]
    assert outcome.value in failed["msg"]
    assert text(host) == PACKAGED
    predicted = call(host, message_queue=ACCOUNT, brokers=brokers, check=True, diff=True)
    assert predicted["changed"]
    assert any(outcome.value in warning for warning in predicted["warnings"])
    assert predicted["options_changed"]
    assert ACCOUNT["password"] not in repr(failed) + repr(predicted)


def test_the_password_of_the_message_queue_is_not_repeated(host):
    result = call(host, message_queue=ACCOUNT, brokers=dict.fromkeys("ab", Outcome.ACCEPTED), invocation=True)
    assert ACCOUNT["password"] not in repr(result)


def test_files_of_other_formats_come_in_the_same_call(host, tmp_path):
    uwsgi, script = tmp_path / "uwsgi.ini", tmp_path / "script"
    uwsgi.write_text("processes = 9\n")
    others = {
        "lines": [{"path": str(uwsgi), "regexp": "^processes", "line": "processes = 2"}],
        "plain_files": [{"path": str(script), "content": "#!/bin/sh\n", "mode": "0755"}],
    }
    predicted = call(host, check=True, diff=True, **others)
    assert uwsgi.read_text() == "processes = 9\n"
    done = call(host, diff=True, **others)
    assert done == predicted
    assert done["paths_changed"] == [str(uwsgi), str(script)]
    assert done["commands"][-2:] == [f"write {uwsgi}", f"write {script}"]
    assert len(done["diff"]) == 2
    assert (uwsgi.read_text(), script.read_text()) == ("processes = 2\n", "#!/bin/sh\n")
    assert not call(host, **others)["changed"]
    uwsgi.write_text("")
    both = call(host, files=[{"path": PATH, "options": {"DEFAULT": {"my_ip": "::2"}}}], **others)
    assert both["paths_changed"] == [PATH, str(uwsgi)]


def test_where_an_option_is_refused_other_files_stay_too(host, tmp_path):
    uwsgi = tmp_path / "uwsgi.ini"
    lines = [{"path": str(uwsgi), "regexp": "^processes", "line": "processes = 2"}]
    assert call(host, options={"vnc": {"enabeld": True}}, lines=lines)["failed"]
    assert not uwsgi.exists()
