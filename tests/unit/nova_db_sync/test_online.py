# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.online import (
    Migrated,
    parse_migrated,
)

NOTHING = """Running batches of 50 until complete
+------------------+--------------+-----------+
|    Migration     | Total Needed | Completed |
+------------------+--------------+-----------+
| populate_user_id |      0       |     0     |
+------------------+--------------+-----------+
"""

# Three batches: 7 rows of populate_uuids stay in each, populate_user_id is through after the second.
STUCK = """Running batches of 50 until complete
7 rows matched query populate_uuids, 0 migrated
50 rows matched query populate_user_id, 50 migrated
7 rows matched query populate_uuids, 0 migrated
12 rows matched query populate_user_id, 12 migrated
7 rows matched query populate_uuids, 0 migrated
+------------------+--------------+-----------+
|    Migration     | Total Needed | Completed |
+------------------+--------------+-----------+
| populate_user_id |      62      |     62    |
|  populate_uuids  |      21      |     0     |
+------------------+--------------+-----------+
"""

# Rows that the first batch could not migrate and later ones no longer found.
FREED = """Running batches of 50 until complete
2 rows matched query create_incomplete_consumers, 0 migrated
3 rows matched query set_root_provider_ids, 3 migrated
+-----------------------------+-------------+-----------+
|          Migration          | Total Found | Completed |
+-----------------------------+-------------+-----------+
| create_incomplete_consumers |      2      |     0     |
|    set_root_provider_ids    |      3      |     3     |
+-----------------------------+-------------+-----------+
"""

# A method and a function that raise; another function that raised in the first batch only.
FAILED = """Running batches of 50 until complete
Error attempting to run <bound method PciDevice.populate_dev_uuids of <class 'nova.objects.pci_device.PciDevice'>>
Error attempting to run <function once at 0x7f1>
4 rows matched query populate_user_id, 4 migrated
Error attempting to run <bound method PciDevice.populate_dev_uuids of <class 'nova.objects.pci_device.PciDevice'>>
1 rows matched query populate_uuids, 0 migrated
Error attempting to run <function fill_virtual_interface_list at 0x7f2>
+-----------------------------+--------------+-----------+
|          Migration          | Total Needed | Completed |
+-----------------------------+--------------+-----------+
| fill_virtual_interface_list |      0       |     0     |
|             once            |      0       |     0     |
|      populate_dev_uuids     |      0       |     0     |
|       populate_user_id      |      4       |     4     |
|        populate_uuids       |      1       |     0     |
+-----------------------------+--------------+-----------+
Some migrations failed unexpectedly. Check log for details.
"""


@pytest.mark.parametrize(
    ("text", "migrated", "needed", "remaining"),
    [
        ("", Migrated(), 0, 0),
        (NOTHING, Migrated(), 0, 0),
        (STUCK, Migrated(62, {"populate_uuids": 7}), 69, 7),
        (FREED, Migrated(3), 3, 0),
        (
            FAILED,
            Migrated(4, {"populate_uuids": 1}, ("populate_dev_uuids", "fill_virtual_interface_list")),
            5,
            1,
        ),
    ],
)
def test_what_a_run_tells(text: str, migrated: Migrated, needed: int, remaining: int) -> None:
    seen = parse_migrated(text)
    assert seen == migrated
    assert seen.counts == {"needed": needed, "completed": migrated.completed, "remaining": remaining}
