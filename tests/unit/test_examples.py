# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation is run as far as it can be without hosts.

Ansible reads all playbooks and inventories, and its validator all variables and parameters. Of commands those that need
nothing but the checkout are run; the others go to the program that takes them, as far as it only reads them.
"""

from __future__ import annotations

import argparse
import configparser
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pages
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from docsite import guides
from seeds.guides import RELEASES, load
from testhosts import cli

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
TEXTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
]
TEXTS += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("roles/*/README.md"))
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
SOURCES = guides.Sources(yaml.safe_load(guides.ANSWERS.read_text()), load("deviations"), load("options"), {})
GUIDES = {f"guides/{release}.md": guides.page(release, SOURCES) for release in RELEASES}
EXAMPLES = [
    example
    for page, text in {**{page: (ROOT / page).read_text() for page in TEXTS}, **GUIDES}.items()
    for example in pages.examples(page, text)
]
# Commands that stand within a line.
INLINE = re.compile(r"`(ansible-playbook [^`]+)`")
# Tests of real clouds, which give the commands of OpenStack's client that the pages show.
REAL = [*ROOT.glob("molecule/**/*.py"), *ROOT.glob("molecule/**/*.yml"), *ROOT.glob("measure/moves/*.py")]
REAL += [*ROOT.glob("inventories/**/*.yml"), ROOT / "Makefile"]
HOSTS = "[controller]\ncontroller1\n[compute]\ncompute1\ncompute2\ncompute3\n"


def of(*languages: str) -> list[Any]:
    return [
        pytest.param(example, id=f"{example.page}:{example.line}")
        for example in EXAMPLES
        if example.language in languages
    ]


def ansible(program: str, *arguments: str | Path, where: Path = ROOT, collections: Path | None = None) -> str:
    """What a program of Ansible prints; it must end well and warn of nothing."""
    environment = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "PATH": "/usr/bin:/bin", "HOME": str(where)}
    if collections:
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return done.stdout


# --- Playbooks, inventories and variables -----------------------------------------------------------------------------


def kind(example: pages.Example) -> str:
    """What a block of YAML or INI is."""
    if example.language == "ini":
        return "configuration" if example.text.startswith("[defaults]") else "inventory"
    data = yaml.safe_load(example.text)
    if isinstance(data, list):
        return "playbook"
    return "inventory" if "all" in data else "variables"


@cache
def variables() -> dict[str, dict[str, Any]]:
    """What a site may set, with its specification: variables of roles, and those that choose hosts of a playbook."""
    found: dict[str, dict[str, Any]] = {}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            for name, option in entry["options"].items():
                found.setdefault(name, option)
    for path in ROOT.glob("roles/*/defaults/main.yml"):
        for name in yaml.safe_load(path.read_text()) or ():
            found.setdefault(name, {"type": "raw"})
    texts = [path.read_text() for path in (ROOT / "playbooks").glob("*.yml")]
    texts += [path.read_text() for path in ROOT.glob("roles/*/vars/main.yml")]
    texts += [path.read_text() for path in ROOT.glob("roles/*/tasks/*.yml")]
    for name in re.findall(r"\b(?:add|remove|drain)_compute_\w+|\bdrain_\w+", "\n".join(texts)):
        found.setdefault(name, {"type": "raw"})
    return found


def is_template(value: Any) -> bool:
    return "{{" in json.dumps(value)


def assert_variables(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    """These variables exist, and the values that are no templates have their types."""
    own = {name: value for name, value in given.items() if not name.startswith(("ansible_", "vault_"))}
    assert sorted(own.keys() - known.keys()) == []
    plain = {name: value for name, value in own.items() if not is_template(value)}
    validator = ArgumentSpecValidator({name: {**known[name], "required": False} for name in plain})
    assert validator.validate(plain).error_messages == []


def roles_of(play: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The roles of a play with the variables that it gives them."""
    for entry in play.get("roles", ()):
        yield (
            entry["role"],
            {key: value for key, value in entry.items() if key not in ("role", "tags", "when")},
        )
    for task in play.get("tasks", ()):
        for word in ("import_role", "include_role"):
            if f"ansible.builtin.{word}" in task:
                yield task[f"ansible.builtin.{word}"]["name"], task.get("vars", {})


PLAYBOOKS = [example for example in EXAMPLES if example.language == "yaml" and kind(example) == "playbook"]


