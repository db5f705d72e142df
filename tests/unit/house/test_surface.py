# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users may rely on is drawn once, in the modules' own documentation; everything else follows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
LOGIN = "stackwright.nova.openstack"
INTERNAL = "stackwright.nova.internal"


def documentation(path: Path) -> dict[str, Any]:
    """A module's DOCUMENTATION, before its fragments are added."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return found
    raise AssertionError(f"{path} has no DOCUMENTATION")


def fragments(module: dict[str, Any]) -> list[str]:
    """The documentation fragments that a module extends; one of them may be written without a list."""
    names = module.get("extends_documentation_fragment", [])
    return [names] if isinstance(names, str) else names


MODULES = {path.stem: documentation(path) for path in sorted((ROOT / "plugins/modules").glob("*.py"))}

PUBLIC = {name for name, module in MODULES.items() if INTERNAL not in fragments(module)}


def test_a_public_module_tells_nobody_to_use_an_internal_one() -> None:
    leads = {name: {entry.get("module", "") for entry in MODULES[name].get("seealso", [])} for name in PUBLIC}
    internal = {f"stackwright.nova.{name}" for name in MODULES.keys() - PUBLIC}
    assert {name: sorted(modules & internal) for name, modules in leads.items() if modules & internal} == {}


# No module of Ansible or another collection does any of what these do.
WITHOUT_STOCK = {"cell_v2", "cloud_proof", "hw_accel_fact", "nova_service_info"}


def test_a_public_module_says_what_it_does_beyond_the_stock_one() -> None:
    def compared(module: dict[str, Any]) -> bool:
        names = [
            entry.get("module") or entry.get("plugin", "")
            for entry in module.get("seealso", [])
            if entry.get("description")
        ]
        return any(not name.startswith("stackwright.") for name in names)

    assert {name for name in PUBLIC if not compared(MODULES[name])} == WITHOUT_STOCK


def test_the_action_group_has_the_modules_that_take_the_login() -> None:
    """``module_defaults`` of the group set ``auth``: any other module would refuse it, or take it for its own."""
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    assert groups == {"api": [name for name, module in MODULES.items() if LOGIN in fragments(module)]}


def test_the_readme_names_the_public_filters() -> None:
    found = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "plugins/filter").glob("*.yml")}
    public = {name for name, entry in found.items() if INTERNAL not in fragments(entry["DOCUMENTATION"])}
    named = re.search(r"^Filters: (.+?)\. ", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert named
    assert set(re.findall(r"`(\w+)`", named[1])) == public


def test_a_role_is_internal_if_the_readme_does_not_name_it() -> None:
    """In its README's first line, and in what ``ansible-doc`` shows of it."""
    readme = (ROOT / "README.md").read_text()
    for role in sorted((ROOT / "roles").iterdir()):
        internal = f"/roles/{role.name}/README.md" not in readme
        specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
        assert (role / "README.md").read_text().split("\n")[2].startswith("Internal: ") == internal, role.name
        said = {entry["short_description"].startswith("Internal: ") for entry in specs.values()}
        assert said == {internal}, role.name
