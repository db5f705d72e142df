# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who listens on the network of the controllers learns while the cloud is proven.

That the search finds what is said without TLS, the scenario ``tls`` shows.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://controller"]
# Among controllers: MariaDB's nodes, RabbitMQ's nodes, and what each tells the others of its memcached.
CLUSTERS = {"Galera": "4567", "Erlang": "25672", "memcached": "9203"}
WITHOUT_TLS = {"5672", "11211"}


@pytest.fixture(scope="module")
def heard(host: Host) -> dict[str, dict[str, Any]]:
    """What tests/deployed/wire_search.py has found."""
    found: dict[str, dict[str, Any]] = json.loads(host.file("/root/tls.json").content_string)
    return found


@pytest.mark.parametrize("port", [*CLUSTERS.values(), "5000", "5671", "3306", "8774"])
def test_something_was_said(heard: dict[str, dict[str, Any]], port: str) -> None:
    assert heard["bytes"][port] > 1000


def test_no_password_and_no_token_was_heard(heard: dict[str, dict[str, Any]]) -> None:
    assert heard["found"] == {}


def test_nobody_spoke_where_there_is_no_tls(heard: dict[str, dict[str, Any]]) -> None:
    assert WITHOUT_TLS & set(heard["bytes"]) == set()
