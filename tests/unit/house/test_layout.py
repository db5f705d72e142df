# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house is as CONTRIBUTING draws it: one folder a module, the same files in each, nothing reaches upwards."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UTILS = ROOT / "plugins/module_utils"
# A module without a main() is documentation: its work is done on the control node, by an action plugin.
MODULES = sorted(
    path.stem for path in (ROOT / "plugins/modules").glob("*.py") if "\ndef main(" in path.read_text()
)
# From the lowest to the highest; each may import those before it. The subjects stand above all of them.
FLOORS = ("engine", "formats", "clients", "shared")
# Everything here is private to the collection, and its folders say so.
SUBJECTS = sorted(
    path.name[1:]
    for path in UTILS.iterdir()
    if path.is_dir() and path.name[1:] not in FLOORS and path.name != "__pycache__"
)
# Above the subjects: modules that do in one task what several do. Their folders have only arguments and ``build``.
UNIONS = {"service_files": {"nova_conf_ini", "file_lines"}}
SINGLE = sorted({*SUBJECTS} - UNIONS.keys())
FILES = ("__init__.py", "parameters.py", "operation.py")
# Whether one thing is there needs no separate class.
STATELESS = {"wheelhouse"}
# The pure function of a subject by its file: what is to be done, or for a module that only reports, the result.
DECISIONS = {"plan.py": "plan", "report.py": "report"}
# These talk to the outside through a client of a lower floor, without one of their own.
WITHOUT_CLIENT = {"file_lines", "nova_service_info"}
# The files that only think, and what they would need to do more.
THINKING = ("parameters.py", "state.py", "plan.py", "report.py", "operation.py")
OUTSIDE = {"glob", "shutil", "socket", "subprocess", "tempfile", "urllib.request"}
# What every subject has, under the same name and in the same file.
SHARED_NAMES = {"Desired": "parameters.py", "State": "state.py"}
OTHER_TESTS = {
    "action",
    "callback",
    "cloud",
    "deployed",
    "filter",
    "house",
    "measure",
    "modules",
    "page",
    "plans",
    "playbooks",
    "prediction",
    "roles",
    "tools",
}
# They leave open what a thing is.
VAGUE = re.compile(r"(?:^|_)(?:told|tell|spare|wanted|shown|meant|shipment|predicts)(?:$|_)", re.IGNORECASE)


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if path.name != "__init__.py")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def definitions(path: Path) -> dict[str, ast.stmt]:
    """The functions, classes and constants of a file by name."""
    found: dict[str, ast.stmt] = {}
    for node in parsed(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name):
                found[target.id] = node
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def imported_folders(path: Path) -> Iterator[tuple[int, str]]:
    """The folders of module_utils that a file in one of them imports from, functions' own imports included."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((node.lineno, name.split(".")[0]) for name in names)
        elif isinstance(node, ast.ImportFrom) and node.level > 2:
            yield node.lineno, "a higher floor"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ansible_collections"):
            yield node.lineno, "a full name"


def imported_names(node: ast.AST) -> list[str]:
    """The modules and names that an import brings."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    return []


def camel_case(module: str) -> str:
    return "".join(word.capitalize() for word in module.split("_"))


def test_every_module_has_a_folder_of_its_name_and_every_folder_a_module() -> None:
    assert SUBJECTS == MODULES


@pytest.mark.parametrize("union", UNIONS)
def test_a_union_has_its_arguments_and_build(union: str) -> None:
    folder = UTILS / f"_{union}"
    assert "ARGUMENTS" in definitions(folder / "parameters.py")
    assert "build" in definitions(folder / "operation.py")


@pytest.mark.parametrize("subject", SINGLE)
def test_each_folder_has_the_same_files_with_the_same_names_in_them(subject: str) -> None:
    folder = UTILS / f"_{subject}"
    assert [name for name in FILES if not (folder / name).exists()] == []
    assert {"ARGUMENTS", "Desired"} <= definitions(folder / "parameters.py").keys()
    assert subject in STATELESS or "State" in definitions(folder / "state.py")
    decisions = [name for name in DECISIONS if (folder / name).exists()]
    assert len(decisions) == 1
    assert DECISIONS[decisions[0]] in definitions(folder / decisions[0])
    assert {camel_case(subject), "build"} <= definitions(folder / "operation.py").keys()


@pytest.mark.parametrize("subject", sorted({*SINGLE} - WITHOUT_CLIENT))
def test_the_file_that_touches_the_outside_is_the_client(subject: str) -> None:
    assert (UTILS / f"_{subject}" / "client.py").exists()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_other_files_do_not_touch_the_outside(subject: str) -> None:
    found = {
        (path.name, name)
        for path in sources(UTILS / f"_{subject}")
        if path.name in THINKING
        for node in ast.walk(parsed(path))
        for name in imported_names(node)
        if name in OUTSIDE or name == "run_command"
    }
    assert found == set()


@pytest.mark.parametrize("subject", SINGLE)
def test_what_is_desired_follows_from_the_parameters_alone(subject: str) -> None:
    function = definitions(UTILS / f"_{subject}" / "parameters.py")["desired"]
    assert isinstance(function, ast.FunctionDef)
    assert ast.unparse(function).split("\n", 1)[0] == "def desired(params: Mapping[str, Any]) -> Desired:"