def test_ansible_reads_the_playbooks(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(HOSTS)
    paths = []
    for example in PLAYBOOKS:
        paths.append(tmp_path / f"{example.page.replace('/', '_')}_line_{example.line}.yml")
        paths[-1].write_text(example.text)
    # One process for all of them: it names the file of what it cannot read.
    ansible("ansible-playbook", "--syntax-check", "-i", tmp_path / "hosts.ini", *paths)


@pytest.mark.parametrize("example", PLAYBOOKS, ids=lambda example: f"{example.page}:{example.line}")
def test_roles_and_modules_take_what_the_playbook_gives_them(example: pages.Example) -> None:
    for play in yaml.safe_load(example.text):
        for role, given in roles_of(play):
            assert (ROOT / "roles" / role.removeprefix("stackwright.nova.")).is_dir()
            assert_variables(given, variables())
        for task in play.get("tasks", ()):
            assert_parameters(task)


@pytest.mark.parametrize("example", [one for one in of("yaml") if kind(one.values[0]) == "variables"])
def test_the_variables_are_the_collections(example: pages.Example) -> None:
    assert_variables(yaml.safe_load(example.text), variables())


@pytest.mark.parametrize("example", [one for one in of("yaml", "ini") if kind(one.values[0]) == "inventory"])
def test_ansible_reads_the_inventory(tmp_path: Path, example: pages.Example) -> None:
    path = tmp_path / f"hosts.{'ini' if example.language == 'ini' else 'yml'}"
    path.write_text(example.text)
    there = json.loads(ansible("ansible-inventory", "-i", path, "--list"))
    hosts = there["_meta"]["hostvars"] or {}
    assert_variables({name: value for one in hosts.values() for name, value in one.items()}, variables())


@cache
def settings() -> set[tuple[str, str]]:
    """Section and key of each setting that ansible.cfg may have: Ansible's own, and those of the callbacks here."""
    names = [f"stackwright.nova.{path.stem}" for path in (ROOT / "plugins/callback").glob("[!_]*.py")]
    callbacks = json.loads(ansible("ansible-doc", "--json", "--type", "callback", *names))
    known = [
        *json.loads(ansible("ansible-config", "list", "--format", "json")).values(),
        *(option for one in callbacks.values() for option in one["doc"]["options"].values()),
    ]
    return {(place["section"], place["key"]) for one in known for place in one.get("ini") or ()}


@pytest.mark.parametrize("example", [one for one in of("ini") if kind(one.values[0]) == "configuration"])
def test_ansible_has_the_settings(example: pages.Example) -> None:
    parser = configparser.ConfigParser()
    parser.read_string(example.text)
    assert {(name, key) for name in parser.sections() for key in parser[name]} <= settings()


# --- Modules ----------------------------------------------------------------------------------------------------------


@cache
def documented() -> dict[str, Any]:
    names = [f"stackwright.nova.{module}" for module in MODULES]
    found: dict[str, Any] = json.loads(ansible("ansible-doc", "--json", "--type", "module", *names))
    return found


def specification(options: Mapping[str, Any]) -> dict[str, Any]:
    """The specification of a module's parameters, from its documentation."""
    keys = ("type", "elements", "choices", "required", "aliases")
    return {
        name: {
            **{key: option[key] for key in keys if key in option},
            **({"options": specification(option["suboptions"])} if "suboptions" in option else {}),
        }
        for name, option in options.items()
    }


def is_typed_template(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{{")


def assert_parameters(task: Mapping[str, Any]) -> None:
    """The parameters of a task of this collection are those of its module, with their types."""
    for name, given in task.items():
        if name.startswith("stackwright.nova."):
            spec = specification(documented()[name]["doc"].get("options", {}))
            errors = ArgumentSpecValidator(spec).validate(relaxed(given or {}, spec)).error_messages
            assert errors == [], task["name"]


def relaxed(value: Any, spec: Mapping[str, Any]) -> Any:
    """Parameters with something of the right type in place of each template."""
    if not isinstance(value, dict):
        return value
    return {key: _relaxed(item, spec.get(key, {})) for key, item in value.items()}


def _relaxed(item: Any, option: Mapping[str, Any]) -> Any:
    if is_typed_template(item):
        return EMPTY.get(option.get("type", "str"), item)
    if isinstance(item, list):
        return [relaxed(one, option.get("options", {})) for one in item]
    return relaxed(item, option.get("options", {}))


EMPTY: dict[str, Any] = {"list": [], "dict": {}, "bool": True, "int": 1, "float": 1.0}


def test_ansible_reads_the_examples_of_all_modules(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(HOSTS)
    playbooks = []
    for module in MODULES:
        tasks = yaml.safe_load(documented()[f"stackwright.nova.{module}"]["examples"])
        assert tasks, module
        plays = tasks if "hosts" in tasks[0] else [{"name": module, "hosts": "controller", "tasks": tasks}]
        playbooks.append(tmp_path / f"{module}.yml")
        playbooks[-1].write_text(yaml.safe_dump(plays))
        for play in plays:
            for task in play["tasks"]:
                assert_parameters(task)
    ansible("ansible-playbook", "--syntax-check", "-i", tmp_path / "hosts.ini", *playbooks)


# --- Commands ---------------------------------------------------------------------------------------------------------


def commands() -> list[Any]:
    """The commands of all pages."""
    found: dict[str, str] = {}
    for example in EXAMPLES:
        if example.language == "console":
            for line in example.text.splitlines():
                if line.startswith(("$ ", "# ")):
                    found.setdefault(line[2:], f"{example.page}:{example.line}")
    for page in TEXTS:
        for command in INLINE.findall((ROOT / page).read_text()):
            found.setdefault(command, page)
    return [pytest.param(command, id=f"{place} {command[:60]}") for command, place in found.items()]


@pytest.mark.parametrize("command", commands())
def test_the_command_is_one(tmp_path: Path, command: str) -> None:
    assert_command(shlex.split(command, comments=True), tmp_path)


def assert_command(words: list[str], where: Path) -> None:
    while words[0] in ("sudo", "env") or re.fullmatch(r"[A-Z]+=.*", words[0]):
        words = words[1:]
    program = words[0].removeprefix(".venv/bin/")
    judge = JUDGES.get(Path(program).name)
    assert judge is not None, f"No test knows the program {program}."
    judge(words[1:], where)


def judge_playbook(words: list[str], where: Path) -> None:
    """The collection has the playbook, its variables and its tags; the test below has Ansible read it."""
    call = Call.of(words)
    assert (ROOT / f"playbooks/{call.playbook.removeprefix('stackwright.nova.')}.yml").exists()
    assert_variables(call.variables, variables())
    texts = "".join(path.read_text() for path in (ROOT / "playbooks").glob("*.yml"))
    assert [tag for tag in call.tags if not re.search(rf"tags: \[[^]]*\b{tag}\b", texts)] == []


class Call(NamedTuple):
    """A call of ansible-playbook."""

    playbook: str
    inventory: str
    variables: dict[str, Any]
    tags: list[str]

    @classmethod
    def of(cls, words: list[str]) -> Call:
        parser = argparse.ArgumentParser()
        parser.add_argument("playbook")
        parser.add_argument("-i", default="hosts.ini")
        parser.add_argument("-e", action="append", default=[])
        parser.add_argument("--tags", default="")
        for flag in ("--check", "--diff"):
            parser.add_argument(flag, action="store_true")
        found = parser.parse_args(words)
        given: dict[str, Any] = {}
        for text in found.e:
            given |= json.loads(text) if text.startswith("{") else dict([text.split("=", 1)])
        return cls(found.playbook, found.i, given, [tag for tag in found.tags.split(",") if tag])


def calls() -> dict[tuple[str, ...], set[str]]:
    """The playbooks that the pages call, by the names of groups that they are given."""
    found: dict[tuple[str, ...], set[str]] = {}
    for parameter in commands():
        words = [word for word in shlex.split(parameter.values[0], comments=True) if word != "sudo"]
        if words[0].endswith("ansible-playbook"):
            call = Call.of(words[1:])
            groups = [
                f"-e{name}={value}" for name, value in call.variables.items() if name.endswith("_group")
            ]
            found.setdefault((call.inventory if groups else "hosts.ini", *groups), set()).add(call.playbook)
    return found


@pytest.mark.parametrize(
    ("key", "playbooks"), [pytest.param(*call, id=" ".join(call[0])) for call in calls().items()]
)
def test_ansible_reads_the_playbooks_that_are_called(
    tmp_path: Path, key: tuple[str, ...], playbooks: set[str]
) -> None:
    inventory, *groups = key
    (tmp_path / inventory).write_text(shown(inventory))
    ansible("ansible-playbook", "--syntax-check", "-i", tmp_path / inventory, *groups, *sorted(playbooks))


def shown(inventory: str) -> str:
    """The inventory that a page shows under this name."""
    return next(example.text for example in EXAMPLES if example.text.startswith(f"# {inventory}\n"))


def test_an_inventory_that_a_command_names_is_shown() -> None:
    named = {match for parameter in commands() for match in re.findall(r" -i (\S+)", parameter.values[0])}
    assert [name for name in named if not shown(name)] == []


def judge_make(words: list[str], where: Path) -> None:
    done = subprocess.run(
        ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def judge_hosts(words: list[str], where: Path) -> None:
    options = cli._parser().parse_args(words)
    if getattr(options, "command", None):
        assert_command(options.command, where)


def judge_ssh(words: list[str], where: Path) -> None:
    if words[1:]:
        assert_command(words[1:], where)


def judge_openstack(words: list[str], where: Path) -> None:
    """A test of a real cloud gives the same command."""
    while words[0].startswith("--"):
        words = words[2:]
    verbs = []
    for word in words:
        if word.startswith("-") or not word.isalpha() or len(verbs) == 4:
            break
        verbs.append(word)
    texts = "\n".join(path.read_text() for path in REAL)
    spoken = re.sub(r"[\"',\s]+", " ", texts)
    given = any(f" {' '.join(verbs[:count])} " in spoken for count in range(len(verbs), 1, -1))
    # Some ask the API itself, by the action's name.
    assert given or f'"{verbs[-1]}": {{' in texts, verbs


def judge_molecule(words: list[str], where: Path) -> None:
    from molecule.shell import main

    assert words[0] in main.commands
    for flag, value in zip(words, words[1:]):
        if flag == "-s":
            assert (ROOT / f"molecule/{value}/molecule.yml").exists()


def judge_galaxy(words: list[str], where: Path) -> None:
    """The collection is built and installed for real, elsewhere."""
    if words[1] == "build":
        ansible("ansible-galaxy", *words, ROOT, "--output-path", where)
        assert list(where.glob("stackwright-nova-*.tar.gz"))
    elif "*" not in words[-1]:
        # From Galaxy, where the collection has this name.
        galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
        assert words == ["collection", "install", f"{galaxy['namespace']}.{galaxy['name']}"]
    else:
        judge_galaxy(["collection", "build"], where)
        (tarball,) = where.glob(words[-1])
        ansible("ansible-galaxy", *words[:-1], tarball, collections=where / "collections")
        assert (where / "collections/ansible_collections/stackwright/nova/playbooks/site.yml").exists()


def judge_pip(words: list[str], where: Path) -> None:
    """What is installed is what the repository's own environment has."""
    required = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-test.txt").read_text()
    assert [word for word in words[1:] if word not in required.splitlines()] == []


def judge_reader(program: str) -> Any:
    """A program that only reads: it is run."""
    return lambda words, where: ansible(program, *words)


def judge_variable(words: list[str], where: Path) -> None:
    name, value = words[0].split("=")
    assert name == "OS_CLOUD"
    assert (
        value
        == yaml.safe_load((ROOT / "roles/keystone/defaults/main.yml").read_text())["keystone_client_cloud"]
    )


def judge_python(words: list[str], where: Path) -> None:
    assert words[:2] == ["-m", "venv"]


JUDGES = {
    "ansible-playbook": judge_playbook,
    "ansible-inventory": judge_reader("ansible-inventory"),
    "ansible-doc": judge_reader("ansible-doc"),
    "ansible-galaxy": judge_galaxy,
    "export": judge_variable,
    "hosts": judge_hosts,
    "make": judge_make,
    "molecule": judge_molecule,
    "openstack": judge_openstack,
    "pip": judge_pip,
    "python3": judge_python,
    "ssh": judge_ssh,
}


# --- The rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", of(*({one.language for one in EXAMPLES} - {"yaml", "ini", "console"})))
def test_no_other_block_is_an_example(example: pages.Example) -> None:
    """Pictures in text and what programs print need no run; a language would."""
    assert example.language == ""
    assert not re.search(r"^\s*[$#] ", example.text, re.MULTILINE)
