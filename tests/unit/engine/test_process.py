# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.process import last_words


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("one\n two \n\n", "noise\n"), "two"),
        ((" \n", "noise\n"), "noise"),
        (("", ""), "it said nothing"),
    ],
)
def test_the_last_words_of_a_program(texts: tuple[str, ...], said: str) -> None:
    assert last_words(*texts) == said
