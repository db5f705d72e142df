# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types against oslo.config's own: described by the reader, then asked the same questions."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.harvest import type_of
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.values import (
    RefusedError,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_config import types

TYPES = [
    types.String(),
    types.String(choices=["kvm", "qemu", ""]),
    types.String(choices=[("MAC", "a"), ("ENCRYPT", "b")], ignore_case=True),
    types.String(regex="^[a-z]+$"),
    types.String(regex="^[a-z]+$", ignore_case=True),
    types.String(max_length=3),
    types.String(quotes=True),
    types.Boolean(),
    types.Integer(),
    types.Integer(min=0, max=10),
    types.Integer(min=-1),
    types.Integer(choices=[1, 4, 6]),
    types.Float(),
    types.Float(min=0.5, max=16),
    types.Port(),
    types.Port(min=1),
    types.List(),
    types.List(item_type=types.Integer(min=0)),
    types.List(item_type=types.String(quotes=True)),
    types.List(item_type=types.String(choices=["a", "b", "a,b"])),
    types.List(bounds=True),
    types.Dict(),
    types.Dict(value_type=types.Integer()),
    types.Dict(bounds=True),
    types.Range(),
    types.Range(min=2, max=20),
    types.IPAddress(),
    types.IPAddress(4),
    types.IPAddress(6),
    types.Hostname(),
    types.HostAddress(),
    types.HostAddress(6),
    types.HostDomain(),
]
TEXTS = [
    *[
        "",
        " ",
        "a",
        "A",
        "ab",
        "abcd",
        "kvm",
        "KVM",
        "mac",
        "Encrypt",
        '"a"',
        '"a',
        "'a,b'",
        "a,b",
        "a, b",
        "a,b,",
    ],
    *[
        "true",
        "True",
        "YES",
        "off",
        "0",
        "1",
        "2",
        "maybe",
        "-1",
        "-2",
        "10",
        "11",
        "1.5",
        " 3 ",
        "1e3",
        "0x1",
        "1_0",
    ],
    *[
        "nan",
        "inf",
        "99999",
        "65535",
        "65536",
        "1,2",
        "1,-2",
        "[a,b]",
        "[1]",
        "[",
        "{a:1}",
        "a:1",
        "a:1,b:2",
        "a:1,2",
    ],
    *[
        "a:1,a:2",
        ":1",
        "a",
        "1-2",
        "2-1",
        "-3--1",
        "01",
        "5-",
        "2-20",
        "1-21",
        "10.0.0.1",
        "10.0.0.256",
        "10.0.1",
        "::1",
    ],
    *[
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "host",
        "host.example.org",
        "host_1",
        "-host",
        "host.",
        "a..b",
        "x" * 64,
        "12",
    ],
    *["1.2.3.4.5", "*", "٣", "a\u3000", "[]", "{}", ",", ",,", "a,,b", '"a,b",c'],
]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(type_of(kind)))
def test_accepts_and_refuses_like_oslo_config(kind):
    for text in TEXTS:
        same_answer(kind, text)


@settings(max_examples=1_500, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(TYPES), st.text("aAb01.-:,[]{}\"' xé_", max_size=9))
def test_accepts_and_refuses_like_oslo_config_whatever_comes(kind, text):
    same_answer(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "accepted"),
    [
        (types.URI(), "http://controller:5000/v3", True),
        (types.URI(), "http://[::1]:5000", True),
        (types.URI(), "controller:5000", False),
        (types.URI(), "", False),
        (types.URI(schemes=["http", "https"]), "https://controller", True),
        (types.URI(schemes=["http", "https"]), "ftp://controller", False),
        (types.URI(max_length=10), "http://controller", False),
    ],
)
def test_urls(kind, text, accepted):
    same_answer(kind, text)
    assert (answer(type_of(kind), text) is not RefusedError) == accepted


def test_a_type_of_somebody_else_takes_everything():
    class Odd(types.String):
        def __call__(self, value):
            return [value]

    assert type_of(Odd()) == {"is": "any"}
    assert type_of(lambda value: value) == {"is": "any"}
    assert type_of(str) == {"is": "string"}
    assert parse({"is": "any"}, "x") == "x"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (types.Boolean(), "maybe", "must be true or false"),
        (types.Port(), "99999", "must be a whole number from 0 to 65535"),
        (types.Integer(max=5), "6", "must be a whole number of at most 5"),
        (types.Integer(min=1), "0", "must be a whole number of at least 1"),
        (types.String(choices=["kvm", "qemu"]), "hyperv9", "must be one of kvm, qemu"),
        (types.List(item_type=types.Integer()), "1,x", "must be a whole number"),
    ],
)
def test_reasons(kind, text, reason):
    with pytest.raises(RefusedError, match=reason):
        parse(type_of(kind), text)


def answer(kind, text):
    try:
        return parse(kind, text)
    except RefusedError:
        return RefusedError


def same_answer(kind, text):
    try:
        expected = kind(text)
    except ValueError:
        expected = RefusedError
    found = answer(type_of(kind), text)
    if isinstance(expected, range):
        last = expected[-1]
        expected = (expected[0], last)
    assert repr(found) == repr(expected), (text, kind)
