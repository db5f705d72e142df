# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of Keystone get the same keys, and nobody sees them."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.modules import keystone_keys
from fakes.modules import run_module

ME = pwd.getpwuid(os.geteuid()).pw_name
SECRETS = {"0": "staged-key-of-theirs=", "1": "oldest-key-of-theirs=", "3": "primary-key-of-theirs="}


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Two directories, the first with keys of the host's own."""
    own = tmp_path / "fernet-keys"
    own.mkdir()
    for number, key in {"0": "mine-staged=", "1": "oldest-key-of-theirs=", "2": "mine-primary="}.items():
        (own / number).write_text(key)
        (own / number).chmod(0o600)
    (own / "README").write_text("not a key")
    return [str(own), str(tmp_path / "credential-keys")]


def run(places: list[str], **params: Any) -> dict[str, Any]:
    return run_module(keystone_keys, directories=places, run_as=ME, **params)


def found(place: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in Path(place).iterdir() if path.name != "README"}


def test_a_host_gets_the_keys_of_another(places: list[str]) -> None:
    given = dict.fromkeys(places, SECRETS)
    result = run(places, keys=given, diff=True, invocation=True)
    assert result["changed"]
    assert [found(place) for place in places] == [SECRETS, SECRETS]
    assert {path.stat().st_mode & 0o777 for path in Path(places[1]).iterdir()} == {0o600}
    assert Path(places[1]).stat().st_mode & 0o777 == 0o700
    # The one that is the same stays, new ones come first, and what is no key is left alone.
    assert result["commands"][:3] == [
        f"install -m 0600 KEY {places[0]}/3",
        f"install -m 0600 KEY {places[0]}/0",
        f"rm {places[0]}/2",
    ]
    assert Path(places[0], "README").exists()
    assert not [key for key in SECRETS.values() if key in json.dumps(result)]
    assert not run(places, keys=given)["changed"]


def test_what_others_can_read_is_closed(places: list[str]) -> None:
    given = dict.fromkeys(places, SECRETS)
    run(places, keys=given)
    Path(places[0], "1").chmod(0o644)
    assert run(places, keys=given)["commands"] == [f"install -m 0600 KEY {places[0]}/1"]
    assert Path(places[0], "1").stat().st_mode & 0o777 == 0o600


def test_check_mode_writes_nothing(places: list[str]) -> None:
    before = found(places[0])
    assert run(places, keys=dict.fromkeys(places, SECRETS), check=True)["changed"]
    assert found(places[0]) == before


def test_keys_are_read(places: list[str]) -> None:
    result = run(places)
    assert not result["changed"]
    assert result["keys"] == {places[0]: found(places[0]), places[1]: {}}


def test_a_host_is_never_left_without_keys(places: list[str]) -> None:
    before = found(places[0])
    result = run(places, keys={places[1]: SECRETS})
    assert (result["failed"], result["code"]) == (True, "arguments")
    assert f"Cannot copy keys to {places[0]}" in result["msg"]
    assert found(places[0]) == before


def test_where_keystone_is_not_installed(places: list[str]) -> None:
    result = run_module(keystone_keys, directories=places, run_as="nobody-of-this-name")
    assert result["code"] == "unreachable"
    predicted = run_module(keystone_keys, directories=places, run_as="nobody-of-this-name", check=True)
    assert predicted["keys"] == {place: {} for place in places}


def test_a_rotation_is_keystone_s_own(
    places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def run_command(argv: list[str], **_options: Any) -> Any:
        calls.append(argv)
        return type("Output", (), {"code": 0, "stdout": "", "stderr": ""})()

    operation = "ansible_collections.stackwright.nova.plugins.module_utils._keystone_keys.client.run_command"
    monkeypatch.setattr(operation, run_command)
    result = run(places, rotate=True, config_file="/k.conf")
    assert result["commands"] == ["keystone-manage --config-file /k.conf fernet_rotate"]
    assert calls == [
        [*result["commands"][0].split(), "--keystone-user", ME, "--keystone-group", ME],
    ]
