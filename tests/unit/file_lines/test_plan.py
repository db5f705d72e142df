# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are written, and with what."""

from __future__ import annotations

from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import KEEP, StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._file_lines.parameters import desired
from ansible_collections.stackwright.nova.plugins.module_utils._file_lines.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._file_lines.state import State
from fakes.recorder import calls

LINES = desired(
    {
        "lines": [{"path": path, "regexp": "^a=", "line": "a=1"} for path in ("/x", "/y", "/z")],
        "plain_files": [],
        "links": [],
    }
)


def test_a_file_keeps_its_mode_and_a_new_one_is_readable() -> None:
    current = State({"/x": StoredFile("a=2\n", mode=0o600), "/y": StoredFile("a=1\n")})
    assert calls(plan(LINES, current)) == [
        ("write", ("/x", "a=1\n", KEEP), {"mode": 0o600, "backup": False}),
        ("write", ("/z", "a=1\n", KEEP), {"mode": 0o644, "backup": False}),
    ]


def test_the_diff_shows_the_files_that_change() -> None:
    made = plan(LINES, State({"/x": StoredFile("a=2\n"), "/y": StoredFile("a=1\n")}))
    assert made.before == "# /x\na=2\n"
    assert made.after == "# /x\na=1\n\n# /z\na=1\n"
    assert made.result == {"paths_changed": ["/x", "/z"]}
