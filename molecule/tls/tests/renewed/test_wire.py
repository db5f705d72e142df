# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who listens on the management network learns, without TLS and with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://controller1"]


def heard(host: Host, name: str) -> dict[str, dict[str, Any]]:
    """What tests/deployed/wire_search.py has found."""
    found: dict[str, dict[str, Any]] = json.loads(host.file(f"/root/{name}.json").content_string)
    return found


def test_without_tls_passwords_and_tokens_were_heard(host: Host) -> None:
    """Or else the search would find nothing with TLS either."""
    found = heard(host, "http")["found"]
    assert {"cloud_admin_password", "token"} <= set(found["5000"])
    assert "token" in found["8774"]


@pytest.mark.parametrize("port", ["5000", "5671", "8774", "8778", "9292", "9696"])
def test_with_tls_something_was_said(host: Host, port: str) -> None:
    assert heard(host, "tls")["bytes"][port] > 1000


def test_with_tls_no_password_and_no_token_was_heard(host: Host) -> None:
    assert heard(host, "tls")["found"] == {}


def test_nobody_spoke_where_there_is_no_tls(host: Host) -> None:
    assert {"5672", "11211"} & set(heard(host, "tls")["bytes"]) == set()
