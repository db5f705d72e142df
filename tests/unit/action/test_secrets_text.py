# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text edit of secrets_file: whatever the text, the next run reads all that was there and all that is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.plugin_utils._secrets_text import (
    RefusedTextError,
    is_vaulted,
    line_of,
    spelling,
    with_values,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

MARKER = "S3cretTail"


class Loader(yaml.SafeLoader):
    """Reads encrypted values as their ciphertext."""


Loader.add_constructor("!vault", lambda loader, node: f"vault:{node.value}")


def load(text: str) -> Mapping[Any, Any]:
    try:
        return yaml.load(text, Loader=Loader) or {}
    except Exception as error:  # PyYAML lets any through, AttributeError for a timestamp that is none.
        raise RefusedTextError("not YAML") from error


VAULTED = "v: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n"


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("", '---\n# Secrets of the cloud, generated once; this file is their only copy.\nn: "x"\n'),
        ("{}", '{"n": "x"}'),
        ("--- {}\n", '--- {"n": "x"}\n'),
        ("{a: b}\n", '{"n": "x", a: b}\n'),
        ("{ # why\n a: b, }\n", '{"n": "x",  # why\n a: b, }\n'),
        ("---\na: b\n...\n", '---\na: b\nn: "x"\n...\n'),
        ("---\na: b\n... # end", '---\na: b\nn: "x"\n... # end'),
        ("---\n...\n", '---\nn: "x"\n...\n'),
        ("--- null\n", '--- \nn: "x"\n\n'),
        ("~", 'n: "x"\n'),
        ("# only this", '# only this\nn: "x"\n'),
        ("a: b\r\n", 'a: b\r\nn: "x"\r\n'),
        ("\ufeffa: b\n", '\ufeffa: b\nn: "x"\n'),
        ("\ufeff", '\ufeff\nn: "x"\n'),
        ("  a: b\n  c: d", '  a: b\n  c: d\n  n: "x"\n'),
        # A line end behind it would become part of the last value.
        ("a: |\n  b", 'n: "x"\na: |\n  b'),
        ("a: b\na: c\n", 'a: b\na: c\nn: "x"\n'),
        ("a: 1\nb: [x, y]\nc: {d: e}\n# end\n", 'a: 1\nb: [x, y]\nc: {d: e}\n# end\nn: "x"\n'),
        (VAULTED, VAULTED + 'n: "x"\n'),
        ("%YAML 1.1\n---\na: b\n", '%YAML 1.1\n---\na: b\nn: "x"\n'),
    ],
)
def test_adds_to_any_form_of_file(text: str, completed: str) -> None:
    assert with_values(text, {"n": "x"}, load) == completed
    assert load(completed) == {**load(text), "n": "x"}


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("n: old # why\r\nb: c\r\n", 'n: "x" # why\r\nb: c\r\n'),
        ("{n: old, b: c}", '{n: "x", b: c}'),
        ('{"n":"old"}', '{"n": "x"}'),
        ("n: |\n  old\n\n# about b\nb: c\n", 'n: "x"\n\n# about b\nb: c\n'),
        ("n:\nb: c", 'n: "x"\nb: c'),
        ("n: &a old\nb: c\n", 'n: "x"\nb: c\n'),
        ("n: first\nn: old\n", 'n: first\nn: "x"\n'),
        ("n: 0123\nb: 2026-01-01\n", 'n: "x"\nb: 2026-01-01\n'),
    ],
)
def test_replaces_in_any_form_of_file(text: str, completed: str) -> None:
    assert with_values(text, {"n": "x"}, load) == completed


