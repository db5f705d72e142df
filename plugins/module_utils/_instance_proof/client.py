# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proving: what is made in a cloud for a proof, and what is seen of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any, Callable

from .._clients.microversions import CHOSEN_HOST
from .._clients.openstack_api import Api, Cloud
from .._engine.errors import CollectionError
from .._engine.proof import PROVEN, SKIPPED, Part
from .._engine.redaction import Redactor
from .._engine.waiting import Clock
from . import console, find, novnc, outside, servers
from .guests import Guest
from .moves import LIVE, PARTS, RESIZE, Mover
from .parameters import Desired, Flavor, ImageFiles
from .reach import FLOATING_IP, seen_from_outside
from .resources import IMAGE_FORMATS, Resource, Resources
from .state import State
from .watching import Watcher

_SCREEN_SECONDS = 60.0


class Halt(Exception):
    """A part that all that follows needs is missing; it is among the parts already."""


class Prover:
    """Takes the steps of one proof, in their order; what was proven is in ``parts`` and ``guests``.

    ``connect`` makes the connection to the cloud; ``look`` opens the console under a URL (novnc.look); ``viewpoint`` is
    from where floating IPs are looked at.

    A step raises Halt where a part is missing that all later ones need, and CollectionError for an API that fails
    while instances are watched.
    """

    def __init__(
        self,
        desired: Desired,
        connect: Callable[[], Cloud],
        redactor: Redactor,
        look: Callable[..., novnc.Screen] = novnc.look,
        viewpoint: outside.Outside | None = None,
        clock: Clock = time,
    ) -> None:
        self.parts: list[Part] = []
        self.guests: list[Guest] = []
        self._desired = desired
        self._connect = connect
        self._redactor = redactor
        self._look = look
        self._outside = viewpoint or outside.ThisHost()
        self._clock = clock
        # By kind, what the steps that follow need of what was made.
        self._made: dict[str, Resource] = {}

    @cached_property
    def _cloud(self) -> Cloud:
        return self._connect()

    @cached_property
    def _compute(self) -> Api:
        return self._cloud.compute(CHOSEN_HOST)

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self._cloud, self._desired.name, self._clock)

    @cached_property
    def _mover(self) -> Mover:
        return Mover(self._compute, self._desired.timeout, self._clock)

    def read(self) -> State:
        """What is there already. Fails on what would end the proof anyway, before anything is made."""
        desired, cloud = self._desired, self._cloud
        paths = desired.files.paths.values() if desired.files else ()
        return State(
            leftovers=tuple(self._resources.own()),
            image=find.image(cloud.image, desired.image) if desired.image else None,
            external_network=find.external_network(cloud.network, desired.external_network),
            missing_files=tuple(path for path in paths if not os.path.isfile(path)),
            available=find.compute_hosts(cloud) if desired.moves else (),
        )

    def remove_leftovers(self, leftovers: Sequence[Resource]) -> None:
        """Delete what an earlier proof left."""
        with self._part("leftovers") as detail:
            self._resources.remove(leftovers, self._desired.timeout)
            detail.append(f"removed {len(leftovers)} resources of an earlier proof")

    def use_image(self, image: Mapping[str, Any]) -> None:
        """Take an image that the cloud has."""
        with self._part("image") as detail:
            detail.append(f"{image['name']} as it is")
        self._made["image"] = Resource("image", image["id"], image["name"], image)

    def make_image(self, files: ImageFiles) -> None:
        """Upload the guest."""
        names, paths = self._desired.image_names, files.paths
        with self._part("image") as detail:
            ids: dict[str, str] = {}
            for kind, path in paths.items():
                properties = files.pointers(ids) if kind == "disk" else {}
                image = self._resources.upload(names[kind], path, *IMAGE_FORMATS[kind], properties)
                ids[kind] = image.id
                # The disk, which boots, is the last one.
                self._made["image"] = image
            size = sum(os.path.getsize(path) for path in paths.values())
            detail.append(f"uploaded {' and '.join(paths)} ({size / 1e6:.1f} MB)")

    def make_network(self, external: Mapping[str, Any] | None) -> None:
        """Make a network with a router that leads to the external network, if there is one."""
        name, resources = self._desired.name, self._resources
        with self._part("network") as detail:
            self._made["security_group"] = resources.create("security_group", name, {})
            network = self._made["network"] = resources.create("network", name, {})
            kind = network.body.get("provider:network_type", "own")
            detail.append(f"{kind} network {self._desired.subnet}")
            subnet = resources.create_subnet(name, network, self._desired.subnet)
            gateway = {"external_gateway_info": {"network_id": external["id"]}} if external else {}
            router = self._made["router"] = resources.create("router", name, gateway)
            resources.attach(router, subnet)
            detail.append(f"router to {external['name']}" if external else "router without a way out")

    def make_flavor(self) -> None:
        """Make the size of the instances."""
        flavor = self._desired.flavor
        with self._part("flavor") as detail:
            self._made["flavor"] = self._create_flavor(flavor)
            detail.append(f"{flavor.memory} MB, {flavor.disk} GB, {flavor.vcpus} vCPU")

    def boot(self) -> None:
        """Ask for the instances; one that Nova refuses does not hide the others."""
        made = self._made
        for host, name in self._desired.server_names.items():
            body = {
                "imageRef": made["image"].id,
                "flavorRef": made["flavor"].id,
                "networks": [{"uuid": made["network"].id}],
                "security_groups": [{"name": made["security_group"].id}],
                **({"host": host} if host else {}),
            }
            started = self._clock.monotonic()
            try:
                self.guests.append(Guest(host, self._resources.create("server", name, body), started))
            except CollectionError as error:
                self.parts.append(Part.from_error("instance", error, subject=host))

    def observe(self) -> None:
        """Wait until the instances are active and have said what they must, and look at their screens."""
        watcher = self._watcher()
        watcher.wait_active()
        watcher.read_consoles()
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
            self._resources.allow_http(self._made["security_group"])
            address = self._resources.create_floating_ip(
                self._desired.name, external["id"], guest.server
            ).name
            facts = guest.facts(self._made["network"])
            (text,) = console.expected({FLOATING_IP: self._desired.floating_ip}, facts).values()
            part = seen_from_outside(
                address, text, self._made["router"], self._outside, self._desired.timeout, self._clock
            )
        except CollectionError as error:
            part = Part.from_error(FLOATING_IP, error)
        seconds = self._clock.monotonic() - started
        self.parts.append(replace(part, subject=guest.host, seconds=seconds))

    def migrate_live(self) -> None:
        """Take an instance to another host while it runs."""
        self._move(LIVE, lambda guest: self._mover.migrate_live(guest.server))

    def resize(self) -> None:
        """Give an instance more memory, for which it goes to another host, and boots there."""

        def resize(guest: Guest) -> tuple[str, str]:
            flavor = self._create_flavor(self._desired.larger_flavor)
            return self._mover.resize(guest.server, flavor.id)

        self._move(RESIZE, resize, boots=True)

    def clean_up(self) -> None:
        """Delete all that was made."""
        with self._part("cleanup") as detail:
            # Looked for again: a request that was cut off may have made something all the same.
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

    def _watcher(self) -> Watcher:
        network, note = self._made["network"], self.parts.append
        return Watcher(self._desired, self._compute, network, self.guests, note, self._clock)

    def _create_flavor(self, flavor: Flavor) -> Resource:
        size = {"ram": flavor.memory, "disk": flavor.disk, "vcpus": flavor.vcpus}
        body = {**size, "os-flavor-access:is_public": False}
        return self._resources.create("flavor", flavor.name, body)

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
                self._watcher().hear_again(guest)
        except CollectionError as error:
            seconds = self._clock.monotonic() - started
            self.parts.append(Part.from_error(name, error, seconds=seconds))
            return
        seconds = self._clock.monotonic() - started
        self.parts.append(Part(name, PROVEN, f"{before} to {after} in {seconds:.0f} s", seconds=seconds))

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
                guest.failed = True
                self.parts.append(Part.from_error("noVNC", error, subject=guest.host, seconds=seconds))
                continue
            seconds = self._clock.monotonic() - started
            detail = f"page {guest.answered.page}, websocket says {guest.answered.banner}"
            if guest.answered.no_picture:
                detail += f", no picture: {guest.answered.no_picture}"
            self.parts.append(Part("noVNC", PROVEN, detail, subject=guest.host, seconds=seconds))
