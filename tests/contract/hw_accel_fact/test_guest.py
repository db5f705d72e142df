# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The throwaway guests on real emulators: without KVM they must live, or the fault would be theirs."""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.guest import (
    MACHINES,
    boot_guest,
)
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import GuestTrial


@pytest.mark.parametrize(("architecture", "cpu"), [("x86_64", "max"), ("aarch64", "cortex-a72")])
def test_the_image_lives_under_emulation(architecture: str, cpu: str) -> None:
    machine = MACHINES[architecture]
    assert shutil.which(machine.programs[0]), f"install {machine.package}: this test boots a guest in it"
    assert boot_guest(architecture, 120, accelerator="tcg", cpu=cpu) == GuestTrial(True)


def test_a_guest_that_never_speaks_is_given_up() -> None:
    machine = MACHINES["x86_64"]
    assert shutil.which(machine.programs[0]), f"install {machine.package}: this test boots a guest in it"
    given_up = boot_guest("x86_64", 0.05, accelerator="tcg", cpu="max")
    assert given_up == GuestTrial(False, "it was still silent after 0.05 seconds")
