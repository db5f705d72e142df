# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.redaction import MASK, Redactor


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mysql+pymysql://nova:s3cret@db/nova", f"mysql+pymysql://nova:{MASK}@db/nova"),
        ("rabbit://o:p1@h1:5672,o:p2@h2:5672/v", f"rabbit://o:{MASK}@h1:5672,o:{MASK}@h2:5672/v"),
        ("mysql://nova:p@ss/w@db/nova", f"mysql://nova:{MASK}@db/nova"),
        ("rabbit://u:p@[::1]:5672//", f"rabbit://u:{MASK}@[::1]:5672//"),
        ('url "mysql://u:p@h/d" failed', f'url "mysql://u:{MASK}@h/d" failed'),
        ("http://controller:5000/v3", "http://controller:5000/v3"),
        ("write to me@example.org", "write to me@example.org"),
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


def test_learns_the_passwords_of_urls() -> None:
    redactor = Redactor()
    redactor.learn_urls("mysql://nova:p%40ss@db/nova", None)
    assert redactor.text("Access denied: p@ss") == f"Access denied: {MASK}"
