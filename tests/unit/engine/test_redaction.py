# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import (
    MASK,
    Redactor,
    masked_url,
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mysql+pymysql://nova:s3cret@db/nova", f"mysql+pymysql://nova:{MASK}@db/nova"),
        ("rabbit://o:p1@h1:5672,o:p2@h2:5672/v", f"rabbit://o:{MASK}@h1:5672,o:{MASK}@h2:5672/v"),
        ("mysql://nova:p@ss/w@db/nova", f"mysql://nova:{MASK}@db/nova"),
        ("rabbit://u:p@[::1]:5672//", f"rabbit://u:{MASK}@[::1]:5672//"),
        # Passwords that are not percent-encoded: all up to the last @ is hidden.
        ("mysql+pymysql://nova:Sup3r@Tail@db/nova", f"mysql+pymysql://nova:{MASK}@db/nova"),
        ("a mysql://nova:Sup3r@Ta/il:x?y#z@db/nova b", f"a mysql://nova:{MASK}@db/nova b"),
        ("rabbit://u:Sup3r@Tail@h1,u:p@h2/v", f"rabbit://u:{MASK}@h2/v"),
        ("rabbit://u:p@h1,u:Sup3r/Tail@h2/v", f"rabbit://u:{MASK}@h2/v"),
        ("url mysql://u:pa\"ss'w<ord@h/d failed", f"url mysql://u:{MASK}@h/d failed"),
        ("rabbit://u@h1,u:pw@h2/v", f"rabbit://u@h1,u:{MASK}@h2/v"),
        ("rabbit://u:Sup3r@Ta,il:x@h2/v", f"rabbit://u:{MASK}@h2/v"),
        ("mysql://nova@db/nova", "mysql://nova@db/nova"),
        ('url "mysql://u:p@h/d" failed', f'url "mysql://u:{MASK}@h/d" failed'),
        ("http://controller:5000/v3", "http://controller:5000/v3"),
        ("write to me@example.org", "write to me@example.org"),
        # Drivers of databases take them from the query, too.
        ("mysql://db/nova?user=nova&password=s3cret", f"mysql://db/nova?user=nova&password={MASK}"),
        (
            "url mysql://nova@db/nova?passwd=p%40ss&charset=utf8 failed",
            f"url mysql://nova@db/nova?passwd={MASK}&charset=utf8 failed",
        ),
    ],
)
def test_masks_the_passwords_of_urls_it_never_saw_before(text: str, masked: str) -> None:
    assert Redactor().text(text) == masked


@pytest.mark.parametrize("secret", ["pa$word", "p@ss/w%rd", 'qu"ote\\', "päss wörd", "a#b;c"])
def test_masks_every_encoding_of_a_secret(secret: str) -> None:
    redactor = Redactor([secret])
    for form in (secret, quote(secret, safe=""), secret.replace("$", "\\$"), json.dumps(secret)[1:-1]):
        assert redactor.text(f"before {form} after") == f"before {MASK} after"


def test_short_secrets_are_masked_only_alone() -> None:
    assert Redactor(["a"])({"password": "a", "name": "a cat"}) == {"password": MASK, "name": "a cat"}


def test_walks_structures_and_keeps_other_types() -> None:
    assert Redactor(["s3cret"])({"list": ["x s3cret", 5, None], "s3cret": True}) == {
        "list": [f"x {MASK}", 5, None],
        MASK: True,
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql://nova:Sup3r@S3cretTail@db/nova", "S3cretTail@db"),
        ("mysql://nova:Sup3r/S3cretTail@db/nova", "database S3cretTail@db/nova"),
        ("rabbit://nova:Sup3r?S3cretTail@mq/", "'Sup3r' is no port"),
        ("rabbit://nova:a@b@c@S3cretTail@mq/", "s3crettail a@b@c@mq b@c@"),
        ("mysql://nova:S3cret Tail%zz@db/nova", "S3cret, Tail, S3cret Tail%zz"),
        ("rabbit://u:p@h1,u:S3cret,Tail@h2/v", "S3cret and Tail"),
        ("mysql://nova:S3cret%40#Tail@db/nova", "S3cret@ S3cret%40"),
    ],
)
def test_learns_the_pieces_of_passwords_that_are_not_encoded(url: str, shown: str) -> None:
    redactor = Redactor()
    redactor.learn_urls(url)
    text = redactor.text(shown)
    for piece in ("Sup3r", "S3cret", "s3cret", "Tail", "tail", "a@b@"):
        assert piece not in text
    assert MASK in text


def test_encoded_urls_teach_nothing_but_their_passwords() -> None:
    redactor = Redactor()
    redactor.learn_urls("rabbit://nova:s3cr%40et@controller:5672,nova:s3cr%40et@mq2/vhost")
    assert redactor.text("nova controller mq2 vhost 5672 s3cr") == "nova controller mq2 vhost 5672 s3cr"
    assert redactor.text("s3cr%40et s3cr@et") == f"{MASK} {MASK}"


def test_a_whole_url_is_masked_whatever_is_in_its_password() -> None:
    assert masked_url('mysql://nova:my "pass\nword@x@db/nova') == f"mysql://nova:{MASK}@db/nova"
    assert masked_url("none:///") == "none:///"


def test_learns_the_passwords_of_urls() -> None:
    redactor = Redactor()
    redactor.learn_urls("mysql://nova:p%40ss@db/nova", None)
    assert redactor.text("Access denied: p@ss") == f"Access denied: {MASK}"
    redactor.learn_urls("mysql://db/nova?user=nova&password=t%40ken")
    assert redactor.text("Access denied: t@ken") == f"Access denied: {MASK}"
