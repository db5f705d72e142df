# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proving: what is made in a cloud for a proof, and what is seen of it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from .._clients.openstack_api import Api
from .._engine.errors import CollectionError
from .._engine.proof import MISSING, PROVEN, SKIPPED, Part
from .._engine.redaction import Redactor
from .._engine.waiting import Clock, wait_until
from . import console, novnc, outside, servers
from .moves import LIVE, PARTS, RESIZE, Mover
from .parameters import Desired, Flavor, ImageFiles
from .resources import IMAGE_FORMATS, Resource, Resources

FLOATING_IP = "floating IP"
_POLL_SECONDS = 2.0
# Where neither instance nor router has answered by then, there is no way to them.
_SIGHT_SECONDS = 20.0
_SCREEN_SECONDS = 60.0
_TRACEBACK_LINES = 8


@dataclass
class Guest:
    """One instance under proof; ``host`` is where it booted first, ``moved_to`` where it was since then."""

    host: str
    server: Resource
    started: float
    address: str = ""
    log: str = ""
    failed: bool = False
    lines: dict[str, str] = field(default_factory=dict)
    answered: novnc.Screen | None = None
    moved_to: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The host on which it is now."""
        return self.moved_to[-1] if self.moved_to else self.host

    def as_dict(self) -> dict[str, Any]:
        """The instance as the module returns it."""
        return {
            "id": self.server.id,
            "name": self.server.name,
            "host": self.host,
            "moved_to": list(self.moved_to),
            "address": self.address,
            "console": dict(self.lines),
            "novnc_page": self.answered.page if self.answered else None,
            "novnc_banner": self.answered.banner if self.answered else None,
            "novnc_picture": _as_text(self.answered.picture) if self.answered else None,
        }


class Halt(Exception):
    """A part that all that follows needs is missing; it is among the parts already."""


class Prover:
    """Takes the steps of one proof, in their order; what was proven is in ``parts`` and ``guests``.

    A step raises Halt where a part is missing that all later ones need, and CollectionError for an API that fails
    while instances are watched.
    """

    def __init__(
        self,
        desired: Desired,
        compute: Api,
        resources: Resources,
        redactor: Redactor,
        look: Callable[..., novnc.Screen],
        viewpoint: outside.Outside,
        clock: Clock,
    ) -> None:
        self.parts: list[Part] = []
        self.guests: list[Guest] = []
        self._desired = desired
        self._compute = compute
        self._resources = resources
        self._redactor = redactor
        self._look = look
        self._outside = viewpoint
        self._clock = clock
        self._mover = Mover(compute, desired.timeout, clock)
        self._image = ""
        self._flavor = ""

    def remove_leftovers(self, leftovers: Sequence[Resource]) -> None:
        """Delete what an earlier proof left."""
        with self._part("leftovers") as detail:
            self._resources.remove(leftovers, self._desired.timeout)
            detail.append(f"removed {len(leftovers)} resources of an earlier proof")

    def use_image(self, image: Mapping[str, Any]) -> None:
        """Take an image that the cloud has."""
        with self._part("image") as detail:
            detail.append(f"{image['name']} as it is")
        self._image = image["id"]

    def make_image(self, files: ImageFiles) -> None:
        """Upload the guest."""
        names, paths = self._desired.image_names, files.paths
        with self._part("image") as detail:
            ids: dict[str, str] = {}
            for kind, path in paths.items():
                properties = files.pointers(ids) if kind == "disk" else {}
                ids[kind] = self._resources.upload(names[kind], path, *IMAGE_FORMATS[kind], properties).id
            size = sum(os.path.getsize(path) for path in paths.values())
            detail.append(f"uploaded {' and '.join(paths)} ({size / 1e6:.1f} MB)")
        self._image = ids["disk"]

    def make_network(self, external: Mapping[str, Any] | None) -> None:
        """Make a network with a router that leads to the external network, if there is one."""
        name, resources = self._desired.name, self._resources
        with self._part("network") as detail:
            self._group = resources.create("security_group", name, {})
            self._network = resources.create("network", name, {})
            kind = self._network.body.get("provider:network_type", "own")
            detail.append(f"{kind} network {self._desired.subnet}")
            subnet = resources.create_subnet(name, self._network, self._desired.subnet)
            gateway = {"external_gateway_info": {"network_id": external["id"]}} if external else {}
            self._router = resources.create("router", name, gateway)
            resources.attach(self._router, subnet)
            detail.append(f"router to {external['name']}" if external else "router without a way out")

    def make_flavor(self) -> None:
        """Make the size of the instances."""
        flavor = self._desired.flavor
        with self._part("flavor") as detail:
            self._flavor = self._create_flavor(flavor)
            detail.append(f"{flavor.memory} MB, {flavor.disk} GB, {flavor.vcpus} vCPU")

    def boot(self) -> None:
        """Ask for the instances; one that Nova refuses does not hide the others."""
        for host, name in self._desired.server_names.items():
            body = {
                "imageRef": self._image,
                "flavorRef": self._flavor,
                "networks": [{"uuid": self._network.id}],
                "security_groups": [{"name": self._group.id}],
                **({"host": host} if host else {}),
            }
            started = self._clock.monotonic()
            try:
                self.guests.append(Guest(host, self._resources.create("server", name, body), started))
            except CollectionError as error:
                self.parts.append(Part.from_error("instance", error, subject=host))

    def observe(self) -> None:
        """Wait until the instances are active and have said what they must, and look at their screens."""
        self._wait_active()
        self._read_consoles()
        if self._desired.novnc:
            self._see_screens()

    def leave_out(self, parts: Sequence[Part]) -> None:
        """Take down parts that this cloud cannot be asked for."""
        self.parts.extend(parts)

    def reach(self, external: Mapping[str, Any]) -> None:
        """Ask an instance for its page on a floating IP, from outside of the cloud's networks."""
        guest = next((guest for guest in self.guests if not guest.failed), None)
        if not guest:
            self.parts.append(Part(FLOATING_IP, SKIPPED, "no instance was proven that could be reached"))
            return
        started = self._clock.monotonic()
        try:
            self._resources.allow_http(self._group)
            address = self._resources.create_floating_ip(
                self._desired.name, external["id"], guest.server
            ).name
            part = self._seen_from_outside(guest, address)
        except CollectionError as error:
            part = Part.from_error(FLOATING_IP, error, subject=guest.host)
        self.parts.append(replace(part, seconds=self._clock.monotonic() - started))

    def migrate_live(self) -> None:
        """Take an instance to another host while it runs."""
        self._move(LIVE, lambda guest: self._mover.migrate_live(guest.server))

    def resize(self) -> None:
        """Give an instance more memory, for which it goes to another host, and boots there."""

        def resize(guest: Guest) -> tuple[str, str]:
            flavor = self._create_flavor(self._desired.larger_flavor)
            return self._mover.resize(guest.server, flavor)

        self._move(RESIZE, resize, boots=True)

    def clean_up(self) -> None:
        """Delete all that was made."""
        with self._part("cleanup") as detail:
            # Looked for anew: a request that was cut off may have made something all the same.
            resources = self._resources.own()
            self._resources.remove(resources, self._desired.timeout)
            detail.append(f"{len(resources)} resources deleted")

    @contextmanager
    def _part(self, name: str) -> Iterator[list[str]]:
        """Time a part that must succeed; what the block appends to the list is its detail."""
        started = self._clock.monotonic()
        detail: list[str] = []
        try:
            yield detail
        except CollectionError as error:
            seconds = self._clock.monotonic() - started
            self.parts.append(Part.from_error(name, error, seconds=seconds))
            raise Halt from error
        seconds = self._clock.monotonic() - started
        self.parts.append(Part(name, PROVEN, ", ".join(detail), seconds=seconds))

    def _seen_from_outside(self, guest: Guest, address: str) -> Part:
        """The part of the floating IP. Only from where its router is seen can it be said that it is not."""
        facts, gateway, place = self._facts(guest), _gateway(self._router), self._outside.name
        (text,) = console.expected({FLOATING_IP: self._desired.floating_ip}, facts).values()

        def answers() -> bool:
            return console.found(text, self._outside.page(address) or "") is not None

        def wait(look: Callable[[], bool], seconds: float) -> bool:
            return wait_until(bool, look, timeout=seconds, interval=_POLL_SECONDS, clock=self._clock)

        in_sight = wait(
            lambda: answers() or (bool(gateway) and self._outside.echoes(gateway)), _SIGHT_SECONDS
        )
        if not in_sight:
            detail = (
                f"{place} has no way into the external network: not even the router at {gateway} answers it"
            )
            return Part(FLOATING_IP, SKIPPED, detail, subject=guest.host)
        if wait(answers, self._desired.timeout):
            return Part(FLOATING_IP, PROVEN, f"{address} answers {place} with {text}", subject=guest.host)
        return Part(
            FLOATING_IP,
            MISSING,
            f"{address} does not answer {place} with {text} after {self._desired.timeout:g} seconds,"
            f" although the router at {gateway} is there",
            subject=guest.host,
            remedy="Look into the log of the L3 agent (with OVN: of ovn-controller) on the controller; where a firewall"
            " of the site lets no HTTP through, ask for no floating_ip",
        )

    def _create_flavor(self, flavor: Flavor) -> str:
        size = {"ram": flavor.memory, "disk": flavor.disk, "vcpus": flavor.vcpus}
        body = {**size, "os-flavor-access:is_public": False}
        return self._resources.create("flavor", flavor.name, body).id

    def _move(self, kind: str, move: Callable[[Guest], tuple[str, str]], *, boots: bool = False) -> None:
        """Move the first instance that was proven; ``move`` returns the hosts before and after."""
        name = PARTS[kind]
        guest = next((guest for guest in self.guests if not guest.failed), None)
        if not guest:
            self.parts.append(Part(name, SKIPPED, "no instance was proven that could move"))
            return
        started = self._clock.monotonic()
        try:
            before, after = move(guest)
            guest.moved_to.append(after)
            if boots:
                self._hear_again(guest)
        except CollectionError as error:
            seconds = self._clock.monotonic() - started
            self.parts.append(Part.from_error(name, error, seconds=seconds))
            return
        seconds = self._clock.monotonic() - started
        self.parts.append(Part(name, PROVEN, f"{before} to {after} in {seconds:.0f} s", seconds=seconds))

    def _hear_again(self, guest: Guest) -> None:
        """Wait until an instance that boots anew has said all once more; its console began anew, too."""
        lines = self._expected(guest)

        def missing(log: str) -> list[str]:
            return [part for part, line in lines.items() if not console.found(line, log)]

        def complaint(log: str) -> str | None:
            return console.complaint(self._desired.console_error, log)

        began = self._clock.monotonic()
        log = wait_until(
            lambda log: not missing(log) or complaint(log) is not None,
            lambda: servers.console_log(self._compute, guest.server),
            timeout=self._desired.timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=len,
        )
        if missing(log):
            said = complaint(log)
            seconds = self._clock.monotonic() - began
            cause = f"the guest says: {said}" if said else f"not heard after {seconds:.0f} seconds"
            raise CollectionError(
                "boot",
                "server",
                f"{guest.server.name} on {guest.place}",
                f"{cause}; expected " + " and ".join(f'"{lines[part]}"' for part in missing(log)),
                _console_remedy(log, missing(log)[0]),
                code="silent",
                evidence=console.last_lines(log),
            )

    def _each(
        self,
        visit: Callable[[Guest], bool],
        late: Callable[[Guest, float], Part],
        trace: Callable[[Guest], object],
    ) -> None:
        """Visit the guests that have not failed until each visit says it is done, or time is up.

        ``late`` gets the seconds that were waited; ``trace`` tells what goes on with a guest that was visited.
        """
        began = self._clock.monotonic()
        waiting = [guest for guest in self.guests if not guest.failed]

        def visit_all() -> list[Guest]:
            waiting[:] = [guest for guest in waiting if not visit(guest)]
            return waiting

        for guest in wait_until(
            lambda waiting: not waiting,
            visit_all,
            timeout=self._desired.timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=lambda waiting: [(one.server.id, trace(one)) for one in waiting],
        ):
            self._fail(guest, late(guest, self._clock.monotonic() - began))

    def _fail(self, guest: Guest, part: Part) -> None:
        guest.failed = True
        self.parts.append(part)

    def _wait_active(self) -> None:
        bodies: dict[str, Mapping[str, Any]] = {}

        def visit(guest: Guest) -> bool:
            body = bodies[guest.server.id] = servers.show(self._compute, guest.server)
            seconds = self._clock.monotonic() - guest.started
            guest.host = guest.host or servers.host(body)
            if body["status"] == "ERROR":
                self._fail(guest, _faulty(guest, body, seconds))
            if body["status"] != "ACTIVE":
                return guest.failed
            addresses = body["addresses"].get(self._network.name, [])
            guest.address = addresses[0]["addr"] if addresses else ""
            detail = f"ACTIVE with address {guest.address}"
            self.parts.append(Part("instance", PROVEN, detail, subject=guest.host, seconds=seconds))
            return True

        def late(guest: Guest, seconds: float) -> Part:
            return Part(
                "instance",
                MISSING,
                f"{servers.condition(bodies[guest.server.id])} after {seconds:.0f} seconds",
                subject=guest.host,
                seconds=seconds,
                remedy="Look into the logs of nova-compute on its host, nova-scheduler and nova-conductor",
            )

        self._each(visit, late, lambda guest: servers.trace(bodies[guest.server.id]))

    def _read_consoles(self) -> None:
        started = self._clock.monotonic()

        def visit(guest: Guest) -> bool:
            guest.log = servers.console_log(self._compute, guest.server)
            seconds = self._clock.monotonic() - started
            for part, line in self._expected(guest).items():
                found = console.found(line, guest.log)
                if found and part not in guest.lines:
                    guest.lines[part] = found
                    self.parts.append(Part(part, PROVEN, found, subject=guest.host, seconds=seconds))
            missing = self._missing_lines(guest)
            said = console.complaint(self._desired.console_error, guest.log)
            if missing and said:
                self._fail(guest, self._unproven(guest, f"the guest says: {said}", seconds))
            return guest.failed or not missing

        def late(guest: Guest, seconds: float) -> Part:
            return self._unproven(guest, f"not on its console after {seconds:.0f} seconds", seconds)

        self._each(visit, late, lambda guest: len(guest.log))

    def _expected(self, guest: Guest) -> dict[str, str]:
        return console.expected(self._desired.console, self._facts(guest))

    def _facts(self, guest: Guest) -> dict[str, str]:
        """What the cloud knows of an instance, for console.PLACEHOLDERS."""
        return {
            "address": guest.address,
            "host": guest.place,
            "instance_id": guest.server.id,
            "mtu": str(self._network.body.get("mtu", "")),
            "name": guest.server.name,
        }

    def _missing_lines(self, guest: Guest) -> list[str]:
        return [part for part in self._desired.console if part not in guest.lines]

    def _unproven(self, guest: Guest, cause: str, seconds: float) -> Part:
        missing = self._missing_lines(guest)
        lines = self._expected(guest)
        return Part(
            missing[0],
            MISSING,
            f"{cause}; expected " + " and ".join(f'"{lines[part]}"' for part in missing),
            subject=guest.host,
            seconds=seconds,
            evidence=console.last_lines(guest.log),
            remedy=_console_remedy(guest.log, missing[0]),
        )

    def _see_screens(self) -> None:
        for guest in self.guests:
            if guest.failed:
                continue
            started = self._clock.monotonic()
            try:
                url = servers.novnc_url(self._compute, guest.server)
                self._redactor.learn(novnc.token(url))
                guest.answered = self._look(url, timeout=_SCREEN_SECONDS, picture=self._desired.novnc_picture)
            except CollectionError as error:
                seconds = self._clock.monotonic() - started
                self._fail(guest, Part.from_error("noVNC", error, subject=guest.host, seconds=seconds))
                continue
            seconds = self._clock.monotonic() - started
            detail = f"page {guest.answered.page}, websocket says {guest.answered.banner}"
            if guest.answered.no_picture:
                detail += f", no picture: {guest.answered.no_picture}"
            self.parts.append(Part("noVNC", PROVEN, detail, subject=guest.host, seconds=seconds))


def _gateway(router: Resource) -> str:
    """The router's IPv4 address in the external network; "" where Neutron does not tell."""
    fixed = (router.body.get("external_gateway_info") or {}).get("external_fixed_ips") or []
    return next((str(one["ip_address"]) for one in fixed if ":" not in one["ip_address"]), "")


def _as_text(picture: bytes) -> str | None:
    return base64.b64encode(picture).decode("ascii") if picture else None


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


def _console_remedy(log: str, part: str) -> str:
    if not log.strip():
        return (
            "The guest said nothing at all: it does not run. Try [libvirt] virt_type = qemu on its host,"
            " and look into /var/log/libvirt/qemu there"
        )
    if part == "metadata":
        return (
            "Look into the logs of nova-api-metadata on the controller and of neutron-metadata-agent there, or of"
            " neutron-ovn-metadata-agent on the compute host; their metadata_proxy_shared_secret must be the same"
        )
    return (
        "Look into the logs of neutron-dhcp-agent on the controller and of the agents or ovn-controller of both hosts;"
        " VXLAN (UDP 8472; Geneve: UDP 6081) must pass between their tunnel addresses"
    )
