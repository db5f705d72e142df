# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a request in the logs of APIs, and what RabbitMQ answers."""

from __future__ import annotations

import pytest
from scale import reading

LOG = """\
2026-11-25 03:16:58.802 2969 WARNING oslo_messaging.rpc.client [None req-02d62583 - - - - - -] Using RPCClient
WSGI app 0 (mountpoint='') ready in 31 seconds on interpreter 0x7fece3223af8 pid: 2969 (default app)
[pid: 24|app: 0|req: 3/6] 192.0.2.11 () {36 vars in 839 bytes} [Wed Nov 25 03:41:30 2026] GET /v3/auth/tokens => \
generated 3509 bytes in 800 msecs (HTTP/1.1 200) 5 headers in 358 bytes (4 switches on core 0)
[pid: 24|app: 0|req: 4/7] 192.0.2.12 () {36 vars in 839 bytes} [Wed Nov 25 03:41:31 2026] POST /v3/auth/tokens => \
generated 3509 bytes in 800 msecs (HTTP/1.1 201) 5 headers in 358 bytes (4 switches on core 0)
2026-11-25 03:45:53.276 25 INFO placement.requestlog [req-965bd959] 192.0.2.12 "GET /allocations" status: 200
[pid: 25|app: 0|req: 4/8] 192.0.2.12 () {36 vars in 839 bytes} [Wed Nov 25 03:41:31 2026] PUT /allocations/b7 => \
generated 0 bytes in 80 msecs (HTTP/1.1 204) 5 headers in 358 bytes (4 switches on core 0)
"""


def test_each_answer_counts_once_and_nothing_else() -> None:
    assert reading.count_requests([LOG, LOG]) == {"read": 2, "token": 2, "write": 2}
    assert reading.count_requests(["", "GET /v3 => generated"]) == {}


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v3/auth/tokens", "read"),
        ("HEAD", "/v3/auth/tokens", "read"),
        ("POST", "/v3/auth/tokens?nocatalog", "token"),
        ("POST", "/v3/services", "write"),
        ("PATCH", "/v3/endpoints/1", "write"),
        ("DELETE", "/v3/auth/tokens", "write"),
    ],
)
def test_a_new_token_changes_nothing_in_the_catalog(method: str, path: str, kind: str) -> None:
    assert reading.kind(method, path) == kind


def test_the_numbers_of_the_queue() -> None:
    assert reading.queue_numbers("{51,52,76,\n 1729}\n") == {
        "connections": 51,
        "channels": 52,
        "queues": 76,
        "messages": 1729,
    }


def test_an_answer_of_another_form_is_no_number() -> None:
    with pytest.raises(ValueError, match="unpack"):
        reading.queue_numbers("{51,52,76}")
