# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read: the files, and the options that their service understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.errors import CollectionError
from .._engine.files import StoredFile
from .catalogue import OptionCatalogue
from .transfer import NOTHING_HANDED_OVER, Handover


@dataclass(frozen=True)
class State:
    """The files that there are, by path; the release's options, None where they are not known; what was handed over.

    ``unmet`` is why the options are those of a release that is only assumed, for a task that must not do so.
    """

    files: Mapping[str, StoredFile] = field(default_factory=dict)
    catalogue: OptionCatalogue | None = None
    handover: Handover = NOTHING_HANDED_OVER
    unmet: tuple[CollectionError, ...] = ()