@pytest.mark.parametrize(
    "text",
    [
        # What stands behind the alias is the value of another name.
        f"a: &x {MARKER}\nn: *x\n",
        f"n: &x {MARKER}\na: *x\n",
        f"? a\n: {MARKER}\n? n\n",
    ],
)
def test_refuses_an_edit_that_would_change_another_value(text: str) -> None:
    with pytest.raises(RefusedTextError) as caught:
        with_values(text, {"n": "x", "m": "y"}, load)
    assert MARKER not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f'a: "{MARKER}\n', "line 2, column 1: it is no valid YAML there"),
        (f"a: {MARKER}: x\n", "line 1, column 14: it is no valid YAML there"),
        (f"a: *{MARKER}\n", "line 1, column 4: it is no valid YAML there"),
        (f"a: b\n---\n{MARKER}: c\n", "line 2, column 1: a second document begins there"),
        (f"a: b\nc: {MARKER}\x07\n", "line 2: it has a character that YAML does not allow"),
    ],
)
def test_says_where_a_text_is_broken_and_shows_nothing_of_it(text: str, cause: str) -> None:
    with pytest.raises(RefusedTextError) as caught:
        with_values(text, {"n": "x"}, load)
    assert str(caught.value) == cause
    seen: BaseException | None = caught.value
    while seen is not None:
        assert MARKER not in str(seen)
        seen = seen.__cause__ or seen.__context__


def test_knows_how_and_where_a_value_is_written() -> None:
    text = "a: 0123\n" + VAULTED + "c: [x]\n"
    assert (spelling(text, "a"), spelling(text, "c"), spelling(text, "d")) == ("0123", None, None)
    assert (is_vaulted(text, "v"), is_vaulted(text, "a"), is_vaulted(text, "d")) == (True, False, False)
    assert (line_of(text, "a"), line_of(text, "v"), line_of(text, "c")) == (1, 2, 5)


NAMES = st.one_of(
    st.sampled_from(
        ["cloud_nova_password", "a", "b", "n", "yes", "null", "replaced_secrets", "é", "a b", "1"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=4),
)
SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["yes", "0123", "1e3", "", "a: b", "# c", "- d", "{{ e }}", "'", '"', "*x", "&y", "|", "\n"]
    ),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(NAMES, SCALARS, max_size=2))
WRAPPERS = st.sampled_from(["", "--- ", "---\n", "# mine\n", "\ufeff", "\n\n", "  \n# c\n---\n"])
TAILS = st.sampled_from(["", "...\n", "...", "# end", "# end\n", "\n\n", "  ", "\n...\n# after\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Files as people and programs write them, and some that nobody would."""
    content = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    style = draw(st.sampled_from(["|", ">", "'", '"', None]))
    text = yaml.safe_dump(
        content,
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=style,
        allow_unicode=draw(st.booleans()),
        line_break=draw(st.sampled_from(["\n", "\r\n"])),
        indent=draw(st.sampled_from([2, 4])),
    )
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return draw(WRAPPERS) + text + draw(TAILS)


def raw_texts() -> st.SearchStrategy[str]:
    return st.text(st.sampled_from("ab:n -|>#{}[]&*!\"'\n\r\t,?.%"), max_size=25)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(texts(), raw_texts()),
    st.dictionaries(
        NAMES, st.one_of(st.text(st.sampled_from("aZ-_9"), min_size=1), st.lists(NAMES)), min_size=1
    ),
)
@example("a: |+\n  b\n\n", {"n": "x"})
@example("{a, b: }", {"n": "x"})
@example("&r {a: b}", {"n": "x"})
@example("!!map {a: b}", {"a": "x"})
@example("? [a]\n: b\n", {"n": "x"})
@example("<<: {n: old}\nb: c\n", {"n": "x"})
@example("a: !!timestamp |-\n  2000-01-01...\n", {"a": "x"})
def test_nothing_is_lost_and_all_is_there(text: str, values: dict[str, Any]) -> None:
    try:
        before = load(text)
    except RefusedTextError:
        before = None
    if not isinstance(before, Mapping):
        return
    try:
        completed = with_values(text, values, load)
    except RefusedTextError:
        return
    assert {repr(item) for item in load(completed).items()} == {
        repr(item) for item in {**before, **values}.items()
    }


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True), SCALARS, max_size=4), WRAPPERS, TAILS
)
def test_ordinary_files_are_never_refused(content: dict[str, Any], before: str, after: str) -> None:
    text = (before if before != "--- " else "---\n") + yaml.safe_dump(content) + after
    completed = with_values(text, {"new_secret": "x"}, load)
    assert load(completed) == {**content, "new_secret": "x"}
