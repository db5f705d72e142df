# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the variables that somebody has set for roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleUndefinedVariable
from ansible_collections.stackwright.nova.plugins.plugin_utils._role_variables import wrong_variables

ROLES = Path(__file__).parents[3] / "roles"


def template(value: Any) -> Any:
    """Render the one template that the tests have."""
    if value == "{{ unknown }}":
        raise AnsibleUndefinedVariable("'unknown' is undefined")
    return value


@pytest.mark.parametrize(
    ("variables", "wrong"),
    [
        ({}, []),
        ({"compute_virt_type": "kvm", "compute_ssh_port": "22"}, []),
        (
            {"compute_virt_type": "kvmm"},
            ["value of compute_virt_type must be one of: auto, kvm, qemu, got: kvmm"],
        ),
        ({"compute_virt_type": "{{ unknown }}"}, []),
        (
            {"compute_virt_type": "kvmm", "compute_cpu_mode": "{{ unknown }}", "other": []},
            ["compute_virt_type"],
        ),
        (
            {"compute_virt_type": "kvmm", "compute_ssh_port": "many"},
            ["compute_virt_type", "compute_ssh_port"],
        ),
        ({"cloud_database_port": "many"}, ["cloud_database_port"]),
        ({"neutron_provider_interface": {}}, []),
    ],
)
def test_what_is_wrong_is_said(variables: dict[str, Any], wrong: list[str]) -> None:
    said = wrong_variables([ROLES / "cloud", ROLES / "compute"], variables, template)
    assert len(said) == len(wrong)
    assert all(any(each in one for one in said) for each in wrong)


def test_defaults_are_not_rendered() -> None:
    defaults = yaml.safe_load((ROLES / "cloud/defaults/main.yml").read_text())

    def refuse(value: Any) -> Any:
        raise AssertionError(f"{value} was rendered")

    assert wrong_variables([ROLES / "cloud"], defaults, refuse) == []


@pytest.mark.parametrize("value", ["do not show", ["do not show"]])
def test_a_secret_of_the_wrong_type_is_not_shown(value: Any) -> None:
    (said,) = wrong_variables([ROLES / "cloud"], {"cloud_auth": value}, template)
    assert "cloud_auth" in said
    assert "do not show" not in said
