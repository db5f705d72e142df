# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud in memory that keeps flavors, images, networks and quotas as Nova, Glance and Neutron do."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_resources.client import (
    OpenStackResources,
)
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_resources.writer import ResourceWriter
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.modules import cloud_resources

from .modules import run_module

AUTH = {"auth_url": "http://c:5000", "username": "admin", "password": "adm1n-s3cret", "project_name": "admin"}
OWN = "project-admin"
OTHER = "project-research"
FLAVOR = {"OS-FLV-EXT-DATA:ephemeral": 0, "swap": "", "os-flavor-access:is_public": True}
NETWORK = {
    "shared": False,
    "router:external": False,
    "mtu": 1450,
    "port_security_enabled": True,
    "provider:network_type": "vxlan",
    "provider:physical_network": None,
    "provider:segmentation_id": 7,
}
ANY = {"protocol": None, "port_range_min": None, "port_range_max": None, "remote_ip_prefix": None}
ANY["remote_group_id"] = None
WRAPPERS = {"flavors": "flavor", "networks": "network", "subnets": "subnet", "routers": "router"}


class FakeCloudOfResources(Cloud):
    """``writes`` are all requests but those that read; ``is_away``: nothing answers.

    ``refuse``: (method, beginning of a path) -> HTTP status.
    """

    project_id = OWN

    def __init__(self) -> None:
        self.is_away = False
        self.reads: list[str] = []
        self.writes: list[tuple[str, str, Any]] = []
        self.refuse: dict[tuple[str, str], int] = {}
        self.content: dict[str, bytes] = {}
        self.projects = {"admin": OWN, "research": OTHER}
        self.store: dict[str, dict[str, dict[str, Any]]] = {
            kind: {} for kind in ("flavors", "keypairs", "images", "ports", "security-groups", *WRAPPERS)
        }
        self.quotas: dict[str, dict[str, Any]] = {
            "/os-quota-sets/" + OWN: {"id": OWN, "cores": 20, "instances": 10},
            "/os-quota-sets/" + OTHER: {"id": OTHER, "cores": 20, "instances": 10},
            "/quotas/" + OWN: {"network": 100, "floatingip": 50},
        }
        self._ids = itertools.count(1)

    def run(self, **params: Any) -> dict[str, Any]:
        """Run the module on this cloud; the result."""
        return run_module(cloud_resources, self._prepare, auth=AUTH, **params)

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """What there is of a kind, by name."""
        return {one["name"]: one for one in self.store[kind].values()}

    def add(self, kind: str, **body: Any) -> str:
        """Put something there, as somebody else would have; its ID."""
        id = f"{kind}-{next(self._ids)}"
        self.store[kind][id] = {"id": id, "project_id": OWN, **body}
        return id

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        if self.is_away:
            raise UnreachableError("read", service, path, "connection refused", "Start it")
        if service == "compute":
            assert options["microversion"] == "2.61"
        body = options.get("json")
        if method == "GET":
            self.reads.append(path)
        else:
            self.writes.append((method, path, json.loads(json.dumps(body))))
        for (refused, beginning), status in self.refuse.items():
            if method == refused and path.startswith(beginning):
                raise self._refusal(method, subject, status)
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")
        if service == "identity":
            return self._projects(words, parse_qs(parts.query))
        if parts.path in self.quotas:
            key = "quota_set" if service == "compute" else "quota"
            self.quotas[parts.path].update(body[key] if body else {})
            return {key: dict(self.quotas[parts.path])}
        name = "_".join([method.lower(), *words[:1], *words[2:3]]).replace("-", "_")
        handler = getattr(self, f"_{name}", None)
        if handler:
            return handler(*words[1:2], *words[3:], subject=subject, **options)
        if method == "GET":
            return self._listed(words[0], parse_qs(parts.query))
        kind, id = words[0], words[1] if len(words) > 1 else ""
        if method == "POST":
            return self._created(kind, next(iter(body.values())))
        if id not in self.store[kind]:
            raise self._refusal(method, subject, 404)
        if method == "DELETE":
            del self.store[kind][id]
            return {}
        changes = next(iter(body.values()))
        if any(key.startswith("provider:") for key in changes):
            raise self._refusal(method, subject, 400)
        self.store[kind][id].update(changes)
        return {}

    def _projects(self, words: list[str], query: dict[str, list[str]]) -> Any:
        if len(words) == 1:
            found = [self.projects[name] for name in query["name"] if name in self.projects]
            return {"projects": [{"id": id} for id in found]}
        if words[1] not in self.projects.values():
            raise self._refusal("GET", f"project {words[1]}", 404)
        return {"project": {"id": words[1]}}

    def _listed(self, kind: str, query: dict[str, list[str]]) -> Any:
        found = list(self.store[kind].values())
        for key, name in (("name", "name"), ("tenant_id", "project_id"), ("device_id", "device_id")):
            if key in query:
                found = [one for one in found if one[name] in query[key]]
        return {kind.replace("-", "_"): found}

    def _created(self, kind: str, given: dict[str, Any]) -> Any:
        defaults: dict[str, Any] = {"networks": NETWORK, "flavors": FLAVOR}.get(kind, {})
        if kind == "flavors":
            defaults = {**defaults, "extra_specs": {}}
        if kind == "subnets":
            net = given["cidr"].rpartition(".")[0]
            pools = [{"start": f"{net}.2", "end": f"{net}.254"}]
            defaults = {"gateway_ip": f"{net}.1", "allocation_pools": pools}
            defaults |= {"dns_nameservers": [], "enable_dhcp": True}
        if kind == "routers":
            defaults = {"external_gateway_info": None}
        id = self.add(kind, **{**defaults, **given})
        if kind == "security-groups":
            rules = [{**ANY, "direction": "egress", "ethertype": kind} for kind in ("IPv4", "IPv6")]
            rules = [{**rule, "id": f"{id}-{rule['ethertype']}"} for rule in rules]
            self.store[kind][id].update(security_group_rules=rules)
            self.store[kind][id].setdefault("description", "")
        key = kind[:-1].replace("-", "_")
        return {key: dict(self.store[kind][id])}

    def _get_flavors(self, *_arguments: str, **options: Any) -> Any:
        assert options["params"] == {"is_public": "None"}
        # Before 2.75 no swap is "".
        return {"flavors": [{**one, "swap": one["swap"] or ""} for one in self.store["flavors"].values()]}

    def _post_flavors_os_extra_specs(self, id: str, **options: Any) -> Any:
        self.store["flavors"][id]["extra_specs"].update(options["json"]["extra_specs"])

    def _delete_flavors_os_extra_specs(self, id: str, key: str, **_options: Any) -> Any:
        del self.store["flavors"][id]["extra_specs"][unquote(key)]

    def _get_os_keypairs(self, **_options: Any) -> Any:
        return {"keypairs": [{"keypair": one} for one in self.store["keypairs"].values()]}

    def _post_os_keypairs(self, *, subject: str, **options: Any) -> Any:
        keypair = options["json"]["keypair"]
        if keypair["name"] in self.store["keypairs"]:
            raise self._refusal("POST", subject, 409)
        self.store["keypairs"][keypair["name"]] = keypair

    def _delete_os_keypairs(self, name: str, **_options: Any) -> Any:
        del self.store["keypairs"][name]

    def _get_images(self, **_options: Any) -> Any:
        query = parse_qs(urlsplit(self.reads[-1]).query)
        assert query["visibility"] == ["all"]
        names = query["name"][0].removeprefix("in:")
        return {"images": [one for one in self.store["images"].values() if f'"{one["name"]}"' in names]}

    def _post_images(self, **options: Any) -> Any:
        empty = {"size": None, "checksum": None, "os_hash_algo": None, "os_hash_value": None}
        given = {"owner": OWN, "visibility": "shared", "min_disk": 0, "min_ram": 0, "protected": False}
        id = self.add("images", **{**given, **empty, "status": "queued", **options["json"]})
        return dict(self.store["images"][id])

    def _put_images_file(self, id: str, *, subject: str, **options: Any) -> Any:
        image, content = self.store["images"][id], options["data"].read()
        if image["status"] != "queued":
            raise self._refusal("PUT", subject, 409)
        self.content[image["name"]] = content
        image.update(status="active", size=len(content), checksum=hashlib.md5(content).hexdigest())
        image.update(os_hash_algo="sha512", os_hash_value=hashlib.sha512(content).hexdigest())
        return {}

    def _patch_images(self, id: str, **options: Any) -> Any:
        assert options["headers"]["Content-Type"].endswith("json-patch")
        for patch in options["json"]:
            assert "/" not in patch["path"][1:]
            key = patch["path"][1:].replace("~1", "/").replace("~0", "~")
            if patch["op"] == "remove":
                del self.store["images"][id][key]
            else:
                self.store["images"][id][key] = patch["value"]

    def _put_routers_add_router_interface(self, id: str, **options: Any) -> Any:
        fixed_ips = [{"subnet_id": options["json"]["subnet_id"]}]
        self.add("ports", device_id=id, device_owner="network:router_interface", fixed_ips=fixed_ips)

    def _put_routers_remove_router_interface(self, id: str, **options: Any) -> Any:
        subnet = options["json"]["subnet_id"]
        for key, port in list(self.store["ports"].items()):
            if port["device_id"] == id and port["fixed_ips"] == [{"subnet_id": subnet}]:
                del self.store["ports"][key]

    def _delete_routers(self, id: str, *, subject: str, **_options: Any) -> Any:
        if any(port["device_id"] == id for port in self.store["ports"].values()):
            raise self._refusal("DELETE", subject, 409)
        del self.store["routers"][id]

    def _delete_networks(self, id: str, **_options: Any) -> Any:
        del self.store["networks"][id]
        for key, subnet in list(self.store["subnets"].items()):
            if subnet["network_id"] == id:
                del self.store["subnets"][key]

    def _get_security_groups(self, **_options: Any) -> Any:
        (project,) = parse_qs(urlsplit(self.reads[-1]).query)["tenant_id"]
        groups = self.store["security-groups"]
        if not any(one["project_id"] == project and one["name"] == "default" for one in groups.values()):
            self._created("security-groups", {"name": "default", "project_id": project})
        return {"security_groups": [one for one in groups.values() if one["project_id"] == project]}

    def _post_security_group_rules(self, *, subject: str, **options: Any) -> Any:
        rule = {"remote_group_id": None, **options["json"]["security_group_rule"]}
        rules = self.store["security-groups"][rule.pop("security_group_id")]["security_group_rules"]
        if any({key: value for key, value in one.items() if key != "id"} == rule for one in rules):
            raise self._refusal("POST", subject, 409)
        rules.append({**rule, "id": f"rule-{next(self._ids)}"})

    def _get_security_group_rules(self, **_options: Any) -> Any:
        (group,) = parse_qs(urlsplit(self.reads[-1]).query)["security_group_id"]
        return {"security_group_rules": self.store["security-groups"][group]["security_group_rules"]}

    def _delete_security_group_rules(self, id: str, **_options: Any) -> Any:
        for group in self.store["security-groups"].values():
            rules = group["security_group_rules"]
            group["security_group_rules"] = [one for one in rules if one["id"] != id]

    @staticmethod
    def _refusal(method: str, subject: str, status: int) -> ApiError:
        verb = {"POST": "create", "PUT": "set", "PATCH": "change", "DELETE": "delete"}.get(method, "read")
        kind, _space, name = subject.partition(" ")
        return ApiError(verb, kind, name, f"HTTP {status} here", "See the log", status=status)

    def _prepare(self, operation: Any) -> None:
        operation.client = ResourceWriter(OpenStackResources(self))
