# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites whose clouds several tests look at, each described once: what its first controller and a compute host have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.cloud import Cloud
from fakes import described

ADDRESSES = {"controller1": "192.0.2.11", "controller2": "192.0.2.12", "controller3": "192.0.2.13"}
"""Controllers with their addresses, where there are several of them."""
INTERNAL, PUBLIC = "192.0.2.100", "198.51.100.100"
"""The addresses that stand in front of several controllers, for services and for users."""
AUTHORITY = "/etc/stackwright/tls/ca.crt"
"""Where hosts have the cloud's own authority."""
CERTIFICATES = {"ca": "/ca.pem", "certificate": "/cert.pem", "private_key": "/key.pem"}
"""A site's own certificates."""

_ON_CONTROLLERS = (
    *("database", "message_queue", "cache", "keystone", "glance", "placement", "neutron", "controller"),
    *("packages", "certificates"),
)


@dataclass(frozen=True)
class Site:
    """The cloud as a controller and as a compute host see it."""

    cloud: Cloud
    compute: Cloud

    @cached_property
    def services(self) -> dict[str, Any]:
        """What the controller is given."""
        return described.services(self.cloud, *_ON_CONTROLLERS)

    @cached_property
    def compute_services(self) -> dict[str, Any]:
        """What the compute host is given."""
        return described.services(self.compute, "compute", "neutron")

    def service(self, name: str) -> dict[str, Any]:
        """One of these services by its name."""
        found = self.compute_services if name == "compute" else self.services
        return dict(found[name])

    def options(self, name: str, path: str = "") -> dict[str, Any]:
        """The options of a service's file, by default of its first one."""
        files = self.service(name)["files"]
        found = next(each["options"] for each in files if not path or each["path"] == path)
        return dict(found)

    def lines(self, name: str, path: str = "") -> list[str]:
        """The lines that a service has in files of other formats, by default in all of them."""
        return [each["line"] for each in self.service(name)["lines"] if not path or each["path"] == path]

    def plain_files(self, name: str) -> dict[str, str]:
        """The texts of a service's small files by their paths."""
        return {each["path"]: each["content"] for each in self.service(name)["plain_files"]}

    def answers(self, name: str) -> list[str]:
        """The URLs that must answer once the service runs."""
        return list(self.service(name)["answers"])

    def told(self) -> list[Any]:
        """All that roles of both hosts are given."""
        properties = [described.properties(each) for each in (self.cloud, self.compute)]
        return [self.services, self.compute_services, properties, self.cloud.urls]


def site(host: str = "controller1", controllers: Mapping[str, str] | None = None, **variables: Any) -> Site:
    """A site with these controllers, by default a single one, as ``host`` and compute1 see it."""
    groups = {"controller": list(controllers or ["controller1"]), "compute": ["compute1", "compute2"]}
    every = {"compute_virt_type": "qemu", "load_balancer_interface": "eth7", **variables}
    return Site(*(described.cloud(each, groups, **every) for each in (host, "compute1")))


@cache
def default() -> Site:
    """A single controller, with all variables as they are by default."""
    return site()


@cache
def special() -> Site:
    """A site behind its own load balancer, with its own authority and IPv6."""
    return site(
        cloud_management_address="2001:db8::11",
        cloud_ca_cert="/etc/ssl/cloud.pem",
        cloud_identity_url="https://lb.example.org:5000/v3",
        cloud_image_url="https://lb.example.org:9292",
        cloud_compute_url="https://lb.example.org:8774/v2.1",
        cloud_network_url="https://lb.example.org:9696",
        cloud_placement_url="https://lb.example.org:8778",
        controller_console_address="198.51.100.7",
        controller_options={"vnc": {"novncproxy_port": 6090}},
        glance_options={"DEFAULT": {"bind_host": "192.0.2.9", "bind_port": 9293}},
        message_queue_listen_addresses=["2001:db8::11", "2001:db8::11"],
    )


@cache
def secure() -> Site:
    """A cloud that speaks TLS, with the switch as it comes from the command line."""
    return site(cloud_tls="true", cloud_secrets_file="/secrets.yml", cloud_public_host="cloud.example.org")


@cache
def proven() -> Site:
    """A cloud that speaks TLS with the site's own certificates."""
    return site(
        cloud_tls=True,
        cloud_certificate_files=CERTIFICATES,
        cloud_image_public_url="https://images.example.org",
    )


@cache
def several() -> Site:
    """Three controllers behind one address for services, and another one for users. The command line says: no TLS."""
    return site(
        controllers=ADDRESSES,
        cloud_tls="false",
        cloud_database_tls="false",
        cloud_message_queue_tls="false",
        cloud_internal_address=INTERNAL,
        cloud_public_address=PUBLIC,
    )


@cache
def several_secure() -> Site:
    """Three controllers that speak TLS."""
    return site(
        controllers=ADDRESSES,
        cloud_tls=True,
        cloud_internal_address=INTERNAL,
        cloud_secrets_file="/secrets.yml",
    )


SITES: Mapping[str, Callable[[], Site]] = {
    each.__name__: each for each in (default, special, secure, proven, several, several_secure)
}
"""All of them by their names."""
