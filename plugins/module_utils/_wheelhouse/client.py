# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``wheelhouse`` needs of a host that builds: pip, which checks the hashes of all that it downloads."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .._engine.errors import CollectionError
from .._engine.process import last_words, run_command
from .._formats.wheel_archive import LOCK_DIGEST, REQUIREMENTS, WHEELS, pack
from .parameters import Desired


class Pip:
    """The pip that belongs to a Python of this host, in an environment that is gone afterwards."""

    def read(self, desired: Desired) -> bool:
        """Whether the archive is there; it takes its name when it is whole."""
        return os.path.isfile(desired.archive)

    def build(self, desired: Desired) -> None:
        """Build them all. Raises CollectionError with what pip said."""
        os.makedirs(desired.folder, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=desired.folder, prefix=".draft-") as draft:
            place = Path(draft)
            (place / "lock.txt").write_text(desired.lock)
            (place / "builders.txt").write_text(desired.builders)
            self._run(desired, [desired.python, "-m", "venv", f"{draft}/builder"])
            pip = [f"{draft}/builder/bin/python", "-m", "pip"]
            index = ["--index-url", desired.index_url] if desired.index_url else []
            hashed = ["--quiet", "--no-deps", "--require-hashes", *index]
            self._run(desired, [*pip, "install", *hashed, "--requirement", f"{draft}/builders.txt"])
            argv = [*pip, "wheel", *hashed, "--no-build-isolation", "--wheel-dir", f"{draft}/{WHEELS}"]
            self._run(desired, [*argv, "--requirement", f"{draft}/lock.txt"])
            (place / REQUIREMENTS).write_text(requirements(sorted((place / WHEELS).iterdir())))
            (place / LOCK_DIGEST).write_text(desired.digest + "\n")
            pack(place, desired.archive)

    def _run(self, desired: Desired, argv: Sequence[str]) -> None:
        plain = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
        output = run_command(argv, environment={**plain, **desired.environment})
        if output.code:
            errors = [line for line in output.stderr.splitlines() if line.startswith(("ERROR:", "error:"))]
            raise CollectionError(
                "build",
                "wheels with",
                desired.python,
                "; ".join(errors) or last_words(output.stderr, output.stdout),
                "See stderr; set cloud_index_url and cloud_index_environment if the index is not reached, or give the "
                "hosts wheels that were built elsewhere (cloud_wheelhouse)",
                code="build",
                stderr=output.stderr[-8000:],
                command=" ".join(argv),
            )


def requirements(wheels: Sequence[Path]) -> str:
    """Name, version and hash of each wheel."""
    lines = []
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return "\n".join(lines) + "\n"
