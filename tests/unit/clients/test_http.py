# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as an answer, asked of small servers on loopback."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.http import refusal, tls_context
from fakes.certificate import self_signed


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names, and keeps the headers of the requests."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        if self.path == "/garbage":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            return
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    asked: list[dict[str, str]]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serving()


@pytest.mark.parametrize("status", [200, 204, 300, 401, 403, 404, 405])
def test_a_status_below_500_is_an_answer(server: Server, status: int) -> None:
    assert refusal(f"http://{server.address}/{status}") is None


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (500, "it answers 500 Internal Server Error"),
        (502, "it answers 502 Bad Gateway"),
        (503, "it answers 503 Service Unavailable"),
    ],
)
def test_what_a_proxy_says_for_a_service_that_is_down_is_none(
    server: Server, status: int, cause: str
) -> None:
    assert refusal(f"http://{server.address}/{status}") == cause


def test_no_token_and_no_credentials_are_sent(server: Server) -> None:
    refusal(f"http://{server.address}/200")
    ((headers),) = server.asked
    assert {name.lower() for name in headers} <= {"host", "user-agent", "accept-encoding", "connection"}


def test_a_proxy_of_the_environment_does_not_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{server.address}")
    assert "refused" in (refusal("http://127.0.0.1:1/") or "")
    assert server.asked == []


def test_something_else_than_http(server: Server) -> None:
    assert (refusal(f"http://{server.address}/garbage") or "").startswith("it does not speak HTTP")


def test_tcp(server: Server) -> None:
    assert refusal(f"tcp://{server.address}") is None
    assert "refused" in (refusal("tcp://127.0.0.1:1") or "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "controller:8774", "", "amqp://x"])
def test_other_urls_are_never_an_answer(url: str) -> None:
    assert refusal(url) == "it is no URL of HTTP or TCP"


@pytest.mark.parametrize("url", ["http://[::1/", "tcp://127.0.0.1:99999", "http://127.0.0.1:x/"])
def test_urls_that_cannot_be_read(url: str) -> None:
    assert refusal(url)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from serving(context)


def test_certificates_are_checked_against_the_given_authority(secure: Server, certificate: Path) -> None:
    url = f"https://{secure.address}/401"
    assert "CERTIFICATE_VERIFY_FAILED" in (refusal(url) or "")
    assert refusal(url, ca_cert=str(certificate)) is None
    assert refusal(url, validate_certs=False) is None
    other_name = f"https://localhost:{secure.server_address[1]}/401"
    assert "CERTIFICATE_VERIFY_FAILED" in (refusal(other_name, ca_cert=str(certificate)) or "")


def test_files_of_certificates_that_are_not_there_are_a_cause(secure: Server) -> None:
    url = f"https://{secure.address}/200"
    assert "No such file" in (refusal(url, ca_cert="/nowhere/ca.pem") or "")
    assert "No such file" in (refusal(url, client_cert="/nowhere/own.pem") or "")


def test_our_own_certificate_goes_to_servers_that_ask_for_one(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate)
    for server in serving(context):
        url, trusted = f"https://{server.address}/200", str(certificate)
        assert refusal(url, ca_cert=trusted) is not None
        assert refusal(url, ca_cert=trusted, client_cert=trusted) is None
        assert refusal(url, ca_cert=trusted, client_cert=(trusted, trusted)) is None


def test_certificates_are_not_loaded_for_plain_http(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", None)
    assert refusal(f"http://{server.address}/200") is None


def test_authorities_may_be_a_directory(tmp_path: Path) -> None:
    assert tls_context(str(tmp_path)).verify_mode is ssl.CERT_REQUIRED
    assert tls_context(str(tmp_path), validate_certs=False).verify_mode is ssl.CERT_NONE


def test_ipv6() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this host has no IPv6")
    with listener:
        assert refusal(f"tcp://[::1]:{listener.getsockname()[1]}") is None


@pytest.mark.parametrize(
    "url",
    ["http://u:S3cretTail@127.0.0.1:1/", "http://u:S3cret/Tail@h/", "tcp://u:S3cretTail", "http://[S3cret/"],
)
def test_a_url_with_a_password_in_it_is_refused_and_not_shown(url: str) -> None:
    cause = refusal(url)
    assert cause in ("it contains a user name; remove it", "it is no URL of HTTP or TCP")
