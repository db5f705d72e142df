# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the cloud that goes on whatever happens: a request a second, and an instance every 20 seconds.

It speaks HTTP by itself and tries nothing twice, so that it hides no failure.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any

from .measured import Attempt, Boot

_EVERY = 1.0
_PATIENCE = 5.0
_BOOT_EVERY = 20.0
# The API answers a boot when the message queue has it, and has a minute for that.
_BOOT_PATIENCE = 70.0
_LOOK_EVERY = 3.0
# Names a host for an instance (2.74), and takes no network by itself ("auto" needs 2.37).
_VERSION = {"X-OpenStack-Nova-API-Version": "2.74"}


@dataclass(frozen=True)
class Cloud:
    """The cloud behind its address, as its administrator sees it; ``authority``: the file of the one behind its TLS."""

    address: str
    password: str
    authority: str

    def token(self, patience: float = _PATIENCE) -> str:
        """A new token."""
        user = {"name": "admin", "domain": {"name": "Default"}, "password": self.password}
        project = {"name": "admin", "domain": {"name": "Default"}}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": project},
            }
        }
        headers, _answer = self._ask(
            "POST", f"https://{self.address}:5000/v3/auth/tokens", body, {}, patience
        )
        return headers["X-Subject-Token"]

    def compute(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        patience: float = _PATIENCE,
    ) -> Any:
        """What Nova answers."""
        url = f"https://{self.address}:8774/v2.1/{path}"
        return self._ask(method, url, body, self._headers(token), patience)[1]

    def network(self, path: str) -> Any:
        """What Neutron answers."""
        return self._ask(
            "GET", f"https://{self.address}:9696/v2.0/{path}", None, self._headers(""), _PATIENCE
        )[1]

    def image(self, path: str) -> Any:
        """What Glance answers."""
        return self._ask("GET", f"https://{self.address}:9292/v2/{path}", None, self._headers(""), _PATIENCE)[
            1
        ]

    @cached_property
    def _opener(self) -> urllib.request.OpenerDirector:
        context = ssl.create_default_context(cafile=self.authority)
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def _headers(self, token: str) -> dict[str, str]:
        return {"X-Auth-Token": token or self.token(), **_VERSION}

    def _ask(
        self, method: str, url: str, body: object, headers: Mapping[str, str], patience: float
    ) -> tuple[Mapping[str, str], Any]:
        content = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            url, content, {"Content-Type": "application/json", **headers}, method=method
        )
        with self._opener.open(request, timeout=patience) as response:
            text = response.read()
            return response.headers, json.loads(text) if text else None


def cause_of(error: Exception) -> str:
    """In a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"{error.code} from {error.url.split('/')[2].partition(':')[2]}"
    return str(getattr(error, "reason", error)) or type(error).__name__


@dataclass
class Client:
    """A context in which the client is at work; what it saw is in ``attempts`` and ``boots``.

    ``server`` is what a new instance is made of.
    """

    cloud: Cloud
    server: Mapping[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    boots: list[Boot] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0

    def __enter__(self) -> Client:
        self._over = threading.Event()
        self.began = time.monotonic()
        self._threads = [threading.Thread(target=self._list), threading.Thread(target=self._boot)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.ended = time.monotonic()

    def settle(self, patience: float) -> None:
        """Wait until each instance is there or in error, and remove them all."""
        deadline = time.monotonic() + patience
        while any(not boot.is_over for boot in self.boots) and time.monotonic() < deadline:
            self._look()
            time.sleep(_LOOK_EVERY)
        names = {boot.name for boot in self.boots}
        for server in self.cloud.compute("GET", "servers")["servers"]:
            if server["name"] in names:
                self._remove(server["id"])

    def _list(self) -> None:
        following = time.monotonic()
        while not self._over.is_set():
            began, cause = time.monotonic(), ""
            try:
                self.cloud.compute("GET", "servers", token=self.cloud.token())
            except (OSError, ValueError, KeyError) as error:
                cause = cause_of(error)
            self.attempts.append(Attempt(began, time.monotonic(), cause))
            following = max(following + _EVERY, time.monotonic())
            self._over.wait(following - time.monotonic())

    def _boot(self) -> None:
        following = time.monotonic()
        while not self._over.is_set():
            if time.monotonic() >= following:
                following = time.monotonic() + _BOOT_EVERY
                self.boots.append(self._request(len(self.boots)))
            self._look()
            self._over.wait(_LOOK_EVERY)

    def _request(self, number: int) -> Boot:
        boot = Boot(f"ha-{number}", time.monotonic())
        body = {"server": {**self.server, "name": boot.name}}
        try:
            token = self.cloud.token()
            answer = self.cloud.compute("POST", "servers", body, token=token, patience=_BOOT_PATIENCE)
            boot.id = answer["server"]["id"]
        except (OSError, ValueError, KeyError) as error:
            boot.refused = cause_of(error)
        return boot

    def _remove(self, server: str) -> None:
        """One that is on its way out already may be gone by now."""
        try:
            self.cloud.compute("DELETE", f"servers/{server}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise

    def _look(self) -> None:
        for boot in self.boots:
            if boot.is_over:
                continue
            try:
                server = self.cloud.compute("GET", f"servers/{boot.id}")["server"]
                boot.seen(server["status"], server.get("fault", {}).get("message", ""), time.monotonic())
                if boot.status == "ACTIVE":
                    self._remove(boot.id)
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    boot.seen("LOST", "Nova does not know it", time.monotonic())
            except (OSError, ValueError, KeyError):
                # The requests of every second tell that.
                return
