# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of which family the packages of this host are."""

from __future__ import annotations

import shutil


def is_red_hat() -> bool:
    """Whether they are rpm's. Debian has a dnf, too, and not for its own packages."""
    return bool(shutil.which("dnf")) and not shutil.which("dpkg-query")
