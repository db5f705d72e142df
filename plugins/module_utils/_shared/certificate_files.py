# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of certificates and keys: those of the host, and those that a task names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from .._engine.errors import CollectionError, UnreachableError
from .._engine.files import Attributes, LocalFiles, StoredFile
from .._engine.plan import Step
from .._formats import x509

PARTS = ("ca", "certificate", "private_key")
"""What a site's certificate consists of."""

PUBLIC, SECRET, SHARED = 0o644, 0o600, 0o640
"""Modes of what all may read, of root's own keys, and of those that a group reads."""

_FOLDER, _PRIVATE_FOLDER = 0o755, 0o700

ISSUING_ARGUMENTS: dict[str, Any] = {
    "authority_directory": {"type": "path"},
    "authority_name": {"type": "str", "default": "stackwright.nova"},
    "days": {"type": "int", "default": 825},
    "renew_days": {"type": "int", "default": 90},
    # These two come from the action plugin.
    "authority": {
        "type": "dict",
        "options": {"certificate": {"type": "str"}, "revoked": {"type": "str"}},
    },
    "issued": {"type": "str", "default": ""},
}
"""Arguments of each module whose certificates the cloud's own authority may issue."""

OF_THE_CONTROL_NODE = ("state", "unit", "authority_directory", "authority_name", "days")
"""Those, and others, that the action plugin keeps."""


def trust_of(authority: Mapping[str, str | None] | None) -> x509.Trust:
    """What the argument ``authority`` says, as whom the host believes."""
    return x509.Trust(*(str((authority or {}).get(name) or "") for name in ("certificate", "revoked")))


def named(files: Mapping[str, str | None]) -> dict[str, str]:
    """The paths of a site's certificate. CollectionError where only some of its parts are named."""
    given = {name: path for name, path in files.items() if path}
    missing = [name for name in PARTS if name not in given]
    if given and missing:
        raise CollectionError(
            "use",
            "certificate",
            ", ".join(given.values()),
            f"{', '.join(missing)} is not named",
            f"Name all of {', '.join(PARTS)}, or none of them",
            code="arguments",
        )
    return given


class CertificateFiles(Protocol):
    """Writes certificates and keys; ``LocalCertificateFiles`` is the real one."""

    def write(self, path: str, text: str, mode: int, group: str) -> None:
        """Replace (or create) a file of root's at once, and its folders if there are none."""

    def create_key(self, path: str) -> None:
        """Make a private key of the kind that certificates are issued for."""

    def remove(self, path: str) -> None:
        """Remove a file."""


Files = TypeVar("Files", bound=CertificateFiles)


def write_step(path: str, text: str, mode: int, group: str) -> Step[Files]:
    """The step that replaces (or creates) a file of root's."""
    return Step[Files](f"write {path}", lambda files: files.write(path, text, mode, group))


def create_key_step(path: str) -> Step[Files]:
    """The step that makes a private key, for which a certificate is then asked."""
    return Step[Files](
        f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {path}",
        lambda files: files.create_key(path),
    )


def remove_step(path: str) -> Step[Files]:
    """The step that removes a file."""
    return Step[Files](f"rm {path}", lambda files: files.remove(path))


def refuse_unreadable() -> None:
    """UnreachableError where the host lacks what certificates and keys are read with."""
    if not x509.IS_USABLE:
        raise UnreachableError(
            "read",
            "certificates",
            "",
            "Python's cryptography is not installed on the host",
            "Install python3-cryptography, which comes with OpenStack's services",
        )


def _folder_mode(folder: str, mode: int) -> int:
    """The mode of a folder that is made: one for private keys of root's own is closed to all others."""
    return _PRIVATE_FOLDER if folder.endswith("/private") and mode == SECRET else _FOLDER


class LocalCertificateFiles:
    """CertificateFiles of the host that the module runs on; ``root`` is where its files begin."""

    def __init__(self, root: str = "/") -> None:
        self._root = root
        self._files = LocalFiles()

    def write(self, path: str, text: str, mode: int, group: str) -> None:
        """See ``CertificateFiles``."""
        target = self._path(path)
        folder = os.path.dirname(target)
        os.makedirs(folder, _folder_mode(folder, mode), exist_ok=True)
        self._files.write(target, text, Attributes("root", group, mode), mode=mode, backup=False)

    def create_key(self, path: str) -> None:
        """See ``CertificateFiles``."""
        self.write(path, x509.new_key(), SECRET, "root")

    def remove(self, path: str) -> None:
        """See ``CertificateFiles``."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(path))

    def _given(self, path: str) -> str:
        """The text of a file that a task names."""
        stored = self._stored(path)
        if stored is None:
            raise CollectionError(
                "read",
                "file",
                path,
                "there is no such file on this host",
                "Put it there first, or say that it is on the control node where that can be said",
                code="not_found",
            )
        return stored.text

    def _stored(self, path: str) -> StoredFile | None:
        return self._files.read(self._path(path))

    def _text(self, path: str) -> str:
        """The text of a file, "" where there is none."""
        stored = self._stored(path)
        return stored.text if stored else ""

    def _path(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip("/"))
