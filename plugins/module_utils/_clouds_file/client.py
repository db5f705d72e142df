# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds.yaml of a host, read and written with PyYAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._engine.errors import CollectionError, UnreachableError
from .._engine.files import KEEP, LocalFiles, make_folder
from .state import State


class CloudsFiles:
    """Files of this host that have clouds in them."""

    def read(self, path: str) -> State:
        """The file. Raises UnreachableError where there is no PyYAML, CollectionError where it is no clouds.yaml."""
        yaml = _yaml()
        stored = LocalFiles().read(path)
        if stored is None:
            return State()
        try:
            document = yaml.safe_load(stored.text)
        except yaml.YAMLError as error:
            # What the parser says quotes the file, and with it passwords.
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark else "it"
            raise _refused(path, f"{place} is no YAML") from None
        document = {} if document is None else document
        if not isinstance(document, dict):
            raise _refused(path, "it holds no dictionary")
        clouds = document.get("clouds")
        if clouds is not None and not isinstance(clouds, dict):
            raise _refused(path, "its clouds are no dictionary")
        return State(document, stored.mode)

    def write(self, path: str, document: Mapping[str, Any], mode: int) -> None:
        """Replace the file at once, and make its folder if only that is missing."""
        make_folder(path)
        text = _yaml().safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
        LocalFiles().write(path, text, KEEP, mode=mode, backup=False)


def _refused(path: str, cause: str) -> CollectionError:
    return CollectionError("read", "file", path, cause, "Correct it; it was left as it is", code="unreadable")


def _yaml() -> Any:
    try:
        import yaml
    except ImportError as error:
        raise UnreachableError(
            "use", "Python library", "yaml", f"it cannot be imported ({error})", "Install python3-yaml"
        ) from error
    return yaml
