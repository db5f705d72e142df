# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task of a service adds to nova_conf_ini and file_lines, which have their own tests."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import Outcome
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.operation import NovaConfIni
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import packed
from ansible_collections.stackwright.nova.plugins.module_utils._service_files.login import MessageQueueLogin
from ansible_collections.stackwright.nova.plugins.modules import service_files
from fakes.modules import run_module
from fakes.oslo import CATALOGUE, HISTORY, FakeCatalogues, FakeFiles

PATH = "/etc/nova/nova.conf"
OPTIONS = {"DEFAULT": {"my_ip": "10.0.0.11"}}
PACKAGED = "[DEFAULT]\n#my_ip = <host>\n"


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
    return run_module(service_files, prepare, **params)


def text(host):
    return host.files[PATH].text


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
