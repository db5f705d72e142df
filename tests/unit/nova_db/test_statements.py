# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db import statements
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import Credential


@pytest.mark.parametrize(
    ("database", "pattern"),
    [("nova", "nova"), ("nova_api", "nova\\_api"), ("100%", "100\\%"), ("a\\_", "a\\\\\\_")],
)
def test_patterns_have_no_wildcards(database: str, pattern: str) -> None:
    assert statements.pattern(database) == pattern


def test_statements() -> None:
    assert statements.create_database("nova", "utf8mb3", None) == (
        "CREATE DATABASE IF NOT EXISTS `nova` CHARACTER SET 'utf8mb3'"
    )
    assert statements.alter_database("nova", "utf8mb4", "utf8mb4_bin") == (
        "ALTER DATABASE `nova` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_bin'"
    )
    assert statements.grant("nova", "%", "nova_api") == "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'"
    assert statements.drop_account("nova", "%") == "DROP USER IF EXISTS 'nova'@'%'"
    assert statements.drop_database("nova") == "DROP DATABASE IF EXISTS `nova`"


@pytest.mark.parametrize(
    ("plugin", "others", "how"),
    [
        ("mysql_native_password", [], "VIA mysql_native_password USING PASSWORD('s')"),
        ("", [], "BY 's'"),
        (
            "ed25519",
            [Credential("ed25519", "k'ey"), Credential("unix_socket")],
            "VIA ed25519 USING PASSWORD('s') OR ed25519 USING 'k''ey' OR unix_socket",
        ),
    ],
)
def test_passwords_of_mariadb(plugin: str, others: list[Credential], how: str) -> None:
    assert (
        statements.set_mariadb_password("nova", "%", "s", plugin, others)
        == f"ALTER USER 'nova'@'%' IDENTIFIED {how}"
    )


@pytest.mark.parametrize(
    ("plugin", "retain", "how"),
    [
        ("caching_sha2_password", False, "WITH caching_sha2_password BY 's'"),
        ("caching_sha2_password", True, "WITH caching_sha2_password BY 's' RETAIN CURRENT PASSWORD"),
    ],
)
def test_passwords_of_mysql(plugin: str, retain: bool, how: str) -> None:
    assert (
        statements.set_mysql_password("nova", "%", "s", plugin, retain)
        == f"ALTER USER 'nova'@'%' IDENTIFIED {how}"
    )
