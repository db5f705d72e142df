# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.parameters import Desired, DesiredCell
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import (
    Computes,
    ComputeService,
    Occupancy,
    Settings,
    State,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import CELL0_UUID, Cell
from fakes.recorder import calls

API = "mysql+pymysql://nova:p%40ss@db/nova_api"
MAIN = "mysql+pymysql://nova:p%40ss@db/nova"
ZERO = "mysql+pymysql://nova:p%40ss@db/nova_cell0"
QUEUE = "rabbit://openstack:r%2Fbbit@mq:5672/"
SECOND = "mysql+pymysql://nova:p%40ss@db2/nova"
SECOND_QUEUE = "rabbit://openstack:r%2Fbbit@mq2:5672/"
TEMPLATE = "{scheme}://{username}:{password}@{hostname}/{path}"
QUEUE_TEMPLATE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"

SETTINGS = Settings("/etc/nova/nova.conf", API, MAIN, QUEUE)
CELL0 = Cell("cell0", CELL0_UUID, "none:///", ZERO, id=1)
CELL1 = Cell("cell1", "uuid-1", QUEUE, MAIN, id=2)
CELL2 = Cell("cell2", "uuid-2", SECOND_QUEUE, SECOND, id=3)
DEFAULT = Desired((DesiredCell("cell1", follows=True),))


MOVED_AWAY = DesiredCell(
    "cell2",
    transport_url=SECOND_QUEUE.replace("mq2", "mq3"),
    database_connection=SECOND.replace("db2", "db3"),
)
MOVED_THERE = DesiredCell("cell1", transport_url=SECOND_QUEUE, database_connection=SECOND)


def state(*cells: Cell, **more: Any) -> State:
    return State(SETTINGS, cells, **more)


def old(cell: Cell, **changes: Any) -> Cell:
    return replace(cell, **changes)


def wanting(*cells: DesiredCell, **more: Any) -> Desired:
    return Desired(cells, **more)


@pytest.mark.parametrize(
    ("desired", "current", "actions"),
    [
        (DEFAULT, state(), ["map_cell0", "create_cell"]),
        (DEFAULT, state(CELL0), ["create_cell"]),
        (DEFAULT, state(CELL0, CELL1), []),
        (DEFAULT, state(CELL0, CELL1, CELL2), []),
        # Rotated passwords, a moved database, a moved queue
        (
            DEFAULT,
            state(old(CELL0, database_connection=ZERO.replace("p%40ss", "old")), CELL1),
            ["update_cell"],
        ),
        (DEFAULT, state(CELL0, old(CELL1, transport_url=QUEUE.replace("r%2F", "old"))), ["update_cell"]),
        (DEFAULT, state(CELL0, old(CELL1, database_connection=MAIN.replace("db", "olddb"))), ["update_cell"]),
        (
            DEFAULT,
            state(CELL0, old(CELL1, database_connection=MAIN.replace("p%40ss", "p@ss"))),
            ["update_cell"],
        ),
        # cell0 never has a queue
        (DEFAULT, state(old(CELL0, transport_url=QUEUE), CELL1), ["update_cell"]),
        (DEFAULT, state(old(CELL0, transport_url="none://"), CELL1), []),
        # Templates that come to the same are the same
        (DEFAULT, state(CELL0, old(CELL1, transport_url=QUEUE_TEMPLATE, database_connection=TEMPLATE)), []),
        (
            DEFAULT,
            state(old(CELL0, database_connection="{scheme}://{username}:{password}@db/nova_cell0"), CELL1),
            [],
        ),
        (
            DEFAULT,
            state(CELL0, old(CELL1, database_connection="{scheme}://{username}@{hostname}/{path}")),
            ["update_cell"],
        ),
        # A template that is asked for is written
        (wanting(DesiredCell("cell1", database_connection=TEMPLATE)), state(CELL0, CELL1), ["update_cell"]),
        (
            wanting(DesiredCell("cell1", database_connection=TEMPLATE)),
            state(CELL0, old(CELL1, database_connection=TEMPLATE)),
            [],
        ),
        # Left out: the configuration's for the only cell and for its own, else what is stored
        (
            wanting(DesiredCell("cell1")),
            state(CELL0, old(CELL1, transport_url="rabbit://x:y@old/")),
            ["update_cell"],
        ),
        (wanting(DesiredCell("cell1"), DesiredCell("cell2")), state(CELL0, CELL1, CELL2), []),
        (
            wanting(DesiredCell("cell1"), DesiredCell("cell2")),
            state(CELL0, old(CELL1, database_connection=MAIN.replace("p%40ss", "old")), CELL2),
            ["update_cell"],
        ),
        (wanting(DesiredCell("cell2", disabled=True)), state(CELL0, CELL1, CELL2), ["update_cell"]),
        (wanting(DesiredCell("cell2", disabled=False)), state(CELL0, CELL1, CELL2), []),
        (wanting(DesiredCell("cell2")), state(CELL0, CELL1, old(CELL2, disabled=True)), []),
        # A cell without a name is adopted, not doubled
        (DEFAULT, state(CELL0, old(CELL1, name="")), ["update_cell"]),
        # By uuid, which renames
        (wanting(DesiredCell("east", uuid="uuid-1")), state(CELL0, CELL1), ["update_cell"]),
        # Its place is free before somebody else takes it
        (
            wanting(DesiredCell("cell1", present=False), DesiredCell("main")),
            state(CELL0, CELL1),
            ["delete_cell", "create_cell"],
        ),
        (
            wanting(DesiredCell("main"), DesiredCell("cell1", present=False)),
            state(CELL0, CELL1),
            ["delete_cell", "create_cell"],
        ),
        (
            wanting(MOVED_AWAY, MOVED_THERE),
            state(CELL0, CELL1, CELL2),
            ["update_cell", "update_cell"],
        ),
        # Two of a name, told apart
        (
            wanting(DesiredCell("cell1", uuid="uuid-2", present=False)),
            state(CELL0, CELL1, old(CELL2, name="cell1")),
            ["delete_cell"],
        ),
        # Removal
        (wanting(DesiredCell("cell2", present=False)), state(CELL0, CELL1, CELL2), ["delete_cell"]),
        (wanting(DesiredCell("cell2", present=False)), state(CELL0, CELL1), []),
        (wanting(DesiredCell("cell2", uuid="gone", present=False)), state(CELL0, CELL1), []),
        (wanting(), state(CELL0, CELL1), []),
    ],
)
def test_writes_only_what_differs(desired: Desired, current: State, actions: list[str]) -> None:
    decided = plan(desired, current)
    assert [name for name, _arguments, _options in calls(decided)] == actions
    assert decided.unmet == ()


def test_a_new_cell_in_full() -> None:
    decided = plan(DEFAULT, state())
    assert decided.commands == [
        "nova-manage cell_v2 map_cell0 --database_connection 'mysql+pymysql://nova:********@db/nova_cell0'",
        "nova-manage cell_v2 create_cell --name cell1 --transport-url 'rabbit://openstack:********@mq:5672/' "
        "--database_connection 'mysql+pymysql://nova:********@db/nova'",
    ]
    assert calls(decided) == [
        ("map_cell0", (ZERO,), {}),
        ("create_cell", ("cell1", False, QUEUE, MAIN), {}),
    ]
    assert decided.before == {}
    assert decided.after["cells"]["cell1"]["database_connection"] == "mysql+pymysql://nova:********@db/nova"
    assert [cell["name"] for cell in decided.result["cells"]] == ["cell0", "cell1"]
    assert (decided.result["hosts"], decided.result["hosts_mapped"]) == ([], [])


def test_an_update_gives_both_urls_and_says_what_is_new() -> None:
    decided = plan(DEFAULT, state(CELL0, old(CELL1, database_connection=MAIN.replace("p%40ss", "old"))))
    assert calls(decided) == [("update_cell", ("uuid-1", "cell1", None, QUEUE, MAIN), {})]
    before, after = (
        side["cells"]["uuid-1"]["database_connection"] for side in (decided.before, decided.after)
    )
    assert before == "mysql+pymysql://nova:********@db/nova"
    assert after == "mysql+pymysql://nova:********@db/nova (new password)"


def test_disabling_and_enabling() -> None:
    off = plan(wanting(DesiredCell("cell2", disabled=True)), state(CELL0, CELL1, CELL2))
    assert off.commands[0].endswith(" --disable")
    assert calls(off) == [("update_cell", ("uuid-2", "cell2", True, SECOND_QUEUE, SECOND), {})]
    on = plan(wanting(DesiredCell("cell2", disabled=False)), state(CELL0, CELL1, old(CELL2, disabled=True)))
    assert on.commands[0].endswith(" --enable")
    new = plan(
        wanting(DesiredCell("cell2", transport_url=SECOND_QUEUE, database_connection=SECOND, disabled=True)),
        state(CELL0, CELL1),
    )
    assert new.commands[0].endswith(" --disabled")


def test_cell0_where_it_is_asked_for() -> None:
    decided = plan(wanting(cell0_connection=SECOND), state(CELL1))
    assert calls(decided) == [("map_cell0", (SECOND,), {})]


def test_a_template_of_another_cell_in_the_way_makes_a_template() -> None:
    """nova-manage fills cell1's template in from the URL that it is given for cell0, and would see a twin."""
    template = "{scheme}://{username}:{password}@{hostname}/{path}"
    stale = old(CELL0, database_connection=ZERO.replace("p%40ss", "old"))
    decided = plan(DEFAULT, state(stale, old(CELL1, database_connection=template)))
    url = "mysql+pymysql://{username}:{password}@db/nova_cell0"
    assert calls(decided) == [("update_cell", (CELL0_UUID, "cell0", None, "none:///", url), {})]

    desired = Desired(DEFAULT.cells, cell0_connection="mysql+pymysql://zero:other@db/nova_cell0")
    with pytest.raises(CollectionError, match="would take its database connection for that of cell cell1"):
        plan(desired, state(CELL0, old(CELL1, database_connection=template)))


HOST = ComputeService("c1", 3)
NEW = {"uuid-1": Computes({"c1": HOST}, {"c1": False})}
MARKED = {"uuid-1": Computes({"c1": HOST}, {"c1": True})}
AWAY = old(CELL2, disabled=True)
NO_TABLE = UnreachableError("read", "database", "nova", "no such table", "Run nova_db_sync first")
DOWN = {"uuid-2": UnreachableError("connect to", "database server", "db2", "down", "Start it")}


@pytest.mark.parametrize(
    ("desired", "current", "commands", "mapped"),
    [
        (Desired((), discover=True), state(CELL0, CELL1, computes=NEW), ["discover_hosts"], ["c1"]),
        (Desired((), discover=True), state(CELL0, CELL1, computes=NEW, hosts={"c1": 2}), [], []),
        (Desired((), discover=True), state(CELL0, CELL1), [], []),
        (Desired((), discover=False), state(CELL0, CELL1, computes=NEW), [], []),
        (
            Desired((), discover=True),
            state(CELL0, CELL1, computes=MARKED),
            ["discover_hosts --by-service"],
            ["c1"],
        ),
        (
            Desired((), discover=True, expect_hosts=("c2",)),
            state(CELL0, CELL1, computes=NEW),
            ["discover_hosts"],
            ["c1", "c2"],
        ),
        (Desired((), discover=True, expect_hosts=("c1",)), state(CELL0, CELL1, hosts={"c1": 2}), [], []),
        # A closed cell that cannot be asked is left out of the discovery, and so is only that one
        (
            Desired((), discover=True),
            state(CELL0, CELL1, AWAY, computes=NEW, unread=DOWN),
            ["discover_hosts --cell_uuid uuid-1"],
            ["c1"],
        ),
        (
            Desired((), discover=True),
            state(CELL0, CELL1, old(AWAY, name="cell1"), computes=NEW, unread=DOWN),
            ["discover_hosts --cell_uuid uuid-1"],
            ["c1"],
        ),
        # In check mode an open cell may be one whose schema is yet to come
        (
            Desired((), discover=True, expect_hosts=("c1",)),
            state(CELL0, CELL1, unread={"uuid-1": NO_TABLE}),
            ["discover_hosts"],
            ["c1"],
        ),
        # Cells of one name are two cells
        (
            Desired((), discover=True),
            state(
                CELL0,
                CELL1,
                old(CELL2, name="cell1"),
                computes={**NEW, "uuid-2": Computes({}, {"c2": False})},
            ),
            ["discover_hosts"],
            ["c1", "c2"],
        ),
        (
            Desired(
                (DesiredCell("cell1", uuid="uuid-2", present=False),), discover=True, expect_hosts=("c1",)
            ),
            state(CELL0, CELL1, old(CELL2, name="cell1"), computes=NEW),
            ["delete_cell --cell_uuid uuid-2", "discover_hosts"],
            ["c1"],
        ),
        # A host that goes is no reason to discover, and is taken out again if there is another
        (Desired((), discover=True, remove_hosts=("c1",)), state(CELL0, CELL1, computes=NEW), [], []),
        (
            Desired((), discover=True, remove_hosts=("c1",), expect_hosts=("c2",)),
            state(CELL0, CELL1, computes=NEW),
            ["discover_hosts", "delete_host --cell_uuid uuid-1 --host c1"],
            ["c2"],
        ),
        (
            Desired((), remove_hosts=("c1", "c9")),
            state(CELL0, CELL1, hosts={"c1": 2}),
            ["delete_host --cell_uuid uuid-1 --host c1"],
            [],
        ),
        # A cell and its hosts go together
        (
            Desired((DesiredCell("cell2", present=False),), remove_hosts=("c1",)),
            state(CELL0, CELL1, CELL2, hosts={"c1": 3}),
            ["delete_host --cell_uuid uuid-2 --host c1", "delete_cell --cell_uuid uuid-2"],
            [],
        ),
        # The hosts of a cell that goes are not mapped to it on the way
        (
            Desired((DesiredCell("cell2", present=False),), discover=True, remove_hosts=("c3", "c4")),
            state(CELL0, CELL1, CELL2, computes=NEW, hosts={"c3": 2, "c4": 3}),
            [
                "delete_host --cell_uuid uuid-2 --host c4",
                "delete_cell --cell_uuid uuid-2",
                "discover_hosts",
                "delete_host --cell_uuid uuid-1 --host c3",
            ],
            ["c1"],
        ),
    ],
)
def test_hosts(desired: Desired, current: State, commands: list[str], mapped: list[str]) -> None:
    decided = plan(desired, current)
    assert decided.commands == [f"nova-manage cell_v2 {command}" for command in commands]
    assert decided.result["hosts_mapped"] == mapped
    expected = sorted(({*current.hosts} | {*mapped}) - {*desired.remove_hosts})
    assert decided.result["hosts"] == expected


def test_hosts_of_a_cell_that_is_made_in_the_same_run() -> None:
    """Its uuid is not known yet, and ``discover_hosts`` cannot go everywhere."""
    desired = Desired(DEFAULT.cells, discover=True, expect_hosts=("c1",), remove_hosts=("c2",))
    found = {"cell1": Computes({"c1": HOST}, {"c1": False, "c2": False})}
    decided = plan(desired, state(CELL0, AWAY, computes=found, unread=DOWN))
    assert decided.commands[1:] == [
        "nova-manage cell_v2 discover_hosts --cell_uuid '(that of cell1)'",
        "nova-manage cell_v2 delete_host --cell_uuid '(that of cell1)' --host c2",
    ]
    made = Cell("cell1", None, QUEUE, MAIN)
    assert calls(decided)[1:] == [("discover_hosts", (made, False), {}), ("delete_host", (made, "c2"), {})]


def test_expects_no_hosts_where_no_cell_can_be_searched() -> None:
    with pytest.raises(CollectionError) as caught:
        plan(
            Desired((), discover=True, expect_hosts=("c1", "c2")),
            state(CELL0, AWAY, unread=DOWN),
        )
    assert str(caught.value) == (
        "Cannot discover hosts c1, c2: there is no cell left to look in; cell cell2 is disabled, and "
        "Cannot connect to database server db2: down. Start it. "
        "Restore its database, or retry later."
    )
    assert caught.value.details["missing"] == ["c1", "c2"]


def test_cells_of_one_name_are_two_in_the_diff() -> None:
    desired = wanting(DesiredCell("cell1", uuid="uuid-1", disabled=True), DesiredCell("cell2", uuid="uuid-2"))
    decided = plan(desired, state(CELL0, CELL1, old(CELL2, name="cell1")))
    before, after = decided.before["cells"], decided.after["cells"]
    assert {key: cell["name"] for key, cell in before.items()} == {
        CELL0_UUID: "cell0",
        "uuid-1": "cell1",
        "uuid-2": "cell1",
    }
    assert [after[key]["name"] for key in ("uuid-1", "uuid-2")] == ["cell1", "cell2"]


def test_hosts_are_in_the_diff() -> None:
    decided = plan(Desired((), discover=True), state(CELL0, CELL1, computes=NEW, hosts={"c0": 2}))
    assert (decided.before["hosts"], decided.after["hosts"]) == (["c0"], ["c0", "c1"])


def really(desired: Desired, current: State) -> None:
    """Refuse as a real run does."""
    for error in plan(desired, current).unmet:
        raise error


GONE = DesiredCell("cell2", present=False)
LIVING = Occupancy(5, 7, ("i1", "i2", "i3"))


@pytest.mark.parametrize(
    ("desired", "current", "message", "code"),
    [
        (
            DEFAULT,
            state(CELL0, CELL1, old(CELL2, name="cell1"), hosts={"c1": 2}),
            "Cannot manage cell cell1: 2 cells have this name: uuid-1 (1 host), uuid-2 (0 hosts).",
            "ambiguous",
        ),
        (
            DEFAULT,
            state(CELL0, old(CELL1, name="main")),
            "Cannot write cell cell1: its transport URL is that of cell main (uuid uuid-1).",
            "shared_url",
        ),
        (
            wanting(DesiredCell("cell2")),
            state(CELL0, CELL1),
            "Cannot write cell cell2: its transport URL is that of cell cell1 (uuid uuid-1).",
            "shared_url",
        ),
        (
            wanting(DesiredCell("cell2", transport_url=SECOND_QUEUE, database_connection=TEMPLATE)),
            state(CELL0, CELL1),
            "its database connection is that of cell cell1",
            "shared_url",
        ),
        (
            wanting(DesiredCell("a"), DesiredCell("b")),
            state(CELL0),
            "Cannot write cell b: its transport URL is that of cell a. Give each cell its own transport_url;",
            "shared_url",
        ),
        # Nova would refuse the first of two writes
        (
            wanting(MOVED_THERE, MOVED_AWAY),
            state(CELL0, CELL1, CELL2),
            "Cannot write cell cell1: its transport URL is that of cell cell2 (uuid uuid-2). "
            "List cell cell2, which gives it up, before cell1.",
            "shared_url",
        ),
        (
            wanting(DesiredCell("cell1", transport_url=QUEUE_TEMPLATE)),
            State(Settings("/n.conf", API, MAIN, "rabbit://openstack:r%2Fbbit@mq"), (CELL0, CELL1)),
            "Cannot write cell cell1: its transport URL asks for {port}, which [DEFAULT] transport_url in "
            "/n.conf does not have. Leave it out, or set it there (",
            "invalid_template",
        ),
        (
            Desired((), cell0_connection="{scheme}://{username}:{password}@{hostname}:{port}/zero"),
            state(CELL0, CELL1),
            "Cannot write cell cell0: its database connection asks for {port}, which [database] connection",
            "invalid_template",
        ),
        (
            wanting(DesiredCell("cell1", uuid="uuid-9")),
            state(CELL0, CELL1),
            "Cannot manage cell cell1: no cell has the uuid uuid-9.",
            "not_found",
        ),
        (
            wanting(DesiredCell("east", uuid="uuid-1"), DesiredCell("cell1")),
            state(CELL0, CELL1),
            "Cannot manage cell cell1: it is the cell that is listed as east too (uuid uuid-1).",
            "invalid_cell",
        ),
        (
            wanting(DesiredCell("cell2", uuid="uuid-1")),
            state(CELL0, CELL1, CELL2),
            "Cannot name cell uuid-1: there is another cell called cell2 (uuid uuid-2).",
            "ambiguous",
        ),
        (
            DEFAULT,
            State(Settings("/n.conf", API, None, QUEUE), (CELL0,)),
            "Cannot write cell cell1: its database connection is not given, and /n.conf has no [database]",
            "missing_url",
        ),
        (
            DEFAULT,
            State(Settings("/n.conf", API, MAIN, None), (CELL0,)),
            "has no [DEFAULT] transport_url. Set [DEFAULT] transport_url there, or give transport_url in",
            "missing_url",
        ),
        (
            wanting(GONE),
            state(CELL0, CELL1, CELL2, hosts={"c2": 3, "c1": 3}),
            "Cannot remove cell cell2: hosts are mapped to it: c1, c2. Remove them first (remove_hosts).",
            "in_use",
        ),
        (
            wanting(GONE),
            state(CELL0, CELL1, CELL2, cell_occupancy={"uuid-2": LIVING}),
            "Cannot remove cell cell2: 5 instances live in it (i1, i2, i3, …). Delete them",
            "in_use",
        ),
        (
            wanting(GONE),
            state(CELL0, CELL1, CELL2, cell_occupancy={"uuid-2": Occupancy(0, 1)}),
            "the mapping of 1 deleted instance is left in it. Run nova-manage db archive_deleted_rows",
            "in_use",
        ),
        (
            wanting(remove_hosts=("c1",)),
            state(CELL0, CELL1, hosts={"c1": 2}, host_occupancy={"c1": Occupancy(1, examples=("i1",))}),
            "Cannot remove host c1: 1 instance lives on it (i1). Migrate or delete them first.",
            "in_use",
        ),
    ],
)
def test_refusals(desired: Desired, current: State, message: str, code: str) -> None:
    with pytest.raises(CollectionError) as caught:
        really(desired, current)
    assert message in str(caught.value)
    assert caught.value.code == code
    assert "p%40ss" not in str(caught.value)


def test_check_mode_plans_without_a_configuration() -> None:
    decided = plan(DEFAULT, State(Settings("/etc/nova/nova.conf")))
    later = "'(as /etc/nova/nova.conf will have it)'"
    assert decided.commands == [
        f"nova-manage cell_v2 map_cell0 --database_connection {later}",
        f"nova-manage cell_v2 create_cell --name cell1 --transport-url {later} --database_connection {later}",
    ]


def test_check_mode_does_not_know_what_a_template_will_find() -> None:
    wanted = wanting(DesiredCell("cell1", transport_url=QUEUE_TEMPLATE, database_connection=TEMPLATE))
    assert len(plan(wanted, State(Settings("/etc/nova/nova.conf"))).steps) == 2
    with pytest.raises(CollectionError, match=r"asks for \{scheme\}, \{username\}"):
        really(wanted, State(Settings("/etc/nova/nova.conf", API), (CELL0,)))


def test_a_cell_that_cannot_be_asked_is_a_warning() -> None:
    decided = plan(Desired((), discover=True), state(CELL0, CELL1, AWAY, unread=DOWN))
    assert decided.warnings == (
        "The computes of cell cell2 are not known. Cannot connect to database server db2: down. Start it.",
    )
    assert decided.unmet == ()


def test_an_open_cell_that_cannot_be_asked_stops_a_real_run() -> None:
    decided = plan(
        Desired((), discover=True, expect_hosts=("c1",)), state(CELL0, CELL1, unread={"uuid-1": NO_TABLE})
    )
    assert decided.unmet == (NO_TABLE,)


def test_a_host_is_not_taken_into_a_second_cell() -> None:
    here = state(CELL0, CELL1, CELL2, hosts={"compute1": CELL1.id, "compute2": CELL2.id})
    right = {"compute1": "cell1", "compute2": "cell2", "compute3": "cell2"}
    assert not plan(wanting(host_cells=right), here).steps
    with pytest.raises(CollectionError) as caught:
        plan(wanting(host_cells={**right, "compute1": "cell2"}), here)
    assert str(caught.value) == (
        "Cannot use host compute1: it is mapped to cell cell1, and should be in cell2. Correct its cell, or remove the "
        "host from the cloud before it is added to another one."
    )
    assert caught.value.details["cell"] == "cell1"
