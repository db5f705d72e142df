# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import MASK, Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._shared import cell_urls as urls
from hypothesis import given, settings
from hypothesis import strategies as st

DATABASE = "mysql+pymysql://nova:p%40ss%2Fw%25@db.example:3307/nova?charset=utf8&ssl_ca=/ca.pem"
QUEUE = "rabbit://openstack:s3cret@mq1:5672,openstack:0ther@[fd00::2]:5673/vhost"


@pytest.mark.parametrize(
    ("template", "default", "url"),
    [
        ("{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}", DATABASE, DATABASE),
        (
            "{scheme}://{username}:{password}@{hostname}:{port}/nova_cell0?{query}",
            DATABASE,
            DATABASE.replace("/nova?", "/nova_cell0?"),
        ),
        ("mysql://fixed:{password}@other/x", DATABASE, "mysql://fixed:p%40ss%2Fw%25@other/x"),
        (
            "rabbit://{username1}:{password1}@{hostname1}:{port1},"
            "{username2}:{password2}@[{hostname2}]:{port2}/{path}",
            QUEUE,
            QUEUE,
        ),
        # What Nova cannot fill in, it takes as it stands.
        ("mysql://nova:{secret}@db/nova", DATABASE, "mysql://nova:{secret}@db/nova"),
        ("mysql://nova:{}@db/nova", DATABASE, "mysql://nova:{}@db/nova"),
        ("mysql://nova:{@db/nova", DATABASE, "mysql://nova:{@db/nova"),
        ("{scheme}://{hostname}", None, "{scheme}://{hostname}"),
        ("{scheme}://{port}/x", "mysql://u:p@h:port/d", "{scheme}://{port}/x"),
        # A part that is missing becomes the word None.
        ("{scheme}://{username}@{hostname}:{port}/x", "mysql://u:p@h/d", "mysql://u@h:None/x"),
        (DATABASE, DATABASE, DATABASE),
    ],
)
def test_fills_templates_in_as_nova_does(template: str, default: str | None, url: str) -> None:
    assert urls.expand(template, default) == url


@pytest.mark.parametrize(
    ("template", "default", "missing"),
    [
        ("{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}", DATABASE, []),
        ("{scheme}://{username}:{password}@{hostname}/{path}?{query}", "rabbit://u:p@h", []),
        (
            "{scheme}://{username}:{password}@{hostname}:{port}/x",
            "rabbit://h",
            ["{username}", "{password}", "{port}"],
        ),
        ("{scheme}://{hostname2}:{port2}/", QUEUE, []),
        ("{scheme}://{hostname1}:{port1}/", "rabbit://u:p@h:1/", ["{scheme}", "{hostname1}", "{port1}"]),
        ("{scheme}://{hostname1}:{port1},{hostname2}:{port2}/", "rabbit://u:p@h1,u:p@h2:2/", ["{port1}"]),
        # Nova takes it as it stands: one placeholder too many, a brace, ports that are none.
        ("{scheme}://nova:{secret}@{hostname}/x", DATABASE, ["{scheme}", "{hostname}"]),
        ("{scheme}://nova:{@{hostname}/x", DATABASE, ["{scheme}", "{hostname}"]),
        ("{scheme}://nova:{{secret}}@h/x", DATABASE, []),
        ("{scheme}://{hostname}/x", "mysql://u:p@h:port/d", ["{scheme}", "{hostname}"]),
        ("{scheme}://{hostname}/x", None, ["{scheme}", "{hostname}"]),
    ],
)
def test_knows_what_a_template_asks_for_in_vain(
    template: str, default: str | None, missing: list[str]
) -> None:
    assert urls.unfilled(template, default) == missing


@pytest.mark.parametrize(
    ("url", "secret", "template"),
    [
        (DATABASE, True, False),
        (QUEUE, True, False),
        ("rabbit://u@h,o:s3cret@h2/", True, False),
        ("none:///", False, False),
        ("sqlite:////var/lib/nova.db", False, False),
        ("mysql://nova@db/nova", False, False),
        ("mysql://nova:@db/nova", False, False),
        ("{scheme}://{username}:{password}@{hostname}/x", False, True),
        ("rabbit://{username1}:{password1}@h1,{username2}:{password2}@h2/", False, True),
        ("mysql://nova:s3cret@{hostname}/x", True, True),
        ("mysql://nova:{secret}@db/x", True, False),
    ],
)
def test_knows_secrets_and_templates(url: str, secret: bool, template: bool) -> None:
    assert urls.carries_secret(url) is secret
    assert urls.is_template(url) is template


