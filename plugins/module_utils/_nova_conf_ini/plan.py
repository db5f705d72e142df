# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options that are asked for to the files from which oslo.config reads exactly them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Callable

from .._engine.errors import CollectionError
from .._engine.files import FileStore
from .._engine.plan import Plan, Stage, Step
from .._shared.services import series
from .check import Finding
from .edit import EditedFile, Editor, parsed
from .parameters import Desired
from .state import State


def plan(
    desired: Desired, current: State, learn_secret: Callable[[str], None] = lambda secret: None
) -> Plan[FileStore]:
    """The lines to change in each file.

    Raises a CollectionError with everything that is wrong with the options of any file. Before, all secrets
    among the options that are asked for, and in the files, go to ``learn_secret``.
    """
    editors = _editors(desired, current)
    for editor in editors:
        for secret in editor.secrets():
            learn_secret(secret)
    # First, in all files, what decides which other sections and options there are.
    for editor in editors:
        editor.set_deciding_options()
    for editor in editors:
        editor.set_other_options()
    findings = [(editor.path, editor.findings()) for editor in editors]
    if any(found for _path, found in findings):
        raise _refusal(findings, desired.as_list)
    files = tuple(editor.edited() for editor in editors)
    warnings = [
        f"{editor.path}: {warning}" if desired.as_list else warning
        for editor in editors
        for warning in editor.warnings
    ]
    if current.catalogue and desired.validate != "off":
        for namespace, problem in current.catalogue.problems.items():
            warnings.append(f"The options of {namespace} could not be read: {problem}.")
    bare = Plan(
        stages=tuple(_write(file, desired.backup) for file in files if file.commands),
        warnings=tuple(dict.fromkeys(warnings)),
        unmet=current.unmet,
    )
    release = _release(desired, current)
    return _of_list(bare, files, release) if desired.as_list else _of_one_file(bare, files[0], release)


def _of_one_file(bare: Plan[FileStore], file: EditedFile, release: str) -> Plan[FileStore]:
    return replace(
        bare,
        before=file.before,
        after=file.after,
        result={"path": file.path, "options_changed": list(file.options_changed), "release": release},
    )


def _of_list(bare: Plan[FileStore], files: Sequence[EditedFile], release: str) -> Plan[FileStore]:
    return replace(
        bare,
        diffs=tuple(_diff(file) for file in files if file.options_changed),
        result={
            "files": [file.as_dict() for file in files],
            "paths_changed": [stage.subject for stage in bare.stages],
            "release": release,
        },
    )


def _editors(desired: Desired, current: State) -> list[Editor]:
    """One for each file. Where one file is read with another, both see what the other becomes."""
    paths = [path for file in desired.files for path in (file.path, *file.other_files)]
    texts = {path: current.files[path].text for path in paths if path in current.files}
    trees = {path: parsed(path, texts.get(path, "")) for path in dict.fromkeys(paths)}
    return [Editor(desired, file, current, trees) for file in desired.files]


def _write(file: EditedFile, backup: bool) -> Stage[FileStore]:
    """Replace the file at once: a separate stage, whose subject is its path."""
    step = Step[FileStore](
        file.commands[0],
        lambda files: files.write(file.path, file.text, file.attributes, mode=file.mode, backup=backup),
        further_commands=tuple(file.commands[1:]),
    )
    return Stage((step,), subject=file.path)


def _diff(file: EditedFile) -> Mapping[str, str]:
    return {
        "before_header": file.path,
        "after_header": file.path,
        "before": file.before,
        "after": file.after,
    }


def _refusal(findings: Sequence[tuple[str, Sequence[Finding]]], as_list: bool) -> CollectionError:
    """All findings as one error; where the task has a list of files, each with its file."""
    wrong = [(path, finding) for path, found in findings for finding in found]
    return CollectionError(
        "write",
        "configuration",
        ", ".join(dict.fromkeys(path for path, _finding in wrong)),
        "; ".join(f"{path}: {finding.message}" if as_list else finding.message for path, finding in wrong),
        f"Correct the task; {'all files were left as they are' if as_list else 'the file was left as it is'}",
        code="invalid_options",
        findings=[{**({"file": path} if as_list else {}), **finding.as_dict()} for path, finding in wrong],
    )


def _release(desired: Desired, current: State) -> str:
    if current.catalogue is None:
        return ""
    version = current.catalogue.version
    return series(desired.service, version) or version
