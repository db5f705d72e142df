# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role's defaults, argument specification and documents agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[3] / "roles").iterdir() if path.is_dir())
TYPES = {"bool": bool, "int": int, "list": list, "dict": dict, "str": str, "path": str, "float": (int, float)}

pytestmark = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def defaults(role: Path) -> dict:
    return yaml.safe_load((role / "defaults/main.yml").read_text()) or {}


def options(role: Path) -> dict:
    entries = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    names = {"cloud": "description", "service": "steps"}
    return entries[names.get(role.name, "main")]["options"]


def test_every_default_is_specified_and_every_optional_option_has_a_default(role: Path) -> None:
    """Or an example as a comment, where Ansible's own default holds."""
    shown = set(re.findall(r"^# (\w+): ", (role / "defaults/main.yml").read_text(), re.MULTILINE))
    optional = {name for name, spec in options(role).items() if not spec.get("required")}
    assert set(defaults(role)) <= optional <= {*defaults(role), *shown}


def test_secrets_are_kept_out_of_logs(role: Path) -> None:
    secret = {
        name for name in options(role) if name.endswith(("_password", "_secret")) or name == "cloud_auth"
    }
    assert {name for name in secret if not options(role)[name].get("no_log")} == set()


def test_specified_defaults_and_types_are_the_real_ones(role: Path) -> None:
    real = defaults(role)
    for name, spec in options(role).items():
        assert spec["description"]
        value = real.get(name)
        is_template = "{{" in str(value)
        if "default" in spec or (name in real and not is_template):
            assert spec["default"] == value, name
        if name in real and not is_template:
            assert isinstance(value, TYPES[spec["type"]]), name


def test_public_variables_carry_the_name_of_the_role_and_a_comment(role: Path) -> None:
    lines = (role / "defaults/main.yml").read_text().splitlines()
    for name in defaults(role):
        assert name.startswith(f"{role.name}_")
        line = next(index for index, text in enumerate(lines) if text.startswith(f"{name}:"))
        assert lines[line - 1].startswith("#"), f"{name} has no comment"


def test_the_role_has_a_readme_and_its_metadata(role: Path) -> None:
    assert (role / "README.md").read_text().startswith(f"# stackwright.nova.{role.name}\n")
    meta = yaml.safe_load((role / "meta/main.yml").read_text())["galaxy_info"]
    assert meta["license"] == "GPL-3.0-or-later"
    assert meta["description"]
