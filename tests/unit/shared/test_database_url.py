# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._shared import database_url as url
from hypothesis import example, given, settings
from hypothesis import strategies as st


def test_all_parts() -> None:
    place = url.parse(
        "mysql+pymysql://no%40va:p%40ss%2Fw%25rd@db.example.org:3307/nova_api?charset=utf8"
        "&ssl_ca=/ca.pem&ssl_cert=/c.pem&ssl_key=/k.pem&ssl_check_hostname=false",
        "here",
    )
    assert place.database == "nova_api"
    login = place.login
    assert (login.user, login.password, login.host, login.port) == (
        "no@va",
        b"p@ss/w%rd",
        "db.example.org",
        3307,
    )
    assert (login.ca_cert, login.client_cert, login.client_key) == ("/ca.pem", "/c.pem", "/k.pem")
    assert login.check_hostname is False


@pytest.mark.parametrize(
    ("text", "host", "port", "socket"),
    [
        ("mysql://u:p@h/d", "h", 3306, None),
        ("mysql://u:p@[::1]/d", "::1", 3306, None),
        ("mysql://u:p@[fd00::5]:3307/d", "fd00::5", 3307, None),
        ("mysql://u@/d", "localhost", 3306, None),
        ("mysql://u@/d?unix_socket=/run/my.sock", None, 3306, "/run/my.sock"),
        ("mysql+pymysql://u:a/b:c#d?@h/d", "h", 3306, None),
    ],
)
def test_places(text: str, host: str | None, port: int, socket: str | None) -> None:
    login = url.parse(text, "here").login
    assert (login.user, login.host, login.port, login.unix_socket) == ("u", host, port, socket)


@pytest.mark.parametrize(
    ("query", "encrypted", "verified"),
    [
        ("", False, False),
        ("?charset=utf8", False, False),
        ("?ssl_ca=/ca.pem", True, True),
        ("?ssl_capath=/etc/ssl/certs", True, True),
        ("?ssl_cert=/c.pem&ssl_key=/k.pem", True, False),
        ("?ssl_check_hostname=off", True, False),
        ("?ssl_ca=/ca.pem&unix_socket=/s", False, True),
    ],
)
def test_tls_as_sqlalchemy_hands_it_on(query: str, encrypted: bool, verified: bool) -> None:
    login = url.parse(f"mysql+pymysql://u:p@h/d{query}", "here").login
    assert (login.encrypted, login.verified) == (encrypted, verified)


@pytest.mark.parametrize(
    "text",
    ["", "nova", "mysql:/u@h/d", "mysql://u:p@h:port/d", "mysql://u:p@h:None/d", "mysql://u:p@h:99999/d"],
)
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(CollectionError, match=r"Cannot read database URL in nova\.conf: ") as caught:
        url.parse(text, "nova.conf")
    assert caught.value.code == "invalid_url"


@pytest.mark.parametrize(
    "text",
    [
        "mysql+pymysql://nova:Sup3r@S3cretTail@db/nova",
        "mysql+pymysql://nova:Sup3r@S3cretTail:x@db/nova",
        "mysql+pymysql://nova:Sup3r@/S3cretTail@db/nova",
        "mysql+pymysql://nova:Sup3r@S3cret/Tail@db/nova",
        "mysql+pymysql://nova:Sup3r@[S3cretTail@db/nova",
        "mysql+pymysql://nova/S3cretTail@db/nova",
        "postgresql://nova:Sup3r@S3cretTail@db/nova",
    ],
)
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(CollectionError) as caught:
        url.parse(text, "nova.conf")
    assert caught.value.code == "invalid_url"
    message = str(caught.value)
    assert "@ as %40, / as %2F, : as %3A" in message
    assert "stackwright.nova.database_url" in message
    assert not any(piece in message for piece in ("Sup3r", "S3cret", "Tail"))


@pytest.mark.parametrize("character", list("/:?#%+&=, $'\"[]"))
def test_characters_that_sqlalchemy_reads_as_part_of_the_password_are_accepted(character: str) -> None:
    login = url.parse(f"mysql+pymysql://nova:a{character}b@db:3307/nova", "nova.conf").login
    assert (login.password, login.host, login.port) == (f"a{character}b".encode(), "db", 3307)


@pytest.mark.parametrize("text", ["postgresql://u:p@h/d", "sqlite:////var/lib/x.db", "sqlite://"])
def test_other_databases_are_refused_in_one_way(text: str) -> None:
    with pytest.raises(CollectionError, match=r"is not supported\. Use MariaDB or MySQL") as caught:
        url.parse(text, "nova.conf")
    assert caught.value.code == "unsupported_database"


RAW = st.text(st.sampled_from("abXY09@/:?#% ,&=[]+;$"), min_size=4, max_size=24)


@settings(max_examples=300, deadline=None)
@given(RAW, st.sampled_from(["mysql+pymysql://nova:{}@db/nova", "mysql://nova:{}@db:3306/nova?charset=utf8"]))
@example("Sup3r@S3cretTail", "mysql+pymysql://nova:{}@db/nova")
@example("a:b@c:dddd", "mysql+pymysql://nova:{}@db/nova")
def test_no_error_shows_four_letters_of_a_password(password: str, form: str) -> None:
    redactor = Redactor()
    text = form.format(password)
    redactor.learn_urls(text)
    try:
        url.parse(text, "nova.conf")
    except CollectionError as error:
        bare = str(error)
        allowed = url.ENCODE_PASSWORD + "mysql+pymysql://user:password@host/database"
        pieces = {password[at : at + 4] for at in range(len(password) - 3)}
        assert not {piece for piece in pieces if piece in bare and piece not in allowed}
        assert redactor.text(bare).count("Cannot read") == 1


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("mysql+pymysql://u:p%40@h/d", "mysql+pymysql://h/d?read_default_file=/f"),
        ("mysql+pymysql://u:p@h:1/d?charset=utf8", "mysql+pymysql://h:1/d?charset=utf8&read_default_file=/f"),
        ("mysql://u:p@[::1]/d", "mysql://[::1]/d?read_default_file=/f"),
        ("mysql://h/d", "mysql://h/d?read_default_file=/f"),
    ],
)
def test_credentials_move_to_an_option_file(text: str, bare: str) -> None:
    assert url.with_option_file(text, "/f") == bare


@pytest.mark.parametrize(
    ("text", "wire"),
    [("p%C3%A4ss", b"p\xe4ss"), ("p%C3%83%C2%A4ss", "päss".encode()), ("%C3%A2%C2%82%C2%AC", "€".encode())],
)
def test_passwords_go_over_the_wire_as_the_service_sends_them(text: str, wire: bytes) -> None:
    assert url.parse(f"mysql+pymysql://u:{text}@h/d", "here").login.password == wire


def test_passwords_that_no_service_can_send() -> None:
    with pytest.raises(CollectionError, match="characters that PyMySQL cannot send"):
        url.parse("mysql+pymysql://u:%E2%82%AC@h/d", "here")
