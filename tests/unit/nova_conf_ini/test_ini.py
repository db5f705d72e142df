# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The editor against oslo.config's own parser: the same files refused, the same values read."""

from __future__ import annotations

from io import StringIO

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.ini import (
    Assignment,
    IniError,
    IniFile,
    normalized,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_config.iniparser import ParseError
from oslo_reference import sections

SECTIONS = ["DEFAULT", "vnc", "Default", "VNC", "a]b"]
KEYS = ["debug", "my_ip", "state-path", "a b", "é"]
TEXTS = ["", "1", "x y", '"q"', "'", '"', "# no comment", "a = b", "ü\u3000", "\\$x", "[x]", "\x85", "%s"]

CONTENTS = [
    *(f"[{section}]" for section in SECTIONS for _turn in range(3)),
    *(f"{key}{mark}{text}" for key in KEYS for mark in ("=", " = ", ":\t", "\u3000=\x0c") for text in TEXTS),
    *(f"{blank}{text}" for blank in (" ", "\t", "    ") for text in TEXTS),
    *(f"{mark}{key} = sample" for mark in ("#", "# ", ";", "#\t") for key in KEYS for _turn in range(3)),
    *["", "   ", "# comment", "; comment"] * 5,
]
ODDITIES = ["[vnc] # x", "...", "\ufeff[DEFAULT]", "[]", "[vnc", "=", " = 1", "[ ]", "\x0b", "x"]
ENDINGS = ["\n", "\n", "\n", "\r\n", "\r", " \n"]
LAST = ["", "", "", "my_ip = 1", "[vnc]", "# my_ip = 1", "  more"]

line = st.sampled_from([content + ending for content in CONTENTS for ending in ENDINGS])
odd = st.sampled_from([content + ending for content in [*ODDITIES, *[""] * 20] for ending in ENDINGS])
head = st.sampled_from(["[DEFAULT]\n", "# head\n[vnc]\r\n", "[Default]\n"])
texts = st.tuples(st.lists(line, max_size=9), odd, st.lists(line, max_size=5), st.sampled_from(LAST)).map(
    lambda parts: "".join([*parts[0], parts[1], *parts[2], parts[3]])
)
plain = st.sampled_from([content + ending for content in CONTENTS for ending in ("\n", "\n", "\r\n", " \n")])
styles = st.sampled_from([None, None, "\n", "\r\n", "\r"])
accepted = st.tuples(head, st.lists(plain, max_size=14), st.sampled_from(LAST), styles).map(
    lambda parts: styled("".join([parts[0], *parts[1], parts[2]]), parts[3])
)


def styled(text, ending):
    return text if ending is None else text.replace("\r\n", "\n").replace("\n", ending)


edits = st.lists(
    st.tuples(
        st.sampled_from(["assign", "assign_last", "remove"]),
        st.sampled_from(SECTIONS),
        st.sampled_from(KEYS),
        st.lists(st.sampled_from([text for text in TEXTS if text == text.strip()]), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


def examples(count):
    return settings(max_examples=count, deadline=None, derandomize=True, database=None)


def state(file):
    read = {name: {} for name in file.sections()}
    for line in file.assignments():
        read[line.section].setdefault(line.key, []).append(line.text)
    return read


def unquoted(text):
    return text[1:-1] if text and text[0] == text[-1] and text[0] in "\"'" else text


@examples(8_000)
@given(texts)
def test_reads_what_oslo_config_reads_and_refuses_what_it_refuses(text):
    try:
        expected = sections(text)
    except ParseError as error:
        with pytest.raises(IniError) as refused:
            IniFile.parse(text)
        # oslo.config notices an option without a section only at the line that ends it.
        assert refused.value.line == error.lineno or "before the first section" in refused.value.cause
        return
    file = IniFile.parse(text)
    assert state(file) == expected
    assert file.render() == text


@examples(8_000)
@given(accepted, edits)
def test_edits_give_exactly_the_asked_state_and_keep_the_rest(text, wanted):
    try:
        expected = sections(text)
    except ParseError:
        return
    file = IniFile.parse(text)
    for edit, section, key, values in wanted:
        apply_edit(file, edit, section, key, values)
        name = normalized(section)
        before = expected.setdefault(name, {}).get(key, [])
        expected[name][key] = {
            "assign": [unquoted(value) for value in values],
            "assign_last": [*before[:-1], unquoted(values[0])],
            "remove": [],
        }[edit]
    expected = {
        name: {key: values for key, values in options.items() if values}
        for name, options in expected.items()
        if name in file.sections()
    }
    written = file.render()
    assert sections(written) == expected
    assert kept(written, text)
    again = IniFile.parse(written)
    edit, section, key, values = wanted[-1]
    apply_edit(again, edit, section, key, values)
    assert again.render() == written


def apply_edit(file, edit, section, key, values):
    if edit == "assign":
        file.assign(section, key, values)
    elif edit == "assign_last":
        file.assign_last(section, key, values[0])
    else:
        file.remove(section, key)


def kept(written, text):
    """Whether every line that is no assignment is still there, in order and to the byte."""
    remaining = iter(StringIO(written, newline=""))
    blocks = [block for block in IniFile.parse(text).blocks if not isinstance(block, Assignment)]
    # The last line of a file gets its missing end when something follows it.
    return all(
        any(found == line or found.rstrip("\r\n") == line for found in remaining)
        for block in blocks
        for line in block.lines
    )
