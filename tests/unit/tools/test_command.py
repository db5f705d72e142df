"""Failures of other programs become the errors of this project."""

import pytest
from testhosts import command
from testhosts.errors import HostsError


def test_an_error_says_what_why_and_what_helps() -> None:
    error = HostsError("start", "host", "compute1", "its container ended.", "See the log.")
    assert str(error) == "Cannot start host compute1: its container ended. See the log."


def test_a_failed_command_is_told_with_its_last_words() -> None:
    with pytest.raises(HostsError) as caught:
        command.run(["sh", "-c", "echo gone wrong >&2; exit 3"], purpose=("make", "thing", "x"))
    assert str(caught.value).startswith(
        "Cannot make thing x: `sh -c echo gone wrong >&2; exit 3` ended with 3: gone wrong."
    )


def test_a_missing_program_is_told() -> None:
    with pytest.raises(
        HostsError, match="Cannot run command no-such-program: no-such-program is not installed"
    ):
        command.run(["no-such-program"])


def test_output_is_returned_and_input_is_not_ours() -> None:
    assert command.run(["cat"]) == ""
    assert command.run(["cat"], stdin="text") == "text"


def test_success_is_a_question() -> None:
    assert command.succeeds(["true"])
    assert not command.succeeds(["false"])
