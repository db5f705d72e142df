# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.cells.settings import read_settings
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)


def test_reads_as_oslo_config_does(tmp_path: Path) -> None:
    path = tmp_path / "nova.conf"
    path.write_text(
        "[DEFAULT]\nmy_ip = 10.0.0.1\ntransport_url = rabbit://o:x@first/\n"
        "[database]\nconnection = mysql+pymysql://nova:p%40\\$s@$my_ip/nova\n"
        "[DEFAULT]\ntransport_url = rabbit://o:y@last/\n[api_database]\n"
    )
    settings = read_settings(str(path))
    assert settings.transport_url == "rabbit://o:y@last/"
    assert settings.connection == "mysql+pymysql://nova:p%40$s@10.0.0.1/nova"
    assert settings.api_connection is None
    assert "p%40" not in repr(settings)


def test_a_missing_file_is_a_nova_that_is_not_there_yet(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="it does not exist"):
        read_settings(str(tmp_path / "nova.conf"))


def test_a_missing_library_too(tmp_path: Path) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("oslo_config"):
            raise ImportError(name)
        return original(name, *rest, **more)

    with (
        mock.patch.object(builtins, "__import__", without),
        pytest.raises(UnreachableError, match="oslo"),
    ):
        read_settings(str(tmp_path / "nova.conf"))


@pytest.mark.parametrize("text", ["[database\n", "[database]\nconnection = mysql://$nothing/x\n"])
def test_a_broken_file_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "nova.conf"
    path.write_text(text)
    with pytest.raises(CollectionError, match="Cannot read file"):
        read_settings(str(path))
