# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import (
    AlembicCode,
    MigrateCode,
    Stamp,
    read_alembic,
    read_migrate,
)

LINE = AlembicCode({"a": (), "b": ("a",), "c": ("b",)})
BRANCHES = AlembicCode({"base": (), "x1": ("base",), "x2": ("x1",), "c1": ("base",)})
# Glance: each contract script demands its expand script, which Alembic then does not stamp.
DEMANDING = AlembicCode(
    {"base": (), "x1": ("base",), "x2": ("x1",), "c1": ("base",), "c2": ("c1",)},
    {"c1": ("x1",), "c2": ("x2",)},
)
MERGED = AlembicCode({"a": (), "b": (), "m": ("a", "b")})


def stamp(*revisions: str) -> Stamp:
    return Stamp(frozenset(revisions))


@pytest.mark.parametrize(
    ("code", "heads"),
    [(LINE, "c"), (BRANCHES, "c1, x2"), (DEMANDING, "c2"), (MERGED, "m"), (AlembicCode({"a": ()}), "a")],
)
def test_heads(code: AlembicCode, heads: str) -> None:
    assert str(code) == heads


@pytest.mark.parametrize(
    ("code", "stamped", "behind"),
    [
        (LINE, stamp(), True),
        (LINE, stamp("a"), True),
        (LINE, stamp("b"), True),
        (LINE, stamp("c"), False),
        (BRANCHES, stamp("base"), True),
        (BRANCHES, stamp("x2"), True),
        (BRANCHES, stamp("x1", "c1"), True),
        (BRANCHES, stamp("x2", "c1"), False),
        (DEMANDING, stamp("c2"), False),
        (DEMANDING, stamp("c1", "x2"), True),
        (MERGED, stamp("a", "b"), True),
        (MERGED, stamp("m"), False),
        (LINE, Stamp(migrate={"nova": 402}), True),
    ],
)
def test_behind(code: AlembicCode, stamped: Stamp, behind: bool) -> None:
    assert code.behind(stamped) is behind
    assert code.unknown(stamped) == ""


def test_revisions_of_a_newer_release() -> None:
    assert LINE.unknown(stamp("d")) == "d"
    assert BRANCHES.unknown(stamp("x2", "c2", "c9")) == "c2, c9"


@pytest.mark.parametrize(
    ("stamped", "behind", "unknown"),
    [
        (Stamp(), True, ""),
        (Stamp(migrate={"nova": 400}), True, ""),
        (Stamp(migrate={"nova": 402}), False, ""),
        (Stamp(migrate={"nova": 403}), False, "403"),
        (Stamp(frozenset({"b30f573d3377"})), True, "b30f573d3377"),
        (Stamp(frozenset({"b30f573d3377"}), {"nova": 402}), False, "b30f573d3377"),
    ],
)
def test_numbers(stamped: Stamp, behind: bool, unknown: str) -> None:
    code = MigrateCode({"nova": 402})
    assert code.behind(stamped) is behind
    assert code.unknown(stamped) == unknown


def test_texts() -> None:
    assert str(Stamp()) == ""
    assert str(stamp("b", "a")) == "a, b"
    assert str(Stamp(migrate={"nova": 402})) == "402"
    assert str(Stamp(migrate={"keystone_expand": 79, "keystone": 109})) == "keystone 109, keystone_expand 79"


def test_scripts_are_read_without_running_them(tmp_path: Path) -> None:
    (tmp_path / "newton" / "expand").mkdir(parents=True)
    (tmp_path / "first.py").write_text('raise SystemExit\nrevision = "a"\ndown_revision = None\n')
    (tmp_path / "newton" / "expand" / "second.py").write_text(
        'revision: str = "b"\ndown_revision: str = "a"\ndepends_on = ()\nbranch_labels = (cli.EXPAND,)\n'
    )
    (tmp_path / "third.py").write_text('revision = "c"\ndown_revision = "a"\ndepends_on = ("b",)\n')
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "README").write_text("not a script")
    assert read_alembic(str(tmp_path)) == AlembicCode(
        {"a": (), "b": ("a",), "c": ("a",)}, {"a": (), "b": (), "c": ("b",)}
    )


@pytest.mark.parametrize(
    "text",
    [
        'revision = "b"\ndown_revision = "a"\n\n@once\ndef upgrade():\n    pass\n',
        '"""Say what\ndef does.\n"""\nrevision = "b"\ndown_revision = "a"\ndef upgrade():\n    pass\n',
        'revision = "b"\ndef upgrade():\n    pass\ndown_revision = "a"\n',
    ],
    ids=["a decorated function", "a docstring like code", "a field below a function"],
)
def test_scripts_of_an_unusual_shape(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.py").write_text(text)
    assert read_alembic(str(tmp_path)).follows == {"b": ("a",)}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('revision = "b"\ndown_revision = "a"\ndepends_on = OTHER\n', "malformed node"),
        ("def upgrade(:\n", "invalid syntax"),
        ("revision = 'b\0'\n", "null bytes"),
    ],
)
def test_a_script_that_cannot_be_read(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "b.py"
    path.write_text(text)
    with pytest.raises(CollectionError, match=f"Cannot read migration script {path}: .*{cause}") as caught:
        read_alembic(str(tmp_path))
    assert caught.value.code == "no_migrations"


def test_a_script_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "b.py").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CollectionError, match="No such file or directory") as caught:
        read_alembic(str(tmp_path))
    assert caught.value.code == "no_migrations"


def test_no_scripts(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="Reinstall the service's Python package"):
        read_alembic(str(tmp_path / "none"))
    assert read_alembic(str(tmp_path / "none"), required=False) == AlembicCode({})


def test_repositories(tmp_path: Path) -> None:
    for name, numbers in (("main", (216, 402)), ("api", (67,))):
        versions = tmp_path / name / "versions"
        versions.mkdir(parents=True)
        (tmp_path / name / "migrate.cfg").write_text(
            f"[db_settings]\nrepository_id=nova_{name}\nversion_table=%(x)s\n"
        )
        for number in numbers:
            (versions / f"{number}_placeholder.py").write_text("")
        (versions / "216_sqlite_upgrade.sql").write_text("")
        (versions / "__init__.py").write_text("")
    code = read_migrate([str(tmp_path / "main"), str(tmp_path / "api")])
    assert code == MigrateCode({"nova_main": 402, "nova_api": 216})


@pytest.mark.parametrize(
    ("settings", "scripts", "cause"),
    [
        ("[db_settings]\nrepository_id=nova\n", (), "versions: No such file or directory"),
        (None, ("001_a.py",), "its migrate.cfg names no repository_id"),
        ("repository_id=nova\n", ("001_a.py",), "its migrate.cfg names no repository_id"),
        ("[db_settings]\nrepository_id=nova\n", ("__init__.py",), "there is none"),
    ],
)
def test_a_repository_that_cannot_be_read(
    tmp_path: Path, settings: str | None, scripts: tuple[str, ...], cause: str
) -> None:
    if settings is not None:
        (tmp_path / "migrate.cfg").write_text(settings)
    for script in scripts:
        (tmp_path / "versions").mkdir(exist_ok=True)
        (tmp_path / "versions" / script).write_text("")
    with pytest.raises(CollectionError, match=cause) as caught:
        read_migrate([str(tmp_path)])
    assert caught.value.code == "no_migrations"
