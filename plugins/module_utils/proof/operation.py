# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind instance_proof: boot an instance, hear it speak, look at its screen, remove it all."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ..clients.openstack import connect
from ..engine.errors import CollectionError
from ..engine.redact import Redactor
from ..engine.runner import Operation
from . import console, find, novnc, servers
from .api import Api, VersionedApi
from .instance import Current, Desired, ImageFiles, ProofPlan, image_names, plan_proof, server_names
from .part import MISSING, PROVEN, SKIPPED, Part, from_error, require
from .resources import Clock, Resource, Resources

_POLL_SECONDS = 2.0
_SCREEN_SECONDS = 60.0
_TRACEBACK_LINES = 8


@dataclass
class Guest:
    """One instance under proof."""

    host: str
    server: Resource
    started: float
    address: str = ""
    log: str = ""
    failed: bool = False
    lines: dict[str, str] = field(default_factory=dict)
    answered: novnc.Console | None = None

    def as_dict(self) -> dict[str, Any]:
        """The instance as the module returns it."""
        return {
            "id": self.server.id,
            "name": self.server.name,
            "host": self.host,
            "address": self.address,
            "console": dict(self.lines),
            "novnc_page": self.answered.page if self.answered else None,
            "novnc_banner": self.answered.banner if self.answered else None,
        }


class Halt(Exception):
    """A part that all that follows needs is missing; it is among the parts already."""


