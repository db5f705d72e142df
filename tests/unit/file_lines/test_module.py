# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.modules import file_lines
from fakes.files import stamp
from fakes.modules import run_module

WORKERS = {"regexp": r"^processes\s*=", "line": "processes = 2"}


def converge(path: Path, *lines: dict[str, str]) -> dict[str, Any]:
    """The result of a run, which check mode predicts and a second run does not change."""
    arguments = [{"path": str(path), **line} for line in lines]
    before = path.read_bytes() if path.exists() else None
    predicted = run_module(file_lines, check=True, diff=True, lines=arguments)
    assert (path.read_bytes() if path.exists() else None) == before
    done = run_module(file_lines, diff=True, lines=arguments)
    assert done == predicted
    again = run_module(file_lines, lines=arguments)
    assert (again["changed"], again["commands"], again["paths_changed"]) == (False, [], [])
    return done


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "processes = 2\n"),
        ("[uwsgi]\nmaster = true\n", "[uwsgi]\nmaster = true\nprocesses = 2\n"),
        ("[uwsgi]\nprocesses=8\nmaster = true\n", "[uwsgi]\nprocesses = 2\nmaster = true\n"),
        ("processes = 4\n# two\nprocesses = 3\nx\n", "# two\nprocesses = 2\nx\n"),
        ("processes = 2", "processes = 2\n"),
        ("#processes = 4\n", "#processes = 4\nprocesses = 2\n"),
    ],
)
def test_one_line(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "uwsgi.ini"
    path.write_text(before)
    path.chmod(0o640)
    result = converge(path, WORKERS)
    assert path.read_text() == after
    assert path.stat().st_mode & 0o777 == 0o640
    assert result["commands"] == [f"write {path}"]
    assert result["diff"]["before"] != result["diff"]["after"]


def test_a_file_that_has_its_lines_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "uwsgi.ini"
    path.write_text("processes = 2\n")
    written = stamp(path)
    assert converge(path, WORKERS)["changed"] is False
    assert stamp(path) == written


def test_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "default"
    assert converge(path, WORKERS)["changed"] is True
    assert path.read_text() == "processes = 2\n"
    assert path.stat().st_mode & 0o777 == 0o644


def test_several_lines_of_several_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("threads = 32\nprocesses = 9\n")
    second.write_text("processes = 2\n")
    lines = [{"path": str(path), **WORKERS} for path in (first, second)]
    lines.append({"path": str(first), "regexp": "^threads", "line": "threads = 1"})
    result = run_module(file_lines, lines=lines)
    assert result["paths_changed"] == [str(first)]
    assert first.read_text() == "threads = 1\nprocesses = 2\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"regexp": "^x(", "line": "x"}, r"Cannot read regular expression ^x\(: "),
        (
            {"regexp": "^x", "line": "y"},
            r"Cannot set line y: its regexp ^x does not match it, so each run would",
        ),
    ],
)
def test_what_can_never_settle_is_refused(tmp_path: Path, line: dict[str, str], message: str) -> None:
    path = tmp_path / "file"
    result = run_module(file_lines, lines=[{"path": str(path), **line}])
    assert result["failed"] is True
    assert message.replace("\\", "") in result["msg"]
    assert not path.exists()


def test_a_failure_after_a_write_says_what_was_done(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "no/such/b"
    lines = [{"path": str(path), **WORKERS} for path in (first, second)]
    failed = run_module(file_lines, lines=lines)
    assert (failed["failed"], failed["changed"]) == (True, True)
    assert failed["commands"] == [f"write {first}"]
    assert failed["failed_command"] == f"write {second}"
    assert first.read_text() == "processes = 2\n"


def test_a_new_file_in_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "unit.service.d" / "own.conf"
    assert converge(path, WORKERS)["changed"] is True
    assert path.parent.stat().st_mode & 0o777 == 0o755


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    refused = run_module(file_lines, lines=[{"path": str(tmp_path / "no" / "such" / "file"), **WORKERS}])
    assert "Create the directory" in refused["msg"]
    assert not (tmp_path / "no").exists()


def test_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "sbin/greet"
    wanted = [{"path": str(path), "content": "#!/bin/sh\necho hello\n", "mode": "0755"}]
    assert run_module(file_lines, check=True, plain_files=wanted)["commands"] == [f"write {path}"]
    assert not path.exists()
    assert run_module(file_lines, plain_files=wanted)["paths_changed"] == [str(path)]
    assert (path.read_text(), path.stat().st_mode & 0o777) == (wanted[0]["content"], 0o755)
    assert run_module(file_lines, plain_files=wanted)["changed"] is False
    path.chmod(0o700)
    assert run_module(file_lines, plain_files=wanted)["changed"] is True
    path.write_text("#!/bin/sh\n")
    assert run_module(file_lines, plain_files=wanted)["changed"] is True
    assert path.read_text() == wanted[0]["content"]


def test_a_whole_file_with_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "default"
    result = run_module(
        file_lines, lines=[{"path": str(path), **WORKERS}], plain_files=[{"path": str(path), "content": "x"}]
    )
    assert result["msg"] == (
        f"Cannot write file {path}: it has its own content, and something else in addition. Name it once."
    )
    assert not path.exists()


def links(path: Path, target: str, check: bool = False) -> dict[str, Any]:
    return run_module(file_lines, check=check, diff=True, links=[{"path": str(path), "target": target}])


@pytest.mark.parametrize("former", ["", "elsewhere"])
def test_a_link_is_made_and_corrected(tmp_path: Path, former: str) -> None:
    path = tmp_path / "conf.d/wsgi.conf"
    if former:
        path.parent.mkdir()
        path.symlink_to(former)
    predicted = links(path, "/usr/share/wsgi.conf", check=True)
    assert path.is_symlink() is bool(former)
    done = links(path, "/usr/share/wsgi.conf")
    assert done == predicted
    assert str(path.readlink()) == "/usr/share/wsgi.conf"
    assert done["commands"] == [f"ln --symbolic --force --no-dereference /usr/share/wsgi.conf {path}"]
    assert done["paths_changed"] == [str(path)]
    assert done["diff"]["before"] == (f"# {path}\n-> elsewhere\n" if former else "")
    assert done["diff"]["after"] == f"# {path}\n-> /usr/share/wsgi.conf\n"
    assert list(path.parent.iterdir()) == [path]
    again = links(path, "/usr/share/wsgi.conf")
    assert (again["changed"], again["commands"], again["paths_changed"]) == (False, [], [])


def test_what_is_no_link_stays(tmp_path: Path) -> None:
    path = tmp_path / "wsgi.conf"
    path.write_text("mine\n")
    result = links(path, "/usr/share/wsgi.conf")
    assert result["msg"] == (
        f"Cannot replace file {path}: it is no symbolic link, which it shall become. Move it away."
    )
    assert path.read_text() == "mine\n"


def test_a_link_has_nothing_besides(tmp_path: Path) -> None:
    path = str(tmp_path / "wsgi.conf")
    result = run_module(file_lines, links=[{"path": path, "target": "/x"}], lines=[{"path": path, **WORKERS}])
    assert "it has its own content, and something else in addition" in result["msg"]