@pytest.mark.parametrize(
    ("api", "cell0"),
    [
        (
            "mysql+pymysql://nova:p%40ss%2Fw%25@db:3307/nova_api?charset=utf8",
            "mysql+pymysql://nova:p%40ss%2Fw%25@db:3307/nova_cell0?charset=utf8",
        ),
        ("mysql+pymysql://nova:x@[fd00::1]/nova_api", "mysql+pymysql://nova:x@[fd00::1]/nova_cell0"),
        ("mysql+pymysql://nova:x@db/nova", "mysql+pymysql://nova:x@db/nova_cell0"),
        (
            "mysql+pymysql://nova_api:nova_api@nova_api/nova_api",
            "mysql+pymysql://nova_api:nova_api@nova_api/nova_cell0",
        ),
        ("nonsense", ""),
    ],
)
def test_derives_cell0_without_touching_the_password(api: str, cell0: str) -> None:
    assert urls.cell0_connection(api) == cell0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mysql+pymysql://nova:old@db/nova", "mysql+pymysql://nova:new@db:3306/nova?charset=utf8", True),
        ("mysql+pymysql://nova:x@db/nova", "mysql+pymysql://nova:x@db/nova_cell2", False),
        ("mysql+pymysql://nova:x@db/nova", "mysql+pymysql://nova:x@db2/nova", False),
        ("mysql+pymysql://nova:x@[::1]/nova", "mysql+pymysql://nova:x@[::1]:3306/nova", True),
        ("x", "x", True),
        ("x", "", False),
    ],
)
def test_compares_databases_without_their_logins(one: str, other: str, same: bool) -> None:
    assert urls.same_database(one, other) is same


def test_masks_passwords_only() -> None:
    assert urls.masked(DATABASE) == DATABASE.replace("p%40ss%2Fw%25", "********")
    assert urls.masked(QUEUE) == QUEUE.replace("s3cret", "********").replace("0ther", "********")
    assert urls.masked("none:///") == "none:///"
    assert urls.masked(None) is None


def test_takes_the_secret_out() -> None:
    url = "mysql+pymysql://nova:p%40ss{@db/nova_cell0?x={y}"
    assert urls.without_secret(url) == "mysql+pymysql://nova:{password}@db/nova_cell0?x={{y}}"
    assert urls.without_secret("none:///") == "none:///"


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ("mysql+pymysql://nova:x@db/nova_cell0", "mysql+pymysql://{username}:{password}@db/nova_cell0"),
        ("mysql+pymysql://nova:x@db/n?a={b}", "mysql+pymysql://{username}:{password}@db/n?a={{b}}"),
        ("mysql+pymysql://nova:y@db/nova_cell0", None),
        ("mysql+pymysql://other:x@db/nova_cell0", None),
    ],
)
def test_makes_a_template_where_the_login_is_the_same(url: str, template: str | None) -> None:
    assert urls.as_template(url, "mysql+pymysql://nova:x@db/nova") == template


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("{scheme}://{username}:{password}@{hostname}:{port}/x?{query}", True),
        ("{scheme}://nova:{password}@db/nova_cell0", True),
        ("{scheme}://{username1}:{password1}@{hostname1}:5672,o:{password2}@{hostname2}:5672/{path}", True),
        # Text where a password could be, or where nobody would look for one.
        ("{scheme}://{username}:s3cret{port}@{hostname}/x", False),
        ("{scheme}://{username}:{{password}}@{hostname}/x", False),
        ("{scheme}://{username}:{password}@{hostname1},u:s3cret@{hostname2}/x", False),
        ("{scheme}://us/er:s3cret@{hostname}/x", False),
        ("{scheme}://{username}:{password}@{hostname}/x?password=s3cret", False),
        ("{scheme}://{username}:{password}@{hostname}/x@s3cret", False),
        # A cluster of many: looking must not take longer by a factor for each node.
        (f"rabbit://{','.join(f'openstack:{{password{n}}}@mq{n}:5672' for n in range(1, 16))}/?ssl=1", False),
    ],
)
def test_shows_templates_without_secrets_only(url: str, shown: bool) -> None:
    redactor = Redactor([url])
    urls.learn_secrets(redactor, url)
    assert redactor(url) == (url if shown else MASK)
    if shown:
        assert redactor("it asks for {password}") == "it asks for {password}"


