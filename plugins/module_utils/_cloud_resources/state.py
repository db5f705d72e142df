# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud has of what the task names, and what this host has of the files that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.draft import ID
from .rules import Rule


@dataclass(frozen=True)
class CloudResource:
    """One thing of a cloud, with its attributes under the names of the module's options.

    ``project`` is an ID, None where a thing belongs to none. ``subnets`` (of a router) are the IDs of those that it
    has an interface in; ``rules`` (of a security group) have their IDs; ``content`` is that of an image.
    """

    kind: str
    id: ID
    name: str
    project: ID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    subnets: tuple[ID, ...] = ()
    rules: Mapping[Rule, str] = field(default_factory=dict)
    content: ImageContent | None = None


@dataclass(frozen=True)
class ImageContent:
    """What Glance knows of an image's content.

    ``status`` as Glance has it: the content of one that is "queued" never came. ``digests``: by algorithm.
    ``origin``: the URL that it was downloaded from, as this module has noted it; "" for none.
    """

    status: str = "active"
    size: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


@dataclass(frozen=True)
class LocalFile:
    """A file of this host: a public key with its ``text``, an image with its ``size`` and ``digests``."""

    size: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class State:
    """Everything that has a name which the task mentions, in whichever project.

    ``projects``: the IDs by the names that the task has for them; that of the project that is logged in to under
    None. One that does not exist is missing. ``files``: by path, None for one that does not exist.
    """

    projects: Mapping[str | None, ID] = field(default_factory=dict)
    resources: tuple[CloudResource, ...] = ()
    files: Mapping[str, LocalFile | None] = field(default_factory=dict)
