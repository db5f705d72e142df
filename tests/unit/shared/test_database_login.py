# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._shared.database_login import (
    LOGIN_ARGUMENTS,
    administrator,
)

DEFAULTS = {name: argument.get("default") for name, argument in LOGIN_ARGUMENTS.items()}


def test_without_arguments_it_is_root_over_the_socket() -> None:
    assert administrator(DEFAULTS) == Login("root")


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(administrator({**DEFAULTS, "login_password": "secret"}))


def test_a_timeout_that_pymysql_does_not_take() -> None:
    with pytest.raises(CollectionError, match="Give a number of seconds from 1 to 31536000"):
        administrator({**DEFAULTS, "connect_timeout": 0})