class InstanceProof(Operation):
    """Boots instances in a cloud and leaves nothing behind."""

    def __init__(
        self,
        desired: Desired,
        connect: Callable[[], Api],
        redactor: Redactor,
        *,
        look: Callable[..., novnc.Console] = novnc.look,
        clock: Clock = time,
    ) -> None:
        self._desired = desired
        self.connect = connect
        self.redactor = redactor
        self.look = look
        self.clock = clock
        self._parts: list[Part] = []
        self._guests: list[Guest] = []

    def read(self) -> Current:
        """What is there already. Fails on what would end the proof anyway, before anything is made."""
        console.expected(self._desired.console, dict.fromkeys(console.PLACEHOLDERS, ""))
        desired, api = self._desired, self.connect()
        self._api = api
        self._cloud = Resources(api, desired.name, self.clock)
        return Current(
            leftovers=tuple(self._cloud.own()),
            image=find.image(api, desired.image) if desired.image else None,
            external_network=find.external_network(api, desired.external_network),
        )

    def nothing(self) -> Current:
        """A cloud that is not there yet."""
        return Current()

    def plan(self, current: Current) -> ProofPlan:
        """See plan_proof."""
        return plan_proof(self._desired, current)

    def apply(self, plan: ProofPlan) -> Mapping[str, Any]:  # type: ignore[override]
        """Prove; whatever happens, remove what was made. Raises CollectionError where a part is missing."""
        if self._desired.files:
            _require_files(self._desired.files)
        try:
            self._clear(plan.current.leftovers)
            self._prove(plan.current)
        except Halt:
            pass
        except CollectionError as error:
            self._parts.append(from_error("instance", error))
        finally:
            self._clean_up()
        instances = [guest.as_dict() for guest in self._guests]
        require("instance", self._desired.name, self._parts, instances=instances)
        return {"proven": True, "parts": [part.as_dict() for part in self._parts], "instances": instances}

    def _prove(self, current: Current) -> None:
        image = self._upload(current)
        network, group = self._wire(current)
        self._boot(image, self._size(), network, group)
        self._wait_active(network)
        self._hear(network)
        if self._desired.novnc:
            self._see()

    @contextmanager
    def _part(self, name: str) -> Iterator[list[str]]:
        """Time a part that must succeed; what the block appends to the list is its detail."""
        started = self.clock.monotonic()
        detail: list[str] = []
        try:
            yield detail
        except CollectionError as error:
            seconds = self.clock.monotonic() - started
            self._parts.append(from_error(name, error, seconds=seconds))
            raise Halt from error
        seconds = self.clock.monotonic() - started
        self._parts.append(Part(name, PROVEN, ", ".join(detail), seconds=seconds))

    def _clear(self, resources: tuple[Resource, ...]) -> None:
        if resources:
            with self._part("leftovers") as detail:
                self._cloud.remove(resources, self._desired.timeout)
                detail.append(f"removed {len(resources)} resources of an earlier proof")

    def _clean_up(self) -> None:
        if self._desired.keep_failed and any(part.state == MISSING for part in self._parts):
            self._parts.append(Part("cleanup", SKIPPED, "all is kept for a look; the next proof removes it"))
            return
        try:
            with self._part("cleanup") as detail:
                # Looked for anew: a request that was cut off may have made something all the same.
                resources = self._cloud.own()
                self._cloud.remove(resources, self._desired.timeout)
                detail.append(f"{len(resources)} resources deleted")
        except Halt:
            pass

    def _upload(self, current: Current) -> str:
        if current.image:
            with self._part("image") as detail:
                detail.append(f"{current.image['name']} as it is")
            return current.image["id"]
        files = self._desired.files
        assert files is not None  # the module demands files or an image
        names = image_names(self._desired)
        with self._part("image") as detail:
            kernel = self._cloud.upload(names["kernel"], files.kernel, "aki", "aki")
            initramfs = self._cloud.upload(names["initramfs"], files.initramfs, "ari", "ari")
            properties = {
                "kernel_id": kernel.id,
                "ramdisk_id": initramfs.id,
                "os_command_line": files.command_line,
            }
            disk = self._cloud.upload(names["disk"], files.disk, "qcow2", "bare", properties)
            size = sum(os.path.getsize(path) for path in (files.kernel, files.initramfs, files.disk))
            detail.append(f"uploaded kernel, initramfs and disk ({size / 1e6:.1f} MB)")
        return disk.id

    def _wire(self, current: Current) -> tuple[Resource, Resource]:
        name, cloud = self._desired.name, self._cloud
        with self._part("network") as detail:
            group = cloud.create("security_group", name, {})
            network = cloud.create("network", name, {})
            detail.append(
                f"{network.body.get('provider:network_type', 'own')} network {self._desired.subnet}"
            )
            subnet = cloud.create_subnet(name, network, self._desired.subnet)
            external = current.external_network
            gateway = {"external_gateway_info": {"network_id": external["id"]}} if external else {}
            router = cloud.create("router", name, gateway)
            cloud.attach(router, subnet)
            detail.append(f"router to {external['name']}" if external else "router without a way out")
        return network, group

    def _size(self) -> str:
        desired = self._desired
        with self._part("flavor") as detail:
            size = {"ram": desired.memory, "disk": desired.disk, "vcpus": desired.vcpus}
            flavor = self._cloud.create("flavor", desired.name, {**size, "os-flavor-access:is_public": False})
            detail.append(f"{desired.memory} MB, {desired.disk} GB, {desired.vcpus} vCPU")
        return flavor.id

    def _boot(self, image: str, flavor: str, network: Resource, group: Resource) -> None:
        for host, name in server_names(self._desired).items():
            body = {
                "imageRef": image,
                "flavorRef": flavor,
                "networks": [{"uuid": network.id}],
                "security_groups": [{"name": group.id}],
                **({"host": host} if host else {}),
            }
            started = self.clock.monotonic()
            try:
                self._guests.append(Guest(host, self._cloud.create("server", name, body), started))
            except CollectionError as error:
                self._parts.append(from_error("instance", error, subject=host))

    def _each(self, visit: Callable[[Guest], bool], late: Callable[[Guest], Part]) -> None:
        """Visit the guests that have not failed until each visit says it is done, or time is up."""
        deadline = self.clock.monotonic() + self._desired.timeout
        waiting = [guest for guest in self._guests if not guest.failed]
        while waiting := [guest for guest in waiting if not visit(guest)]:
            if self.clock.monotonic() >= deadline:
                for guest in waiting:
                    self._fail(guest, late(guest))
                return
            self.clock.sleep(_POLL_SECONDS)

    def _fail(self, guest: Guest, part: Part) -> None:
        guest.failed = True
        self._parts.append(part)

    def _wait_active(self, network: Resource) -> None:
        status = {}

        def visit(guest: Guest) -> bool:
            body = servers.show(self._api, guest.server)
            status[guest.server.id] = f"{body['status']} ({body.get('OS-EXT-STS:task_state') or 'no task'})"
            seconds = self.clock.monotonic() - guest.started
            guest.host = guest.host or body.get("OS-EXT-SRV-ATTR:host") or ""
            if body["status"] == "ERROR":
                self._fail(guest, _faulty(guest, body, seconds))
            if body["status"] != "ACTIVE":
                return guest.failed
            addresses = body["addresses"].get(network.name, [])
            guest.address = addresses[0]["addr"] if addresses else ""
            detail = f"ACTIVE with address {guest.address}"
            self._parts.append(Part("instance", PROVEN, detail, subject=guest.host, seconds=seconds))
            return True

        def late(guest: Guest) -> Part:
            return Part(
                "instance",
                MISSING,
                f"{status[guest.server.id]} after {self._desired.timeout:g} seconds",
                subject=guest.host,
                seconds=self._desired.timeout,
                remedy="Look into the logs of nova-compute on its host, nova-scheduler and nova-conductor",
            )

        self._each(visit, late)

    def _hear(self, network: Resource) -> None:
        started = self.clock.monotonic()

        def visit(guest: Guest) -> bool:
            guest.log = servers.console_log(self._api, guest.server)
            seconds = self.clock.monotonic() - started
            for part, line in self._expected(guest, network).items():
                heard = console.found(line, guest.log)
                if heard and part not in guest.lines:
                    guest.lines[part] = heard
                    self._parts.append(Part(part, PROVEN, heard, subject=guest.host, seconds=seconds))
            silent = self._silent(guest)
            said = console.complaint(self._desired.console_error, guest.log)
            if silent and said:
                self._fail(guest, self._unheard(guest, network, f"the guest says: {said}", seconds))
            return guest.failed or not silent

        def late(guest: Guest) -> Part:
            cause = f"not on its console after {self._desired.timeout:g} seconds"
            return self._unheard(guest, network, cause, self._desired.timeout)

        self._each(visit, late)

    def _expected(self, guest: Guest, network: Resource) -> dict[str, str]:
        facts = {
            "address": guest.address,
            "host": guest.host,
            "instance_id": guest.server.id,
            "mtu": str(network.body.get("mtu", "")),
            "name": guest.server.name,
        }
        return console.expected(self._desired.console, facts)

    def _silent(self, guest: Guest) -> list[str]:
        return [part for part in self._desired.console if part not in guest.lines]

    def _unheard(self, guest: Guest, network: Resource, cause: str, seconds: float) -> Part:
        silent = self._silent(guest)
        lines = self._expected(guest, network)
        return Part(
            silent[0],
            MISSING,
            f"{cause}; expected " + " and ".join(f'"{lines[part]}"' for part in silent),
            subject=guest.host,
            seconds=seconds,
            evidence=console.last_lines(guest.log),
            remedy=_console_remedy(guest, silent[0]),
        )

    def _see(self) -> None:
        for guest in self._guests:
            if guest.failed:
                continue
            started = self.clock.monotonic()
            try:
                url = servers.novnc_url(self._api, guest.server)
                self.redactor.learn(novnc.token(url))
                guest.answered = self.look(url, timeout=_SCREEN_SECONDS)
            except CollectionError as error:
                seconds = self.clock.monotonic() - started
                self._fail(guest, from_error("noVNC", error, subject=guest.host, seconds=seconds))
                continue
            seconds = self.clock.monotonic() - started
            detail = f"page {guest.answered.page}, websocket says {guest.answered.banner}"
            self._parts.append(Part("noVNC", PROVEN, detail, subject=guest.host, seconds=seconds))