def test_learns_the_password_in_a_url() -> None:
    redactor = Redactor()
    urls.learn_secrets(redactor, DATABASE, None)
    assert redactor("p@ss/w% and p%40ss%2Fw%25") == f"{MASK} and {MASK}"


@pytest.mark.parametrize(
    "url",
    [
        "rabbit://openstack:Sup3r@S3cretTail@mq/",
        "rabbit://openstack:Sup3r/S3cretTail@mq/",
        "rabbit://openstack:Sup3r?S3cretTail@mq/",
        "rabbit://openstack:Sup3r#S3cretTail@mq/",
        "rabbit://openstack:Sup3r,S3cretTail@mq/",
        "rabbit://openstack:1234/S3cretTail@mq/",
        "rabbit://o:p@mq1:5672,o:Sup3r/S3cretTail@mq2:5672/",
        "rabbit://o:p@mq1:S3cretTail/",
        "rabbit://o:Sup3r@[S3cretTail/",
        "{scheme}://{username}:Sup3r@S3cretTail@{hostname}:{port}/",
    ],
)
def test_refuses_queues_whose_hosts_cannot_be_told_from_a_password(url: str) -> None:
    with pytest.raises(CollectionError, match=r"Cannot read transport URL in nova\.conf: ") as caught:
        urls.require_encoded(url, "transport_url", "nova.conf")
    message = str(caught.value)
    assert "@ as %40, / as %2F, : as %3A" in message
    assert "stackwright.nova.transport_url" in message
    assert not any(piece in message for piece in ("Sup3r", "S3cret", "Tail", "1234"))


@pytest.mark.parametrize(
    "url",
    [
        QUEUE,
        "rabbit://openstack:a:b@mq:5672/",
        "rabbit://mq",
        "rabbit://mq1:5672,mq2:5672/vhost",
        "rabbit://u:p@mq/v@host?email=a@b",
        "rabbit://u:p@[fd00::1]:5672//",
        "rabbit:///",
        "none:///",
        "{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}",
        "rabbit://{username1}:{password1}@{hostname1}:{port1},{username2}:{password2}@{hostname2}:{port2}/x",
    ],
)
def test_accepts_queues_that_oslo_messaging_reads(url: str) -> None:
    urls.require_encoded(url, "transport_url", "nova.conf")


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        (DATABASE, True),
        ("{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}", True),
        ("postgresql://u:p@h/d", True),
        ("mysql://nova:Sup3r@S3cretTail@{hostname}/x", False),
        ("mysql://nova:Sup3r@S3cretTail@db/x", False),
    ],
)
def test_judges_databases_as_sqlalchemy_reads_them(url: str, accepted: bool) -> None:
    if accepted:
        urls.require_encoded(url, "database_connection", "cell1")
    else:
        with pytest.raises(CollectionError, match=r"stackwright\.nova\.database_url"):
            urls.require_encoded(url, "database_connection", "cell1")


RAW = st.text(st.sampled_from("abXY09@/:?#% ,&=[]+;$"), min_size=4, max_size=24)


@settings(max_examples=300, deadline=None)
@given(RAW, st.sampled_from(["rabbit://nova:{}@mq/", "rabbit://nova:p@mq1:5672,nova:{}@mq2:5672/vhost"]))
def test_no_error_shows_four_letters_of_a_password(password: str, form: str) -> None:
    try:
        urls.require_encoded(form.format(password), "transport_url", "nova.conf")
    except CollectionError as error:
        pieces = {password[at : at + 4] for at in range(len(password) - 3)}
        assert not {piece for piece in pieces if piece in str(error)}


@settings(max_examples=300, deadline=None)
@given(RAW)
def test_no_stage_of_anybodys_parser_shows_four_letters_of_a_password(password: str) -> None:
    """What Python's own parsers say of such a URL, which services and libraries pass on."""
    url = f"rabbit://nova:{password}@mq/vhost"
    redactor = Redactor()
    redactor.learn_urls(url)
    said = []
    for part in ("scheme", "username", "password", "hostname", "port", "netloc", "path", "query", "fragment"):
        try:
            said.append(str(getattr(urlsplit(url), part)))
        except ValueError as error:
            said.append(str(error))
    for text in said:
        shown = redactor.text(f"it says {text} there")
        for at in range(len(password) - 3):
            assert password[at : at + 4].lower() not in shown.lower().replace("mq/vhost", "")
