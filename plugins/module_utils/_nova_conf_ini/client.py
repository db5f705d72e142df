# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option catalogue of the service that is installed on this host, kept until a package changes."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import sys
import tempfile
from importlib import metadata
from typing import Any

from .._engine.errors import CollectionError, UnreachableError
from .._engine.process import run_command
from .._shared.services import SERVICES
from . import harvest

_CACHE_OF_ROOT = "/var/cache/stackwright-nova"


class InstalledCatalogues:
    """Reads option catalogues with the Python that runs this module, which on a Debian host also runs the services."""

    def __init__(self, cache: str = "") -> None:
        self._cache = cache or _cache_directory()
        self._unkept: dict[str, tuple[str, str]] = {}

    def version(self, service: str) -> str:
        """The installed version of a service; "" when it is not installed."""
        try:
            return metadata.version(SERVICES[service].distribution)
        except metadata.PackageNotFoundError:
            return ""

    def catalogue(self, service: str) -> dict[str, Any]:
        """The plain catalogue of an installed service. Raises UnreachableError when it is not installed."""
        if not self.version(service):
            package = SERVICES[service].package
            raise UnreachableError(
                "check",
                "options of",
                service,
                f"the package {package} is not installed, so its options are not known",
                f"Install {package} first, or name the release whose options count",
                package=package,
            )
        path = self._path(service)
        with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
            kept: dict[str, Any] = json.load(file)
            return kept
        text = _harvested(service)
        self._unkept[service] = (path, text)
        read: dict[str, Any] = json.loads(text)
        return read

    def keep(self) -> None:
        """Write what was read to the cache; where that cannot be written, the next run reads again."""
        while self._unkept:
            service, (path, text) = self._unkept.popitem()
            with contextlib.suppress(OSError):
                self._save(service, path, text)

    def _save(self, service: str, path: str, text: str) -> None:
        os.makedirs(self._cache, mode=0o755, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._cache)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(draft, path)
        for name in os.listdir(self._cache):
            if name.startswith(f"options-{service}-") and name != os.path.basename(path):
                os.unlink(os.path.join(self._cache, name))

    def _path(self, service: str) -> str:
        return os.path.join(self._cache, f"options-{service}-{_fingerprint(service)}.json")


def _harvested(service: str) -> str:
    arguments = json.dumps(SERVICES[service].harvest_arguments())
    output = run_command([sys.executable, "-", arguments], stdin=inspect.getsource(harvest), timeout=300)
    failed = output.stderr.strip().splitlines()[-1:]
    if not output.code:
        problems = json.loads(output.stdout)["problems"]
        failed = [f"{namespace}: {problem}" for namespace, problem, own in problems if own]
    if output.code or failed:
        raise CollectionError(
            "read",
            "options of",
            service,
            "the modules that declare them could not be loaded: " + "; ".join(failed),
            "Repair the installed packages, or do not validate",
            code="harvest",
            stderr=output.stderr,
        )
    return output.stdout


def _fingerprint(service: str) -> str:
    """Changes with every installed, updated or removed Python package and with this collection's reader."""
    seen = hashlib.sha256(inspect.getsource(harvest).encode())
    seen.update(repr(SERVICES[service].harvest_arguments()).encode() + sys.version.encode())
    for folder in sys.path:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(("-info", ".egg-link")):
                    seen.update(f"{folder} {entry.name} {entry.stat().st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def _cache_directory() -> str:
    if os.geteuid() == 0:
        return _CACHE_OF_ROOT
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "stackwright-nova")
