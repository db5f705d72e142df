# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact import guest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import GuestTrial

PROGRAM = "/usr/bin/qemu-system-x86_64"


def booted(output: Output | Exception, architecture: str = "x86_64") -> tuple[GuestTrial, mock.Mock]:
    with (
        mock.patch.object(guest.shutil, "which", return_value=PROGRAM),
        mock.patch.object(guest, "run_command", side_effect=[output]) as run,
    ):
        return guest.boot_guest(architecture, 10), run


def test_a_guest_that_speaks_lives() -> None:
    done, run = booted(Output(1, "SeaBIOS\r\nguest lives\r\n", ""))
    assert done == GuestTrial(True)
    argv = run.call_args.args[0]
    assert argv[:5] == [PROGRAM, "-accel", "kvm", "-cpu", "host"]
    assert run.call_args.kwargs == {"timeout": 10}
    assert not Path(argv[-1].partition("file=")[2]).exists()


def test_arm64_has_a_board_and_a_kernel() -> None:
    _guest, run = booted(Output(0, "guest lives\n", ""), "aarch64")
    assert run.call_args.args[0][-4:-1] == ["-machine", "virt,gic-version=max", "-kernel"]


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (
            Output(-6, "", "qemu: warning: no feature\nqemu: error: failed to set MSR 0x10a to 0x69\nmore\n"),
            "qemu: error: failed to set MSR 0x10a to 0x69",
        ),
        (Output(3, "", ""), "it ended with status 3 and said nothing"),
        (
            CollectionError("run", "command", "qemu", "slow", "wait", code="timeout"),
            "it was still silent after 10 seconds",
        ),
    ],
)
def test_a_guest_that_does_not_is_explained(output: Output | Exception, problem: str) -> None:
    assert booted(output)[0] == GuestTrial(False, problem)


def test_other_errors_are_not_the_guests() -> None:
    with pytest.raises(CollectionError, match="Cannot run"):
        booted(CollectionError("run", "command", "qemu", "Permission denied", "Run as root"))


def test_architectures_without_a_guest() -> None:
    done = guest.boot_guest("ppc64le", 10)
    assert (done.succeeded, done.started, done.problem) == (
        False,
        False,
        "there is no throwaway guest for ppc64le",
    )


def test_a_missing_program() -> None:
    with mock.patch.object(guest.shutil, "which", return_value=None):
        trial = guest.boot_guest("x86_64", 10)
    assert (trial.succeeded, trial.started) == (False, False)
    assert trial.problem == "qemu-system-x86_64 is not installed yet"
    assert (trial.missing_program, trial.missing_package) == ("qemu-system-x86_64", "qemu-system-x86")
