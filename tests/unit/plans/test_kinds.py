# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from plans import kinds

_PLACES = {"/srv/checkout/.cache/plans/one": "{work}", "/srv/checkout": "{checkout}"}


def _effect(module: str, arguments: dict[str, Any], **more: Any) -> kinds.Effect | None:
    return kinds.effect({"module": module, "arguments": arguments, **more}, _PLACES)


@pytest.mark.parametrize("module", ["stackwright.nova.packages", "stackwright.nova._packages", "packages"])
def test_a_module_goes_by_its_short_name(module: str) -> None:
    assert _effect(module, {"packages": ["b", "a"]}) == {"kind": "packages", "packages": ["a", "b"]}


@pytest.mark.parametrize("empty", [None, "", [], {}, {"DEFAULT": {"host": ""}}])
def test_what_is_empty_is_as_if_left_out(empty: Any) -> None:
    assert _effect("service_units", {"units": [{"name": "a"}], "ca_cert": empty}) == {
        "kind": "service_units",
        "units": [{"name": "a"}],
    }


@pytest.mark.parametrize("value", [False, 0])
def test_false_and_zero_are_values(value: Any) -> None:
    done = _effect("service_units", {"units": [{"name": "a", "enabled": value}]})
    assert done is not None
    assert done["units"][0]["enabled"] == value


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("packages", {"packages": []}),
        ("service_units", {"units": [], "timeout": 180}),
        ("file_lines", {"lines": [], "files": []}),
        ("ansible.legacy.setup", {"filter": ["x"]}),
        ("stackwright.nova.host_survey", {"names": ["x"]}),
    ],
)
def test_what_does_nothing_is_no_part_of_a_plan(module: str, arguments: dict[str, Any]) -> None:
    assert _effect(module, arguments) is None


def test_files_are_one_kind_whatever_writes_them() -> None:
    whole = {"path": "/etc/a", "content": "x"}
    assert _effect("file_lines", {"plain_files": [whole]}) == {"kind": "files", "plain_files": [whole]}
    assert _effect("service_files", {"plain_files": [whole]}) == {"kind": "files", "plain_files": [whole]}
    assert _effect(
        "nova_conf_ini", {"path": "/etc/b", "options": {"DEFAULT": {"a": "1"}}, "mode": "0640"}
    ) == {
        "kind": "files",
        "files": [{"path": "/etc/b", "options": {"DEFAULT": {"a": "1"}}}],
        "mode": "0640",
    }


def test_a_copied_file_is_a_file_as_another() -> None:
    copied = {
        "src": "a.j2",
        "content": "x",
        "dest": "/etc/a",
        "follow": True,
        "owner": "root",
        "mode": "0644",
    }
    assert _effect("copy", copied) == _effect(
        "file_lines", {"plain_files": [{"path": "/etc/a", "content": "x"}]}
    )


def test_whose_a_copied_file_is_counts() -> None:
    copied = {"content": "x", "dest": "/etc/a", "owner": "rabbitmq", "group": "root", "mode": "0400"}
    assert _effect("copy", copied) == {
        "kind": "files",
        "plain_files": [{"path": "/etc/a", "content": "x", "owner": "rabbitmq", "mode": "0400"}],
    }


def test_a_report_tells_no_time() -> None:
    written = [_effect("copy", {"content": text, "dest": "/var/proof.json"}) for text in ("10:00", "11:00")]
    assert written[0] == written[1]


def test_paths_of_the_machine_have_names() -> None:
    arguments = {"lock": "/srv/checkout/a", "path": "/srv/checkout/.cache/plans/one/b"}
    done = _effect("wheelhouse", arguments)
    assert done == {"kind": "wheelhouse", "lock": "{checkout}/a", "path": "{work}/b"}


def test_where_and_for_how_many_hosts_at_a_time_counts() -> None:
    done = _effect("service_units", {"units": [{"name": "a"}]}, on="localhost", throttle=1)
    assert done is not None
    assert (done["on_host"], done["hosts_at_a_time"]) == ("localhost", 1)


def test_the_order_of_alternatives_means_nothing() -> None:
    lines = [
        _effect("file_lines", {"lines": [{"path": "a", "regexp": f"^({one})$"}]}) for one in ("a|b", "b|a")
    ]
    assert lines[0] == lines[1]
