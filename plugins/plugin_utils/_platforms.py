# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's platform calls things, where its packages come from the distribution, and where from PyPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..module_utils._engine.errors import CollectionError
from ..module_utils._shared.services import SERIES, find_series
from ._role_variables import loaded

SOURCES = ("distribution", "virtualenv")
"""Where the services' packages come from, the default first."""

_VIRTUALENV = SOURCES[1]
_RELEASES = "__cloud_releases"


class Refusal(NamedTuple):
    """Why a release cannot be had, and what to do."""

    cause: str
    remedy: str


def platform(directory: Path, name: str, source: str, release: str) -> dict[str, Any]:
    """The data of a platform that has a file in this directory; ``release`` may be "" where the source has a default.

    Raises CollectionError for what the platform does not have.
    """
    file = loaded(directory / f"{name}.yml")
    data: dict[str, Any] = file["__cloud_platform"]
    refused = refusal(directory, name, source, release)
    if refused:
        raise CollectionError("use", "platform", name, refused.cause, refused.remedy, code="parameters")
    if source != _VIRTUALENV:
        return _released(data, file.get(_RELEASES) or {}, release)
    series = find_series("nova", release)
    more = _virtualenv(directory, name)
    own = combined(combined(data, more["__cloud_platform"]), more[_RELEASES][series])
    return {**own, "release": series, "virtualenv": more["__cloud_virtualenv"]}


def releases(directory: Path, name: str, source: str) -> tuple[str, ...]:
    """The releases that a platform has from a source."""
    if source != _VIRTUALENV:
        file = loaded(directory / f"{name}.yml")
        own = file.get("__cloud_platform") or {}
        return tuple(file.get(_RELEASES) or ((own["release"],) if "release" in own else ()))
    return tuple(_virtualenv(directory, name).get(_RELEASES, ()))


def refusal(directory: Path, name: str, source: str, release: str) -> Refusal | None:
    """Why a platform cannot have this release from this source."""
    if source not in SOURCES:
        return _refusal("cloud_source", f"there is no source {source}", SOURCES)
    known = releases(directory, name, source)
    if source != _VIRTUALENV and not release:
        return None
    if not known:
        return _refusal("cloud_source", f"there is no release from source {source} for {name}", SOURCES[:1])
    if not release:
        return _refusal("cloud_release", f"source {source} has several releases, and none is named", known)
    series = _series(release)
    # Debian's files call its one release as people do: epoxy.
    if series in {_series(each) for each in known}:
        return None
    if series not in SERIES:
        return _refusal("cloud_release", f"there is no release {release}", known)
    return _refusal("cloud_release", f"{name} has no release {release} from source {source}", known)


def combined(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the second before the first, dictionaries part by part."""
    found = dict(base)
    for name, value in more.items():
        old = found.get(name)
        found[name] = (
            combined(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return found


def _series(release: str) -> str:
    """The series that is meant; a release before those that this collection has the options of by its own name."""
    try:
        return find_series("nova", release)
    except ValueError:
        return release.strip().lower()


def _released(data: Mapping[str, Any], own: Mapping[str, Any], release: str) -> dict[str, Any]:
    """The data of a distribution in one of its releases; ``own`` has what is otherwise in each, "" is the default."""
    for name, more in own.items():
        if _series(name) == _series(release or data["release"]):
            return {**combined(data, more or {}), "release": name}
    return dict(data)


def _virtualenv(directory: Path, name: str) -> dict[str, Any]:
    """What all versions of a distribution have from PyPI, and this one."""
    distribution, own = (directory / "virtualenv" / f"{each}.yml" for each in (name.partition("-")[0], name))
    return combined(loaded(distribution), loaded(own)) if own.is_file() else {}


def _refusal(variable: str, cause: str, known: Sequence[str]) -> Refusal:
    return Refusal(f"{cause} ({variable})", f"Set {variable} to {' or '.join(known)}")
