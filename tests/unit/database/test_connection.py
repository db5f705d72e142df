# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ssl
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.database.connection import Login, connect
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from fakes.greeting import greeting_server


@pytest.fixture
def authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every CA file can be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda **_options: context)


@pytest.mark.parametrize("options", [{"ca_cert": "/ca.pem"}, {"ca_path": "/ca"}, {"tls": True}])
def test_a_server_without_tls_hears_nothing_of_the_login(authorities: None, options: dict[str, Any]) -> None:
    with greeting_server() as server:
        login = Login("root", b"r00t", "127.0.0.1", server.port, **options)
        with pytest.raises(CollectionError, match="it does not offer TLS") as caught:
            connect(login)
        assert server.finish() == b""
    assert caught.value.code == "tls"


@pytest.mark.parametrize("greets", [True, False])
def test_a_server_that_falls_silent_is_not_waited_for(greets: bool) -> None:
    with greeting_server(greets) as server:
        login = Login("root", b"r00t", "127.0.0.1", server.port, timeout=1)
        with pytest.raises(UnreachableError, match=r"timed out.*\. Start the server"):
            connect(login)


@pytest.mark.parametrize(
    ("certificates", "missing"),
    [
        ({"ca_cert": "/none/ca.pem"}, "/none/ca.pem"),
        ({"ca_cert": "/none/ca.pem", "client_cert": "/none/c.pem"}, "/none/ca.pem"),
        ({"client_cert": "/none/c.pem", "client_key": "/none/k.pem"}, "/none/c.pem or /none/k.pem"),
    ],
)
def test_missing_certificates(certificates: dict[str, str], missing: str) -> None:
    with pytest.raises(CollectionError, match=f" db:3306: {missing}: No such file or directory") as caught:
        connect(Login("root", host="db", **certificates))
    assert caught.value.code == "tls"


@pytest.mark.parametrize(
    ("login", "place"),
    [
        (Login("root", host="db", port=1), "db:1"),
        (Login("root", host="::1"), "[::1]:3306"),
        (Login("root", unix_socket="/s"), "/s"),
        (Login("root"), "on this host"),
    ],
)
def test_places(login: Login, place: str) -> None:
    assert login.place == place


@pytest.mark.parametrize(
    ("host", "port"), [("db..x", 3306), ("d" * 64, 3306), (".db", 3306), ("127.0.0.1", 65536)]
)
def test_what_is_no_address(host: str, port: int) -> None:
    with pytest.raises(CollectionError, match="this is no host and port") as caught:
        connect(Login("root", host=host, port=port))
    assert caught.value.code == "arguments"