@pytest.mark.parametrize("subject", SINGLE)
def test_an_operation_adds_only_what_is_its_own(subject: str) -> None:
    """Its fields are those of a dataclass, and it names its pure function; the engine does the rest."""
    operation = definitions(UTILS / f"_{subject}" / "operation.py")[camel_case(subject)]
    assert isinstance(operation, ast.ClassDef)
    assert "dataclass" in [ast.unparse(decorator) for decorator in operation.decorator_list]
    assigned = [ast.unparse(node.targets[0]) for node in operation.body if isinstance(node, ast.Assign)]
    assert len({"decide", "judge"} & {*assigned}) == 1
    functions = {node.name: node for node in operation.body if isinstance(node, ast.FunctionDef)}
    assert "__init__" not in functions
    kept = [
        ast.unparse(node)
        for function in functions.values()
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "self"
    ]
    assert kept == []


@pytest.mark.parametrize("path", sources(UTILS), ids=lambda path: str(path.relative_to(UTILS)))
def test_plans_and_steps_have_no_kinds(path: Path) -> None:
    """What distinguishes steps is said by their stage."""
    kinds = {
        name
        for name, node in definitions(path).items()
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if ast.unparse(base).split("[")[0] in ("Plan", "Step", "Stage")
    }
    # One says what it depends on, from which stages are made; one knows which of its results are still to come.
    assert kinds <= {"RegistrationStep", "ResourcesPlan"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_build_stands_in_one_place(subject: str) -> None:
    assert [path.name for path in sources(UTILS / f"_{subject}") if "build" in definitions(path)] == [
        "operation.py"
    ]


def test_no_name_stands_for_two_things() -> None:
    places = defaultdict(list)
    for path in sources(UTILS):
        for name, node in definitions(path).items():
            if isinstance(node, ast.ClassDef) and SHARED_NAMES.get(name) != path.name:
                places[name].append(str(path.relative_to(UTILS)))
    public = {name: where for name, where in places.items() if not name.startswith("_")}
    assert {name: where for name, where in public.items() if len(where) > 1 or name in SHARED_NAMES} == {}


@pytest.mark.parametrize("path", sources(UTILS), ids=lambda path: str(path.relative_to(UTILS)))
def test_nothing_above_its_floor_is_imported(path: Path) -> None:
    here = path.relative_to(UTILS).parts[0][1:]
    lower = FLOORS[: FLOORS.index(here)] if here in FLOORS else FLOORS
    allowed = {f"_{name}" for name in (*lower, here, *UNIONS.get(here, ()))}
    assert [(line, name) for line, name in imported_folders(path) if name not in allowed] == []


def test_every_folder_is_marked_private() -> None:
    places = [*UTILS.iterdir(), *(ROOT / "plugins/plugin_utils").iterdir()]
    assert sorted(path.name for path in places if not path.name.startswith("_")) == []


@pytest.mark.parametrize("path", sources(UTILS), ids=lambda path: str(path.relative_to(UTILS)))
def test_names_say_what_a_thing_is(path: Path) -> None:
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    assert sorted(name for name in {*names, path.stem} if VAGUE.search(name)) == []


def test_the_runner_alone_knows_check_mode() -> None:
    mentions = [
        str(path.relative_to(UTILS))
        for path in sources(UTILS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr == "check_mode"
    ]
    assert set(mentions) == {"_engine/runner.py"}


@pytest.mark.parametrize("path", sources(UTILS), ids=lambda path: str(path.relative_to(UTILS)))
def test_the_call_of_every_step_is_checked(path: Path) -> None:
    """mypy looks into a step's lambda only where the step names its client: Step[Client](...)."""
    unchecked = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Step"
        and any(
            isinstance(value, ast.Lambda) for value in [*node.args, *(one.value for one in node.keywords)]
        )
    ]
    assert unchecked == []


def test_the_tests_mirror_the_code() -> None:
    folders = {path.name for path in (ROOT / "tests/unit").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {*SUBJECTS, *FLOORS, *OTHER_TESTS}


def test_measuring_programs_stand_beside_the_tests() -> None:
    """What they find they write into documents: nothing of them is in tests/ but the tests of their own logic."""
    programs = {path.parent.name for path in (ROOT / "measure").glob("*/*.py")}
    folders = {path.name for path in (ROOT / "tests/unit/measure").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= programs
    assert programs & {path.name for path in (ROOT / "tests").iterdir()} == set()


@pytest.mark.parametrize("floor", FLOORS)
def test_every_shared_piece_has_tests_of_its_name(floor: str) -> None:
    tests = [path.stem for path in (ROOT / "tests/unit" / floor).glob("test_*.py")]
    # Tables and declarations, which the tests of their users cover.
    covered_elsewhere = {"errors", "plan", "operation", "services"}
    pieces = [path.stem for path in sources(UTILS / f"_{floor}") if path.stem not in covered_elsewhere]
    assert [piece for piece in pieces if not any(test.startswith(f"test_{piece}") for test in tests)] == []
