# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.modules import clouds_file
from fakes.files import stamp
from fakes.modules import run_module

AUTH = {"auth_url": "http://controller:5000/v3", "username": "admin", "password": "secret-of-admin"}
OTHERS = """# Clouds of ours.
clouds:
  lab:
    auth: {auth_url: http://lab:5000/v3, password: secret-of-lab}
    verify: false
cache: {expiration_time: 3600}
"""


def call(path: Path, **params: Any) -> dict[str, Any]:
    return run_module(clouds_file, path=str(path), name="admin", **{"auth": AUTH, **params})


def converge(path: Path, **params: Any) -> dict[str, Any]:
    """The result of a run, which check mode predicts and a second run does not change."""
    before = path.read_bytes() if path.exists() else None
    predicted = call(path, check=True, diff=True, **params)
    assert (path.read_bytes() if path.exists() else None) == before
    done = call(path, diff=True, **params)
    assert done == predicted
    written = stamp(path)
    again = call(path, **params)
    assert (again["changed"], again["commands"]) == (False, [])
    assert stamp(path) == written
    return done


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "openstack/clouds.yaml"
    result = converge(path, options={"region_name": "RegionOne", "cacert": None})
    assert yaml.safe_load(path.read_text()) == {
        "clouds": {"admin": {"auth": AUTH, "region_name": "RegionOne"}}
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert result["commands"] == [f"write {path}"]


def test_other_clouds_and_settings_stay(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(OTHERS)
    path.chmod(0o600)
    converge(path)
    document = yaml.safe_load(path.read_text())
    assert list(document) == ["clouds", "cache"]
    assert document["clouds"].pop("admin") == {"auth": AUTH}
    assert document == yaml.safe_load(OTHERS)


def test_what_else_an_entry_has_stays(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text("clouds: {admin: {auth: {password: old, passcode: '1'}, compute_api_version: 2}}")
    converge(path)
    entry = yaml.safe_load(path.read_text())["clouds"]["admin"]
    assert entry == {"auth": {**AUTH, "passcode": "1"}, "compute_api_version": 2}


def test_secrets_are_neither_in_the_result_nor_in_the_diff(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(OTHERS + "# another\n")
    call(path, auth={**AUTH, "password": "secret-before"})
    result = converge(path)
    for secret in ("secret-of-admin", "secret-before", "secret-of-lab"):
        assert secret not in repr(result)
    assert result["diff"]["after"].count("admin") >= 2


def test_a_file_that_others_may_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    call(path)
    path.chmod(0o644)
    assert converge(path)["changed"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_absent(tmp_path: Path) -> None:
    path = tmp_path / "clouds.yaml"
    assert not call(path, state="absent")["changed"]
    assert not path.exists()
    path.write_text(OTHERS)
    path.chmod(0o640)
    assert not call(path, state="absent")["changed"]
    call(path)
    assert converge(path, state="absent")["changed"]
    assert yaml.safe_load(path.read_text()) == yaml.safe_load(OTHERS)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("clouds:\n  a: {password: very-secret\nb: ]", "line 3 is no YAML"),
        ("- very-secret", "it holds no dictionary"),
        ("clouds: [very-secret]", "its clouds are no dictionary"),
    ],
)
def test_a_file_that_is_none_is_left_as_it_is_and_not_quoted(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(text)
    failed = call(path)
    assert failed["msg"] == f"Cannot read file {path}: {cause}. Correct it; it was left as it is."
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["", "clouds:\n", "---\n"])
def test_an_empty_file_gets_its_first_cloud(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clouds.yaml"
    path.write_text(text)
    converge(path)
    assert yaml.safe_load(path.read_text()) == {"clouds": {"admin": {"auth": AUTH}}}


def test_without_the_client_check_mode_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without_yaml(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "yaml":
            raise ImportError("No module named 'yaml'")
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_yaml)
    path = tmp_path / "clouds.yaml"
    assert "Install python3-yaml" in call(path)["msg"]
    predicted = call(path, check=True)
    assert predicted["changed"]
    assert "Install python3-yaml" in predicted["warnings"][0]
