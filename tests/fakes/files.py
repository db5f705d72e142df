# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling whether a file was written."""

from __future__ import annotations

from pathlib import Path


def stamp(path: Path) -> tuple[int, ...]:
    """What each write changes; reading changes the time of access, which is left out."""
    status = path.stat()
    return (
        status.st_ino,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
