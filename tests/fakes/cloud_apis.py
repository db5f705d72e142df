# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud in memory that answers as Nova, Neutron and Glance do, and refuses what they refuse."""

from __future__ import annotations

import itertools
import json
from typing import Any, Callable
from urllib.parse import parse_qs, urlsplit

from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError

from .clock import FakeClock

PROJECT = "0c5e1a6be1b34ed0a6c6f7a2b1f9d001"
EXTERNAL = {
    "id": "ext-1",
    "name": "provider",
    "router:external": True,
    "subnets": ["ext-subnet"],
    "project_id": "other",
    "description": "",
}
SPOKEN = "STACKWRIGHT-GUEST address={address}\r\nSTACKWRIGHT-GUEST instance-id={id}\r\n"

# What a server is like while it is under way: that a resize is being confirmed only its status shows.
MOVING = {
    "os-migrateLive": {"status": "MIGRATING", "OS-EXT-STS:task_state": "migrating"},
    "resize": {"status": "RESIZE", "OS-EXT-STS:task_state": "resize_migrating"},
    "confirmResize": {"status": "VERIFY_RESIZE", "OS-EXT-STS:task_state": None},
}


class FakeCloud(Cloud):
    """The cloud of the proof.

    ``boot_seconds`` and ``speak_seconds``: when a server becomes active and speaks. ``faults``: host -> message of
    the fault that ends its server; servers on ``unknown_hosts`` are refused. ``console``: what a guest says.
    ``refuse``: (method, beginning of the path or action of a server) -> HTTP status. ``computes``: compute host ->
    state and status; a cell that does not answer has none. ``move_seconds``: what each move takes; ``stays``:
    action -> the end of the traceback of one that Nova calls complete although nothing moves; ``ends``: action ->
    what the server is like after it; ``sweep_seconds``: how long the host that a server left live takes to remove
    it. ``requests`` keeps all that was asked.
    """

    project_id = PROJECT

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.boot_seconds = 8.0
        self.speak_seconds = 20.0
        self.delete_seconds = 3.0
        self.faults: dict[str, str] = {}
        self.unknown_hosts: set[str] = set()
        self.console: Callable[[dict[str, Any]], str] = lambda server: SPOKEN.format(
            address=server["_address"], id=server["id"]
        )
        self.refuse: dict[tuple[str, str], int] = {}
        self.computes: dict[str, tuple[str, str]] = {"compute1": ("up", "enabled")}
        self.move_seconds = 10.0
        self.sweep_seconds = 3.0
        self.stays: dict[str, str] = {}
        self.ends: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.bodies: dict[str, list[Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.store: dict[str, dict[str, dict[str, Any]]] = {
            kind: {}
            for kind in (
                "servers",
                "flavors",
                "images",
                "networks",
                "subnets",
                "routers",
                "ports",
                "security-groups",
                "floatingips",
            )
        }
        self.store["networks"]["ext-1"] = dict(EXTERNAL)
        self._ids = itertools.count(1)

    @property
    def made(self) -> dict[str, list[str]]:
        """Names of what is there, by collection, but for what was there from the beginning."""
        return {
            kind: sorted(
                body.get("name", body.get("floating_ip_address", ""))
                for body in bodies.values()
                if body["id"] != "ext-1"
            )
            for kind, bodies in self.store.items()
            if kind != "ports" and any(key != "ext-1" for key in bodies)
        }

    def add(self, kind: str, **body: Any) -> dict[str, Any]:
        """Put something there, as an earlier proof or somebody else would have."""
        body = {"id": f"{kind}-{next(self._ids)}", "project_id": PROJECT, "description": "", **body}
        self.store[kind][body["id"]] = body
        return body

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        parts = urlsplit(path)
        self.requests.append((method, path))
        for (refused, beginning), status in self.refuse.items():
            if method == refused and (
                parts.path.startswith(beginning) or beginning in options.get("json", {})
            ):
                raise refusal(method, subject, status)
        words = parts.path.strip("/").split("/")
        kind, rest = words[0], words[1:]
        if "json" in options:
            json.dumps(options["json"])
            self.bodies.setdefault(kind, []).append(options["json"])
        handler = getattr(self, "_".join(["", method.lower(), kind, *rest[1:]]).replace("-", "_"), None)
        if handler:
            return handler(*rest[:1], **options)
        if method == "GET" and (not rest or rest == ["detail"]):
            return self._listed(kind, parse_qs(parts.query))
        if method == "GET":
            return self._wrapped(kind, self._one(kind, rest[0], subject))
        if method == "POST":
            return self._created(kind, options["json"])
        if method == "DELETE":
            self._one(kind, rest[0], subject)
            del self.store[kind][rest[0]]
            return {}
        raise AssertionError(f"the fake cloud does not know {method} {path}")

    def _listed(self, kind: str, query: dict[str, list[str]]) -> dict[str, Any]:
        bodies = list(self.store[kind].values())
        for key in ("project_id", "device_id", "device_owner", "network_id", "name"):
            if key in query:
                bodies = [body for body in bodies if body.get(key) in query[key]]
        if "tag" in query:
            bodies = [body for body in bodies if set(query["tag"]) <= set(body["tags"])]
        if query.get("router:external"):
            bodies = [body for body in bodies if body.get("router:external")]
        return {kind.replace("-", "_"): [dict(body) for body in bodies]}

    def _one(self, kind: str, key: str, subject: str) -> dict[str, Any]:
        if key not in self.store[kind]:
            raise refusal("GET", subject, 404)
        return self.store[kind][key]

    @staticmethod
    def _wrapped(kind: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(body) if kind == "images" else {kind[:-1].replace("-", "_"): dict(body)}

    def _created(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        given = request if kind == "images" else next(iter(request.values()))
        body = self.add(kind, **given)
        if kind == "images":
            body.update(status="queued", owner=PROJECT)
        if kind == "routers" and given.get("external_gateway_info"):
            body["external_gateway_info"] = {
                **given["external_gateway_info"],
                "external_fixed_ips": [{"ip_address": "2001:db8::1"}, {"ip_address": "172.30.77.100"}],
            }
        if kind == "networks":
            body.update({"provider:network_type": "vxlan", "mtu": 1450, "subnets": []})
        if kind == "subnets":
            body["enable_dhcp"] = True
            self.store["networks"][body["network_id"]]["subnets"].append(body["id"])
        return self._wrapped(kind, body)

    def _post_security_group_rules(self, **options: Any) -> dict[str, Any]:
        rule = options["json"]["security_group_rule"]
        self._one("security-groups", rule["security_group_id"], "security group")
        return {"security_group_rule": {"id": "rule-1", **rule}}

    def _post_floatingips(self, **options: Any) -> dict[str, Any]:
        given = options["json"]["floatingip"]
        assert set(given) == {"floating_network_id", "port_id", "description"}, (
            "Neutron knows no other fields"
        )
        self._one("ports", given["port_id"], "port")
        return {"floatingip": dict(self.add("floatingips", floating_ip_address="172.30.77.140", **given))}

    def _post_servers(self, **options: Any) -> dict[str, Any]:
        given = options["json"]["server"]
        if given.get("host") in self.unknown_hosts:
            raise refusal("POST", f"server {given['name']}", 400)
        body = self.add(
            "servers",
            **given,
            _born=self.clock.now,
            _started=self.clock.now,
            _host=given.get("host", "compute1"),
            _address=f"192.168.222.{10 + next(self._ids)}",
        )
        self.add(
            "ports",
            network_id=given["networks"][0]["uuid"],
            device_owner="compute:nova",
            device_id=body["id"],
        )
        return {"server": {"id": body["id"]}}

    def _get_servers(self, key: str = "detail", **_options: Any) -> dict[str, Any]:
        if key == "detail":
            name = self.requests[-1][1].split("name=")[1]
            self._reap()
            return {
                "servers": [dict(body) for body in self.store["servers"].values() if name in body["name"]]
            }
        self._reap()
        body = self._one("servers", key, f"server {key}")
        fault = self.faults.get(body.get("host", ""))
        booted = self.clock.now - body["_born"] >= self.boot_seconds
        network = self.store["networks"][body["networks"][0]["uuid"]]["name"]
        return {
            "server": {
                **body,
                "status": "ERROR" if fault else "ACTIVE" if booted else "BUILD",
                "OS-EXT-STS:task_state": None if booted or fault else "spawning",
                "OS-EXT-STS:power_state": 1 if booted else 0,
                "OS-EXT-SRV-ATTR:host": body["_host"],
                "addresses": {network: [{"addr": body["_address"], "version": 4}]} if booted else {},
                **({"fault": {"message": fault, "details": "Traceback\n  in spawn"}} if fault else {}),
                **self._moved(body),
            }
        }

    def _moved(self, body: dict[str, Any]) -> dict[str, Any]:
        """What is different with a server that was asked to move."""
        if "_action" not in body:
            return {}
        action, asked = body["_action"]
        if self.clock.now - asked < self.move_seconds:
            return dict(MOVING[action])
        if not body.pop("_landed", True) and action not in self.stays:
            if action != "confirmResize":
                body["_host"] = next(host for host in self.computes if host != body["_host"])
            # What a guest says goes into a new file on a new host; one that was moved live says nothing more.
            if action == "os-migrateLive":
                body["_started"] = float("inf")
            if action == "resize":
                body["_started"] = self.clock.now
        end = "VERIFY_RESIZE" if action == "resize" and action not in self.stays else "ACTIVE"
        return {"status": end, "OS-EXT-SRV-ATTR:host": body["_host"], **self.ends.get(action, {})}

    def _get_os_services(self, **_options: Any) -> dict[str, Any]:
        about = {"zone": "nova", "updated_at": None, "disabled_reason": None}
        services = [("controller", "nova-scheduler", "up", "enabled")]
        services += [(host, "nova-compute", *condition) for host, condition in self.computes.items()]
        return {
            "services": [
                {"id": f"{binary} {host}", "host": host, "binary": binary, "state": state, "status": status}
                | about
                for host, binary, state, status in services
            ]
        }

    def _get_servers_migrations(self, key: str, **_options: Any) -> dict[str, Any]:
        action, asked = self.store["servers"][key].get("_action", ("", 0.0))
        moved = action == "os-migrateLive" and action not in self.stays
        unfinished = moved and self.clock.now - asked < self.move_seconds + self.sweep_seconds
        return {"migrations": [{"id": 1, "status": "post-migrating"}] if unfinished else []}

    def _get_servers_os_instance_actions(self, key: str, **_options: Any) -> dict[str, Any]:
        asked = "_action" in self.store["servers"][key]
        return {"instanceActions": [{"request_id": "last"}] if asked else []}

    def _get_servers_os_instance_actions_last(self, key: str, **_options: Any) -> dict[str, Any]:
        action, asked = self.store["servers"][key]["_action"]
        # Nova finishes the event after the instance is idle.
        ended = self.clock.now - asked > self.move_seconds
        traceback = f"Traceback\n  in _move\n{self.stays[action]}\n" if self.stays.get(action) else None
        failed = ended and traceback
        events = [
            {"event": action, "result": "Error" if failed else "Success", "traceback": failed and traceback}
        ]
        return {"instanceAction": {"events": events}}

    def _delete_servers(self, key: str, **_options: Any) -> dict[str, Any]:
        self._one("servers", key, f"server {key}").setdefault("_dying", self.clock.now)
        return {}

    def _reap(self) -> None:
        for key, body in list(self.store["servers"].items()):
            if "_dying" in body and self.clock.now - body["_dying"] >= self.delete_seconds:
                del self.store["servers"][key]
                for port in [port for port in self.store["ports"].values() if port.get("device_id") == key]:
                    del self.store["ports"][port["id"]]

    def _post_servers_action(self, key: str, **options: Any) -> dict[str, Any]:
        body = self.store["servers"][key]
        (action,) = request = options["json"]
        if action == "os-getConsoleOutput":
            return self._console_output(body)
        now, subject = self._get_servers(key)["server"], f"{action} of {body['name']}"
        allowed = ("VERIFY_RESIZE" if action == "confirmResize" else "ACTIVE", None)
        if (now["status"], now["OS-EXT-STS:task_state"]) != allowed:
            raise refusal("POST", subject, 409)
        assert not self._get_servers_migrations(key)["migrations"], (
            "the host it comes back to still removes it"
        )
        if action == "resize":
            self._one("flavors", request[action]["flavorRef"], "flavor")
        body.update(_action=(action, self.clock.now), _landed=False)
        return {}

    def _console_output(self, body: dict[str, Any]) -> dict[str, Any]:
        runs = self.clock.now - body["_started"]
        if body["_started"] == body["_born"] and runs < self.boot_seconds + 1:
            raise refusal("POST", "console", 409)
        if runs < 0:
            return {"output": ""}
        return {
            "output": "Linux version 6.1\r\n" + (self.console(body) if runs >= self.speak_seconds else "")
        }

    def _post_servers_remote_consoles(self, key: str, **options: Any) -> dict[str, Any]:
        url = f"http://controller:6080/vnc_lite.html?path=%3Ftoken%3Dtoken-of-{key}"
        return {"remote_console": {**options["json"]["remote_console"], "url": url}}

    def _put_subnets(self, key: str, **options: Any) -> dict[str, Any]:
        self._one("subnets", key, f"subnet {key}").update(options["json"]["subnet"])
        return {}

    def _put_images_file(self, key: str, **options: Any) -> dict[str, Any]:
        self.uploads[self.store["images"][key]["name"]] = options["data"].read()
        self.store["images"][key]["status"] = "active"
        return {}

    def _put_routers_add_router_interface(self, key: str, **options: Any) -> dict[str, Any]:
        subnet = self.store["subnets"][options["json"]["subnet_id"]]
        self.add(
            "ports", network_id=subnet["network_id"], device_id=key, device_owner="network:router_interface"
        )
        return {}

    def _put_routers_remove_router_interface(self, key: str, **options: Any) -> dict[str, Any]:
        if any("port_id" in body for body in self.store["floatingips"].values()):
            raise refusal("PUT", f"router {key}", 409)
        network = self.store["ports"][options["json"]["port_id"]]["network_id"]
        for subnet in self.store["subnets"].values():
            assert subnet["network_id"] != network or not subnet["enable_dhcp"], (
                "the agent leaves a namespace"
            )
        del self.store["ports"][options["json"]["port_id"]]
        return {}

    def _delete_routers(self, key: str, **_options: Any) -> dict[str, Any]:
        if any(port["device_id"] == key for port in self.store["ports"].values()):
            raise refusal("DELETE", f"router {key}", 409)
        self._one("routers", key, f"router {key}")
        del self.store["routers"][key]
        return {}

    def _delete_networks(self, key: str, **_options: Any) -> dict[str, Any]:
        if any(port["network_id"] == key for port in self.store["ports"].values()):
            raise refusal("DELETE", f"network {key}", 409)
        self._one("networks", key, f"network {key}")
        del self.store["networks"][key]
        for subnet in [s for s in self.store["subnets"].values() if s["network_id"] == key]:
            del self.store["subnets"][subnet["id"]]
        return {}


def refusal(method: str, subject: str, status: int) -> ApiError:
    """What the client raises for an HTTP status."""
    kind, _space, name = subject.partition(" ")
    verb = {"GET": "read", "POST": "create", "PUT": "set", "DELETE": "delete"}[method]
    return ApiError(verb, kind, name, f"refused (HTTP {status})", "See the service's log", status=status)
