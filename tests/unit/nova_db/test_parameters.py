# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.parameters import (
    ARGUMENTS,
    Desired,
    desired,
)

DEFAULTS = {name: argument.get("default") for name, argument in ARGUMENTS.items()}


def test_defaults() -> None:
    assert desired({**DEFAULTS, "databases": ["nova"]}) == Desired(databases=("nova",))


def test_names_as_the_server_keeps_them() -> None:
    params = {
        "databases": ["nova", "api", "nova"],
        "user": "nova",
        "hosts": ["DB.example.org", "%", "db.example.org"],
        "encoding": "UTF8",
        "collation": "UTF8_Bin",
    }
    assert desired({**DEFAULTS, **params}) == Desired(
        databases=("nova", "api"),
        user="nova",
        hosts=("db.example.org", "%"),
        encoding="utf8mb3",
        collation="utf8_bin",
    )


@pytest.mark.parametrize(
    ("changes", "checked"),
    [
        ({}, "secret"),
        ({"update_password": False}, None),
        ({"present": False}, None),
        ({"password": None}, None),
        ({"user": None}, None),
    ],
)
def test_the_password_that_is_checked(changes: dict[str, Any], checked: str | None) -> None:
    assert Desired(**{"user": "nova", "password": "secret", **changes}).checked_password == checked


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(Desired(user="nova", password="secret"))
