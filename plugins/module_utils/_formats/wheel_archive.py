# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive in which the wheels of a release go from the host that builds them to the others."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from .._engine.errors import CollectionError

LOCK_DIGEST = "lock"
"""The digest of the lock that it was made from."""

REQUIREMENTS = "requirements.txt"
"""Each wheel with the hash that it has now, for those who install from it."""

WHEELS = "wheels"
"""The folder of the wheels."""


def pack(folder: Path, archive: str) -> None:
    """Make an archive of the three in ``folder``, which is on the same file system; there is never half of one."""
    draft = folder / "archive.tar"
    with tarfile.open(draft, "w") as tar:
        for name in (LOCK_DIGEST, REQUIREMENTS, WHEELS):
            tar.add(folder / name, name)
    draft.chmod(0o644)
    os.replace(draft, archive)


def require_lock(archive: str, digest: str, release: str) -> None:
    """Raise CollectionError unless the archive is whole and was made from the lock with this digest."""
    try:
        with tarfile.open(archive) as tar:
            member = tar.extractfile(LOCK_DIGEST)
            found = member.read().decode().strip() if member else ""
        cause = "" if found == digest else "the archive has the wheels of another lock"
    except (KeyError, tarfile.TarError) as error:
        cause = f"the archive is not whole ({error})"
    if cause:
        raise CollectionError(
            "install",
            "release",
            release,
            cause,
            "Delete it on the control node (cloud_wheelhouse), and run again to rebuild it",
            code="lock",
        )
