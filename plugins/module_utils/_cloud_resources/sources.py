# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the content of images and keypairs comes from: files of this host, and downloads."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from ansible.module_utils.urls import ConnectionError as RequestError
from ansible.module_utils.urls import open_url

from .._engine.errors import CollectionError
from .._engine.file_errors import file_cause, file_remedy, is_fault_of_the_host
from .._engine.redaction import masked_url
from .parameters import Desired, ImageSource, ResourceSpec, bare_key
from .state import ImageContent, LocalFile, State

_BLOCK = 1024 * 1024
_ATTEMPT_SECONDS = 60.0
# Images do not fit where /tmp is in memory.
_ROOM = "/var/tmp"


def origin(source: ImageSource) -> str:
    """What is noted of a download, to know it again without another one."""
    return f"{masked_url(source.url)} {source.checksum}".strip() if source.url else ""


def is_content(source: ImageSource, content: ImageContent, files: Mapping[str, LocalFile | None]) -> bool:
    """Whether an image has the content of its source, as far as is known without a download."""
    file = files.get(source.file)
    if file:
        same = all(content.digests.get(name) == digest for name, digest in file.digests.items())
        return file.size == content.size and same
    algorithm, _colon, digest = source.checksum.partition(":")
    if algorithm in content.digests:
        return content.digests[algorithm] == digest.lower()
    # An image that somebody else made names no origin.
    return not content.origin or content.origin == origin(source)


def read_files(desired: Desired, current: State) -> dict[str, LocalFile | None]:
    """The files that the task names, each by its path; an image's digest only where it is compared."""
    files: dict[str, LocalFile | None] = {}
    for spec in desired.specs:
        if spec.present and spec.key_file:
            files[spec.key_file] = _key(spec, spec.key_file)
        if spec.present and spec.source and spec.source.file:
            files[spec.source.file] = _image(spec, spec.source.file, current)
    return files


@contextmanager
def opened(name: str, source: ImageSource) -> Iterator[BinaryIO]:
    """The content of image ``name``, from its first byte; a download is complete and checked by then."""
    if source.file:
        with open(source.file, "rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=_room()) as file:
        _download(name, source, file)
        file.seek(0)
        yield file


def _room() -> str:
    """The directory of downloads."""
    return _ROOM if os.path.isdir(_ROOM) else tempfile.gettempdir()


def _key(spec: ResourceSpec, path: str) -> LocalFile | None:
    try:
        with open(path, encoding="utf-8") as file:
            text = bare_key(file.read())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(spec, path, error) from error
    return LocalFile(text=text)


def _image(spec: ResourceSpec, path: str, current: State) -> LocalFile | None:
    project = current.projects.get(spec.project)
    there = [
        one.content
        for one in current.resources
        if (one.kind, one.project, one.name) == (spec.kind, project, spec.name) and one.content
    ]
    try:
        size = os.stat(path).st_size
        algorithms = [_algorithm(content) for content in there if content.size == size]
        return LocalFile(size, {name: _digest(path, name) for name in algorithms if name})
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(spec, path, error) from error


def _algorithm(content: ImageContent) -> str:
    """The best of the algorithms of an image's digests that this host has."""
    usable = [name for name in content.digests if name in hashlib.algorithms_available]
    return next((name for name in usable if name != "md5"), usable[0] if usable else "")


def _digest(path: str, algorithm: str) -> str:
    # Where MD5 must not be used for security it is still good for comparing.
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def _download(name: str, source: ImageSource, file: Any) -> None:
    algorithm, _colon, checksum = source.checksum.partition(":")
    if algorithm and algorithm not in hashlib.algorithms_available:
        raise _failed(
            name, source, f"this host knows no checksum {algorithm}", "Give another one, such as sha256"
        )
    digest = hashlib.new(algorithm or "sha256", usedforsecurity=False)
    try:
        with open_url(source.url, timeout=_ATTEMPT_SECONDS, decompress=False) as reply:
            length = reply.headers.get("Content-Length")
            for block in iter(lambda: reply.read(_BLOCK), b""):
                digest.update(block)
                file.write(block)
    except (OSError, http.client.HTTPException, RequestError, ValueError) as error:
        remedy = "See whether this host reaches it; a proxy is taken from the environment"
        if isinstance(error, OSError) and is_fault_of_the_host(error):
            remedy = file_remedy(error, f"{_room()}/")
        raise _failed(name, source, str(getattr(error, "reason", "") or error), remedy) from error
    if length is not None and file.tell() != int(length):
        raise _failed(name, source, f"it ended after {file.tell()} of {length} bytes", "Run again")
    if algorithm and digest.hexdigest() != checksum.lower():
        remedy = "Correct the checksum, or find out who changed what is there"
        raise _failed(
            name, source, f"its {algorithm} is {digest.hexdigest()}, not {checksum.lower()}", remedy
        )


def _failed(name: str, source: ImageSource, cause: str, remedy: str) -> CollectionError:
    subject = f"{name} from {masked_url(source.url)}"
    return CollectionError("download", "image", subject, cause, remedy, code="download")


def _unreadable(spec: ResourceSpec, path: str, error: Exception) -> CollectionError:
    cause, remedy = str(error), "Correct it"
    if isinstance(error, OSError):
        cause, remedy = file_cause(error), file_remedy(error, path)
    return CollectionError("read", "file", path, f"{spec} needs it, and {cause}", remedy, code="unreadable")
