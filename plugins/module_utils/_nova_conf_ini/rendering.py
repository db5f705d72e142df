# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file as people may see it: without its secrets, but with every line that changed."""

from __future__ import annotations

from collections.abc import Callable

from .._engine.redaction import MASK, Redactor
from .ini import IniFile

_REDACTOR = Redactor()


def masked(secret: str) -> str:
    """A secret value: a URL without its password, anything else not at all."""
    text = _REDACTOR.text(secret) if "://" in secret else MASK
    return text if text != secret or "@" not in text else MASK


def without_secrets(
    file: IniFile, is_secret: Callable[[str, str], bool], former: IniFile | None = None
) -> str:
    """The file's text; a secret that differs from its ``former`` value is marked as changed."""

    def mask(section: str, key: str, text: str) -> str:
        if not is_secret(section, key):
            return _REDACTOR.text(text)
        old = [line.written for line in former.find(section, key)] if former else []
        return masked(text) + (" (changed)" if old and text not in old else "")

    return file.render(mask)
