# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of microversions is the only place that has them."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.stackwright.nova.plugins.module_utils._clients import microversions
from ansible_collections.stackwright.nova.plugins.module_utils._clients.microversions import Microversion

UTILS = Path(__file__).parents[3] / "plugins/module_utils"
LINES = [one for one in vars(microversions).values() if isinstance(one, Microversion)]


def test_each_says_what_brought_it_and_why_it_is_needed() -> None:
    assert LINES
    assert [
        one for one in LINES if not (re.fullmatch(r"2\.\d+", one.number) and one.release and one.reason)
    ] == []


def test_they_stand_from_the_oldest_to_the_newest() -> None:
    numbers = [int(one.number.partition(".")[2]) for one in LINES]
    assert numbers == sorted(set(numbers))


def test_no_other_file_has_one() -> None:
    number = re.compile(r"""["'=]2\.[1-9]\d["']""")
    found = [path.name for path in sorted(UTILS.rglob("*.py")) if number.search(path.read_text())]
    assert found == ["microversions.py"]
