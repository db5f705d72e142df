# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.parameters import (
    Desired,
    desired_for_cells,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import Stamp
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.state import SchemaState, State
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES
from fakes.recorder import calls
from fakes.schema import CODE

NOVA = SERVICES["nova"]
DESIRED = Desired(NOVA, files=("/etc/nova/nova.conf",), online_data_migrations=True)


def state(*revisions: str) -> State:
    """Nova's schemas, stamped with these; "" for not at all."""
    return State(
        {
            schema.name: SchemaState(
                schema, f"it_{schema.name}", Stamp(frozenset(filter(None, [revision]))), CODE
            )
            for schema, revision in zip(NOVA.schemas, revisions)
        }
    )


@pytest.mark.parametrize(
    ("current", "behind"),
    [
        (state("second", "second", "second"), []),
        (state("", "second", "first"), ["api", "cell0"]),
        (State({schema.name: SchemaState(schema) for schema in NOVA.schemas}), ["api", "main", "cell0"]),
    ],
)
def test_syncs_what_is_behind_and_then_migrates_data(current: State, behind: list[str]) -> None:
    assert current.behind == behind
    decided = plan(DESIRED, current)
    assert calls(decided) == [
        *(("sync", (DESIRED, name), {}) for name in behind),
        ("migrate_online", (DESIRED,), {}),
    ]
    assert decided.changed == bool(behind)


def test_one_newer_schema_stops_all() -> None:
    with pytest.raises(CollectionError, match="schemas never go back"):
        plan(DESIRED, state("", "third", ""))


def test_the_schemas_of_cells() -> None:
    params = {"config_file": "/etc/nova/nova.conf", "run_as": "nova", "administrator": None}
    url = "mysql://n:s3cret@db/zero"
    desired = desired_for_cells({**params, "assumed_urls": {"database": url}}, url)
    assert plan(desired, state("second", "second", "first")).commands == [
        'OS_DATABASE__CONNECTION="$CELL0_CONNECTION" '
        "nova-manage --config-file /etc/nova/nova.conf db sync --local_cell"
    ]
    assert "s3cret" not in repr(desired)
