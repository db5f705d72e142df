# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import last_words, run_command


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


def test_what_a_program_complains_of_has_no_colours() -> None:
    assert run_command(["printf", "%b", r"\0033[31mred\0033[00m"]).stdout == "\x1b[31mred\x1b[00m"
    done = run_command(["sh", "-c", r"printf '\033[31mred\033[00m' >&2"])
    assert (done.stdout, done.stderr) == ("", "red")


def test_a_program_that_does_not_start(tmp_path: Path) -> None:
    program = tmp_path / "nova-manage"
    program.write_text("no program")
    program.chmod(0o755)
    with pytest.raises(CollectionError, match=r"Exec format error\. Look at the file") as caught:
        run_command([str(program)])
    assert caught.value.details["errno"] == "ENOEXEC"
    program.chmod(0o644)
    with pytest.raises(CollectionError, match=r"Permission denied as user \w+\. ") as caught:
        run_command([str(program)])
    assert caught.value.code == "failed"
