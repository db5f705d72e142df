# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options read out of real files by the real oslo.config."""

from __future__ import annotations

import builtins
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.oslo_config import (
    connections,
    environment_variable,
    escaped,
    read_assumed_settings,
    read_service_settings,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync import client
from ansible_collections.stackwright.nova.plugins.modules import cell_v2, nova_db_sync
from fakes.modules import run_module

API, MAIN = ("api_database", "connection"), ("database", "connection")
QUEUE = ("DEFAULT", "transport_url")


def settings(tmp_path: Path, *texts: str) -> dict[tuple[str, str], str | None]:
    files = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.conf"
        path.write_text(text)
        files.append(str(path))
    return read_service_settings("itservice", "itservice-manage", files, [API, MAIN, QUEUE])


def test_references_are_filled_in(tmp_path: Path) -> None:
    main = (
        "[DEFAULT]\nmy_ip = 10.0.0.1\ntransport_url = rabbit://o:p@$my_ip\n"
        "[database]\nconnection = mysql://u:a\\$b@$my_ip/nova\n"
    )
    more = (
        "[api_database]\nconnection = mysql://u:p@$cells.host/${DEFAULT.my_ip}\n"
        "[cells]\nhost = ${cells.name}-1\nname = db\n"
    )
    assert settings(tmp_path, main, more) == {
        API: "mysql://u:p@db-1/10.0.0.1",
        MAIN: "mysql://u:a$b@10.0.0.1/nova",
        QUEUE: "rabbit://o:p@10.0.0.1",
    }


@pytest.mark.parametrize("value", ["mysql://u:a$b@h/d", "$$", "\\$word", "${my_ip}", "$word\\"])
def test_what_is_escaped_is_read_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert settings(tmp_path, f"[database]\nconnection = {escaped(value)}\n")[MAIN] == value
    monkeypatch.setenv(environment_variable("database", "connection"), escaped(value))
    assert settings(tmp_path, "[database]\nconnection = other\n")[MAIN] == value


def test_the_last_value_counts_and_what_is_not_set_is_none(tmp_path: Path) -> None:
    first = "[database]\nconnection = a\n[DEFAULT]\ntransport_url = b\n[DEFAULT]\ntransport_url = c\n"
    assert settings(tmp_path, first, "[database]\nconnection = d\n") == {API: None, MAIN: "d", QUEUE: "c"}


def test_the_services_directories_count_for_what_the_files_leave_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, section in (("itservice.conf.d", "api_database"), ("itservice-manage.conf.d", "database")):
        directory = tmp_path / ".itservice" / name
        directory.mkdir(parents=True)
        (directory / "10-more.conf").write_text(f"[{section}]\nconnection = more\n")
    assert settings(tmp_path, "[DEFAULT]\n") == {API: "more", MAIN: "more", QUEUE: None}
    assert settings(tmp_path, "[database]\nconnection = main\n")[MAIN] == "main"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("connection = mysql://u:pa$word@h/d", r"\[DEFAULT\] word"),
        ("connection = mysql://u:p@$cells.host/d", r"\[cells\] host"),
        ("connection = $server\n[DEFAULT]\nserver = $address", r"\[DEFAULT\] address"),
    ],
)
def test_a_reference_that_no_file_explains(tmp_path: Path, text: str, missing: str) -> None:
    with pytest.raises(CollectionError, match=f"refers to {missing}, which no file sets") as caught:
        settings(tmp_path, f"[database]\n{text}\n")
    assert not isinstance(caught.value, UnreachableError)


SECRET = "c4n4ry"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[DEFAULT]\n \n= mysql://u:c4n4ry@h/d", "does not understand line 3 of {path}. Correct the file"),
        ("mysql://u:c4n4ry@h/d", "does not understand line 1 of {path}. Correct the file"),
        ("[database]\nconnection c4n4ry", "does not understand line 2 of {path}. Correct the file"),
        ("[database\nconnection = mysql://u:c4n4ry@h/d", "does not understand line 1 of {path}."),
        ("[database]\nconnection = c4n4ry\udce4", "one of its files is not text in utf-8. Save the file"),
        ("[database]\nconnection = $connection", "[database] connection refers to itself. Write the value"),
        (
            "[database]\nconnection = c4n4ry$a\n[DEFAULT]\na = $b\nb = $a",
            "[DEFAULT] b refers to itself. Write the value",
        ),
        ("[database]\nconnection = c4n4ry$database", "oslo.config ends with TemplateSubstitutionError."),
    ],
)
@pytest.mark.parametrize("module", [nova_db_sync, cell_v2])
def test_a_broken_file_is_told_without_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, text: str, told: str
) -> None:
    monkeypatch.setattr(client, "_package", str)
    path = tmp_path / "nova.conf"
    path.write_text(text, errors="surrogateescape")
    result = run_module(module, config_file=str(path), run_as="root")
    assert result["msg"].startswith("Cannot read configuration of nova: ")
    assert told.format(path=path) in result["msg"]
    assert result["code"] == "configuration"
    assert SECRET not in str(result)


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=f"{tmp_path}: Is a directory"):
        read_service_settings("itservice", "itservice-manage", [str(tmp_path)], [MAIN])


def test_a_missing_file_is_a_service_that_is_not_there_yet(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.conf")
    with pytest.raises(
        UnreachableError, match=f"there is no {missing}. Install and configure itservice first"
    ):
        read_service_settings("itservice", "itservice-manage", [missing], [MAIN])


def test_a_missing_library_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("oslo_config"):
            raise ImportError(name)
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreachableError, match=r"oslo\.config cannot be imported"):
        settings(tmp_path, "")


def test_a_file_that_this_user_may_not_read(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "secret.conf"
    path.touch(mode=0)
    request.getfixturevalue("nobody")
    with pytest.raises(CollectionError, match=r"permission denied to .*secret\.conf\. Run the task as root"):
        read_service_settings("itservice", "itservice-manage", [str(path)], [MAIN])


def assumed(path: Path, **urls: str) -> dict[tuple[str, str], str | None]:
    return read_assumed_settings("itservice", "manage", [str(path)], [API, MAIN, QUEUE], connections(urls))


def test_what_is_assumed_counts_more_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "it.conf"
    path.write_text("[database]\nconnection = old\n[api_database]\nconnection = kept\n")
    assert assumed(path, DEFAULT="queue", database="new") == {API: "kept", MAIN: "new", QUEUE: "queue"}


def test_a_file_that_is_yet_to_come_is_needed_for_what_is_not_assumed(tmp_path: Path) -> None:
    path = tmp_path / "it.conf"
    assert assumed(path, DEFAULT="q", database="d", api_database="a") == {API: "a", MAIN: "d", QUEUE: "q"}
    with pytest.raises(UnreachableError, match=r"there is no .*it\.conf"):
        assumed(path, database="d")