def _require_files(files: ImageFiles) -> None:
    for path in (files.kernel, files.initramfs, files.disk):
        if not os.path.isfile(path):
            raise CollectionError(
                "read",
                "guest file",
                path,
                "there is no such file on this host",
                "Put the guest's kernel, initramfs and disk there, or name an image that the cloud has",
                code="not_found",
            )


def _faulty(guest: Guest, body: Mapping[str, Any], seconds: float) -> Part:
    fault = body.get("fault", {})
    message = fault.get("message", "no fault told").strip(" .")
    # A traceback's rulers under its lines tell nothing here.
    details = [line for line in fault.get("details", "").splitlines() if line.strip(" ^")]
    return Part(
        "instance",
        MISSING,
        f"Nova gave it up: {message}",
        subject=guest.host,
        seconds=seconds,
        evidence=tuple(details[-_TRACEBACK_LINES:]),
        remedy=_fault_remedy(message),
    )


def _fault_remedy(message: str) -> str:
    if "No valid host" in message:
        return (
            "Look into the log of nova-scheduler; compare what the flavor asks with"
            " `openstack resource provider inventory list`, and see that nova-compute is up and enabled"
        )
    return "Look into the log of nova-compute on its host"


def _console_remedy(guest: Guest, part: str) -> str:
    if not guest.log.strip():
        return (
            "The guest said nothing at all: it does not run. Try [libvirt] virt_type = qemu on its host,"
            " and look into /var/log/libvirt/qemu there"
        )
    if part == "metadata":
        return (
            "Look into the logs of neutron-metadata-agent and nova-api-metadata on the controller;"
            " their metadata_proxy_shared_secret must be the same"
        )
    return (
        "Look into the logs of neutron-dhcp-agent on the controller and of the Linux bridge agents;"
        " VXLAN (UDP 8472) must pass between the hosts' tunnel addresses"
    )


def build(module: AnsibleModule, redactor: Redactor) -> InstanceProof:
    """The operation of the module instance_proof."""
    params = module.params
    desired = Desired(
        name=params["name"],
        hosts=tuple(params["hosts"]),
        files=ImageFiles(**params["files"]) if params["files"] else None,
        image=params["image"],
        memory=params["memory"],
        disk=params["disk"],
        vcpus=params["vcpus"],
        subnet=params["subnet"],
        external_network=params["external_network"],
        console=params["console"],
        console_error=params["console_error"],
        novnc=params["novnc"],
        keep_failed=params["keep_failed"],
        timeout=params["timeout"],
    )

    def api() -> VersionedApi:
        cloud = connect(params, redactor)
        return VersionedApi(cloud, interface=params["interface"], region_name=params["region_name"])

    def look(url: str, timeout: float) -> novnc.Console:
        return novnc.look(url, timeout=timeout, context=_tls(params))

    return InstanceProof(desired, api, redactor, look=look)


def _tls(params: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=params["ca_cert"])
    if not params["validate_certs"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
