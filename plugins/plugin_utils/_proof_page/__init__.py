# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proof as one HTML page that needs nothing else: it opens from a disk, prints, and is read on a phone."""

from __future__ import annotations

from .page import render

__all__ = ["render"]
