# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written as a literal is what oslo.config reads, whatever characters are in it."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.literal import (
    decode,
    encode,
    references,
)
from fakes.passwords import PASSWORDS
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_config import cfg
from oslo_reference import values

alphabet = st.one_of(
    st.sampled_from("$$$\\\"' \t#;%{}[]=:,.@/a_1\u3000\xa0\x85\x1cé"), st.characters(codec="utf-8")
)
strings = st.text(alphabet, max_size=12)


def read(text):
    """What a string option with this text behind it is to a service."""
    (value,) = values(f"[DEFAULT]\nmy_ip = 10.0.0.1\nx = {text}\n", ("DEFAULT", cfg.StrOpt("x")))
    return value


@pytest.mark.parametrize("password", PASSWORDS)
def test_every_nasty_password_is_read_as_it_was_given(password):
    assert read(encode(password)) == password
    assert decode(unquoted(encode(password))) == password


@settings(max_examples=5_000, deadline=None, derandomize=True, database=None)
@given(strings)
def test_every_string_is_read_as_it_was_given_or_refused(value):
    if "\n" in value or "\r" in value:
        with pytest.raises(ValueError, match="line break"):
            encode(value)
    else:
        assert read(encode(value)) == value


@settings(max_examples=1_500, deadline=None, derandomize=True, database=None)
@given(strings.filter(lambda value: not set("\n\r") & set(value)))
def test_the_meaning_of_a_text_is_what_oslo_config_makes_of_it(value):
    text = value.strip()
    if references(unquoted(text)):
        return
    assert decode(unquoted(text)) == read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pa$word", ["word"]),
        ("pa$$word", []),
        ("pa\\$word", []),
        ("pa\\$$word", ["word"]),
        ("${my_ip}:$port", ["my_ip", "port"]),
        ("$group.opt", ["group.opt"]),
        ("$Group.Opt", ["Group.Opt"]),
        ("pa$5", []),
        ("end$", []),
        ("${", []),
    ],
)
def test_references(text, expected):
    assert references(text) == expected
    assert (decode(text) is None) == bool(expected)


@pytest.mark.parametrize("value", ["a\nb", "a\r", "\ud800"])
def test_what_a_file_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="cannot"):
        encode(value)


def unquoted(text):
    return text[1:-1] if text and text[0] == text[-1] and text[0] in "\"'" else text
