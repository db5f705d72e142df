# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service has on a host: the one form in which every service is handed to the steps of the roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from . import messaging
from .inventory import unique

if TYPE_CHECKING:
    from .cloud import Cloud

DEPARTURE = "/usr/local/lib/stackwright-departure"
"""The program with which an API leaves the load balancers before it stops."""
STATE_PORT = 9202
"""The local port at which the load balancer of a host says what it thinks of each controller."""

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Service:
    """What a service has on one host, as the modules of this collection take it.

    ``name``: the project, as its packages, its group and its options are called, "" for the infrastructure.
    ``packages``: installed with their services held back. ``database``: {names, user, password}. ``files``: oslo.config
    files, {path, options, other_files}. ``lines``: {path, regexp, line} of files in other formats. ``plain_files``:
    small files that are written whole, {path, content, mode}. ``links``: {path, target}. ``logs_in``: whether the
    account on the ``message_queue`` is tried before the files are written. ``schema``: {config_file, other_files,
    schemas}. ``database_urls``: section to URL of the first file. ``registration``: entries for Keystone. ``units``:
    what runs, with the files that each reads. ``answers``: URLs that must answer once the units run.
    """

    name: str = ""
    packages: Sequence[str] = ()
    database: Item = field(default_factory=dict)
    files: Sequence[Item] = ()
    lines: Sequence[Item] = ()
    plain_files: Sequence[Item] = ()
    links: Sequence[Item] = ()
    logs_in: bool = False
    message_queue: Item = field(default_factory=dict)
    schema: Item = field(default_factory=dict)
    database_urls: Item = field(default_factory=dict)
    registration: Sequence[Item] = ()
    units: Sequence[Item] = ()
    answers: Sequence[str] = ()

    def data(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def line(path: str, regexp: str, text: str) -> Item:
    """A line of a file, in the place of those that match."""
    return {"path": path, "regexp": regexp, "line": text}


@dataclass(frozen=True)
class Balanced:
    """What stands behind the load balancers: they know it by ``name``. Without a ``unit`` it gives no notice."""

    name: str
    port: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Api:
    """An API that the platform's start script ``name`` serves by uwsgi, with the settings of ``file``."""

    name: str
    port: int
    file: str


def service(
    cloud: Cloud,
    name: str = "",
    *,
    packages: Sequence[str] = (),
    database: Item | None = None,
    files: Sequence[Item] = (),
    lines: Sequence[Item] = (),
    whole_files: Sequence[Item] = (),
    watched_files: Sequence[Item] = (),
    links: Sequence[Item] = (),
    logs_in: bool = False,
    message_queue: Item | None = None,
    tls: Item | None = None,
    uwsgi: Sequence[Item] = (),
    apis: Sequence[Api] = (),
    one_thread: bool = False,
    schema: Item | None = None,
    registration: Sequence[Item] = (),
    units: Sequence[Item] = (),
    watched: Sequence[str] | None = None,
    reporting_units: Sequence[str] = (),
    shares_directories: bool = False,
    answers: Sequence[str] = (),
    balanced: Sequence[Balanced] = (),
) -> Service:
    """A service with what all of them have in common.

    ``whole_files`` are watched by units that say so, ``watched_files`` by all; ``watched`` takes the place of all files
    that units watch. ``tls``: the platform's place of the service's certificate. ``uwsgi``: the files of the APIs;
    with ``one_thread`` a process answers one request at a time. ``reporting_units`` tell systemd when they work, and it
    gives them up after a time. ``shares_directories``: several units have the same directories in /run.
    """
    all_lines = [*lines, *_uwsgi_lines(cloud, uwsgi, one_thread)]
    listen = _listen_lines(cloud, apis, tls or {})
    departures = _departures(cloud, balanced)
    directories = _directory_files(name) if shares_directories else []
    if watched is None:
        written = [*files, *lines, *listen, *links, *uwsgi, *watched_files, *departures, *directories]
        watched = [
            *unique(each["path"] for each in written),
            # Additions to units are among them: systemd does not see those of a unit that it forgot since it stopped.
            *([f"/etc/{name}/*.conf.d/*.conf"] if name else []),
            *certificate_files(cloud, tls),
        ]
    states = [f"http://127.0.0.1:{STATE_PORT}/{each.name}/{cloud.name}" for each in balanced]
    return Service(
        name=name,
        packages=list(packages),
        database=database or {},
        files=list(files),
        lines=[*all_lines, *listen],
        plain_files=[
            *whole_files,
            *watched_files,
            *_start_limits(cloud, reporting_units),
            *directories,
            *departures,
        ],
        links=list(links),
        logs_in=logs_in,
        message_queue=message_queue or messaging.account(cloud) if logs_in or _consumes(units) else {},
        schema=schema or {},
        database_urls=_database_urls(files),
        registration=list(registration),
        units=[{"watch": watched, **each} for each in units],
        answers=[*answers, *(states if cloud.balanced else [])],
    )


def certificate_files(cloud: Cloud, tls: Item | None) -> list[str]:
    """The files of a service's certificate, where it has one."""
    if not cloud.tls:
        return []
    return [path for kind, path in (tls or {}).items() if kind in ("certificate", "private_key")]


def _consumes(units: Sequence[Item]) -> bool:
    return any("consumes" in each for each in units)


def _uwsgi_lines(cloud: Cloud, uwsgi: Sequence[Item], one_thread: bool) -> list[Item]:
    """Lines of every uwsgi file.

    uwsgi closes a connection after each answer; the header says so, and without it clients that keep connections open
    lose requests. An API that fails with several threads gets one: under eventlet (Nova, Neutron) locks know the green
    threads of one thread only, and a request now and then waits for ever; Keystone loads its policy with the first
    request, and refuses (403) or loses requests that arrive meanwhile.
    """
    lines = [
        {"regexp": r"^processes\s*=", "line": f"processes = {cloud.variables['cloud_workers']}"},
        {"regexp": r"^add-header\s*=\s*Connection:", "line": "add-header = Connection: close"},
    ]
    if one_thread:
        lines.append({"regexp": r"^threads\s*=", "line": "threads = 1"})
    return [{**line, **file} for line in lines for file in uwsgi]


def _listen_lines(cloud: Cloud, apis: Sequence[Api], tls: Item) -> list[Item]:
    """Behind a load balancer APIs leave the other addresses of the host to it."""
    if not apis or not cloud.variables["cloud_internal_address"]:
        return []
    address = cloud.variables["cloud_management_address"]
    certificate = f",{tls['certificate']},{tls['private_key']}" if cloud.tls else ""
    return [
        {
            "path": f"{cloud.platform['api_defaults']}/{api.name}",
            "regexp": "^DAEMON_ARGS=",
            "line": f'DAEMON_ARGS="--{cloud.scheme}-socket {address}:{api.port}{certificate} --ini {api.file}"',
        }
        for api in apis
    ]


def _start_limits(cloud: Cloud, units: Sequence[str]) -> list[Item]:
    """A slow host needs longer than systemd's minute and a half, after a boot as well."""
    content = f"[Service]\nTimeoutStartSec={cloud.variables['cloud_start_timeout']}\n"
    return [
        {"path": f"/etc/systemd/system/{unit}.service.d/stackwright-start.conf", "content": content}
        for unit in units
    ]


def _directory_files(name: str) -> list[Item]:
    """systemd removes the directories with each unit that stops: also from units that run, or just start."""
    return [
        {
            "path": f"/etc/systemd/system/{name}-.service.d/stackwright-directories.conf",
            "content": "[Service]\nRuntimeDirectoryPreserve=yes\n",
        }
    ]


def _departures(cloud: Cloud, balanced: Sequence[Balanced]) -> list[Item]:
    """Behind load balancers of this collection a unit gives notice before it stops.

    After a start it is back when the load balancer of this host says so, which sees the same as the others.
    """
    if not cloud.balanced:
        return []
    program = f"+/usr/bin/python3 {DEPARTURE}"
    authority = f" {cloud.variables['cloud_ca_cert']}" if cloud.tls else ""
    url = cloud.variables["cloud_host_url"]
    return [
        {
            "path": f"/etc/systemd/system/{each.unit}.service.d/stackwright-departure.conf",
            "content": (
                "[Service]\n"
                f"ExecStartPost={program} return {each.name} {url}:{each.port}/{authority}\n"
                f"ExecStop={program} leave {each.name} {each.port}\n"
                "TimeoutStartSec=90\n"
                "TimeoutStopSec=45\n"
            ),
        }
        for each in balanced
        if each.unit
    ]


def _database_urls(files: Sequence[Item]) -> dict[str, str]:
    if not files:
        return {}
    options: Mapping[str, Mapping[str, Any]] = files[0]["options"]
    return {name: section["connection"] for name, section in options.items() if section.get("connection")}
