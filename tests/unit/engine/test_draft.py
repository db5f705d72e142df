# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A draft of shelves and books, and what its steps write: the ID of a shelf is known once it is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.draft import (
    ID,
    Draft,
    Pending,
    ResolvingWriter,
    known,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Step


class LibraryWriter(ResolvingWriter):
    """Keeps what it sends, and numbers what it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def create(self, pending: Pending, body: Mapping[str, Any]) -> None:
        self.sent.append((pending.kind, self.resolved(body)))
        self.made(pending, f"{pending.kind}-{len(self.sent)}")

    def delete(self, one: ID) -> None:
        self.sent.append(("delete", {"id": self.id(one)}))


class LibraryDraft(Draft[Step[LibraryWriter]]):
    """Shelves, then books, then removals."""

    def __init__(self) -> None:
        super().__init__(3)

    def create(self, kind: str, name: str, wave: int, **body: Any) -> Pending:
        pending = Pending(kind, name)
        self.add(Step[LibraryWriter](f"create {name}", lambda writer: writer.create(pending, body)), wave)
        return pending

    def delete(self, one: ID) -> None:
        self.add(Step[LibraryWriter](f"delete {known(one)}", lambda writer: writer.delete(one)), 2)


def test_steps_come_wave_by_wave_in_the_order_of_the_changes() -> None:
    draft = LibraryDraft()
    draft.delete("old")
    for number in (1, 2):
        shelf = draft.create("shelf", f"shelf {number}", 0)
        draft.create("book", f"book {number}", 1, shelf=shelf)
    assert [step.command for step in draft.steps] == [
        "create shelf 1",
        "create shelf 2",
        "create book 1",
        "create book 2",
        "delete old",
    ]


def test_one_wave_keeps_the_order() -> None:
    draft: Draft[Step[LibraryWriter]] = Draft()
    assert draft.steps == ()
    for name in ("b", "a"):
        draft.add(Step[LibraryWriter](name, lambda writer: None))
    assert [step.command for step in draft.steps] == ["b", "a"]


def test_what_is_made_is_sent_by_its_id() -> None:
    draft, writer = LibraryDraft(), LibraryWriter()
    shelf = draft.create("shelf", "poems", 0, width=80)
    draft.create("book", "odes", 1, shelf=shelf, box="box-7", tags=[shelf])
    draft.delete(shelf)
    draft.delete("old")
    for step in draft.steps:
        step.call(writer)
    assert writer.sent == [
        ("shelf", {"width": 80}),
        # Values are not looked into.
        ("book", {"shelf": "shelf-1", "box": "box-7", "tags": [shelf]}),
        ("delete", {"id": "shelf-1"}),
        ("delete", {"id": "old"}),
    ]
    assert writer.created == {shelf: "shelf-1", Pending("book", "odes"): "book-2"}


def test_two_of_one_name_differ_by_their_owners() -> None:
    mine, yours = Pending("shelf", "poems", "me"), Pending("shelf", "poems", Pending("project", "you"))
    assert len({mine, yours, Pending("shelf", "poems")}) == 3


def test_what_was_never_made_has_no_id() -> None:
    with pytest.raises(KeyError):
        LibraryWriter().id(Pending("shelf", "poems"))


def test_an_id_is_known_unless_it_is_pending() -> None:
    assert known("s1") == "s1"
    assert known(Pending("shelf", "poems")) is None
