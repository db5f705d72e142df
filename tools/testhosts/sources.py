"""Which package sources the hosts use: this machine's own Debian archive entries, for another suite. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import HostsError

INDEX_FORMAT = "$(REPO_URI)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)"
# Debian's package debian-archive-keyring puts it there, on this machine and in every host.
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What follows the codename in the suites that make a Debian release; backports are a choice of a machine.
PARTS = ("", "-updates", "-security")
ROLLING = ("sid", "unstable")
# Out of support since August 2026: its security archive still lists packages that mirrors no longer have.
ENDED = ("bullseye",)


@dataclass(frozen=True)
class Source:
    """One entry of Debian's archive: where, and which part of a release."""

    uri: str
    part: str


def debian_sources(index_targets: str, codename: str) -> list[Source]:
    """Pick Debian's own entries out of `apt-get indextargets`; everybody else's repository is left out."""
    found: list[Source] = []
    for line in index_targets.splitlines():
        uri, origin, release, component = line.split("|")
        part = release.removeprefix(codename)
        if origin != "Debian" or component != "main" or not release.startswith(codename) or part not in PARTS:
            continue
        source = Source(uri.rstrip("/"), part)
        if source.uri.startswith(("http://", "https://")) and source not in found:
            found.append(source)
    if not any(source.part == "" for source in found):
        raise HostsError(
            "choose",
            "package sources of",
            codename,
            "this machine's apt knows no Debian archive over http or https",
            "Put one into /etc/apt/sources.list and run `apt-get update`",
        )
    return found


def render(sources: Iterable[Source], suite: str, *, cached: bool = True) -> str:
    """The sources.list of a host; https is written in the cache's notation, so that it is cached too."""
    lines = []
    for source in sources:
        if (suite in ROLLING and source.part) or (suite in ENDED and source.part == "-security"):
            continue
        uri = source.uri
        if cached and uri.startswith("https://"):
            uri = "http://HTTPS///" + uri.removeprefix("https://")
        lines.append(f"deb [signed-by={KEYRING}] {uri} {suite}{source.part} main\n")
    return "".join(lines)
