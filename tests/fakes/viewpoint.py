# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host outside of the networks of a cloud in memory."""

from __future__ import annotations

from .cloud_apis import FakeCloud


class Viewpoint:
    """It sees the instance's page and the router's echo from a moment of the cloud's clock on."""

    name = "controller1"

    def __init__(self, cloud: FakeCloud, page_from: float = 0.0, echo_from: float = 0.0) -> None:
        self._cloud = cloud
        self._page_from = page_from
        self._echo_from = echo_from

    def page(self, address: str) -> str | None:
        assert address == "172.30.77.140"
        (server,) = self._cloud.store["servers"]
        return f"{server}\n" if self._cloud.clock.now >= self._page_from else None

    def echoes(self, address: str) -> bool:
        assert address == "172.30.77.100"
        return self._cloud.clock.now >= self._echo_from
