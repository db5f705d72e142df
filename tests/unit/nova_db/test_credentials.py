# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.credentials import (
    of_mariadb,
    of_mysql,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import Credential

ONE = '"plugin":"mysql_native_password","authentication_string":"*ONE"'


@pytest.mark.parametrize(
    ("privileges", "credentials"),
    [
        ("{" + ONE + "}", [Credential("mysql_native_password", "*ONE")]),
        ('{"plugin":"unix_socket"}', [Credential("unix_socket")]),
        (
            '{"access":0,' + ONE + ',"auth_or":[{"plugin":"ed25519","authentication_string":"k"},{}]}',
            [Credential("ed25519", "k"), Credential("mysql_native_password", "*ONE")],
        ),
        ("{}", [Credential()]),
    ],
)
def test_of_mariadb(privileges: str, credentials: list[Credential]) -> None:
    assert of_mariadb(privileges) == tuple(credentials)


@pytest.mark.parametrize(
    ("attributes", "retained"),
    [
        ("", []),
        ('{"metadata": {"a": "b"}}', []),
        ('{"additional_password": "$A$005$x"}', [Credential("caching_sha2_password", "$A$005$x")]),
    ],
)
def test_of_mysql(attributes: str, retained: list[Credential]) -> None:
    current = Credential("caching_sha2_password", "$A$005$y")
    assert of_mysql(current.plugin, current.stored, attributes) == (current, *retained)
