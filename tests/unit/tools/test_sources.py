"""Package sources: Debian's own entries of this machine's apt, for any suite, and nobody else's."""

import pytest
from testhosts import sources
from testhosts.errors import HostsError

MIRROR = "http://mirror.example/debian"
TARGETS = f"""\
{MIRROR}/|Debian|bookworm|main
{MIRROR}/|Debian|bookworm|contrib
{MIRROR}/|Debian|bookworm-updates|main
{MIRROR}/|Debian|bookworm-backports|main
https://security.example/debian-security/|Debian|bookworm-security|main
https://third.example/apt/|Third Party|bookworm|main
"""
KEY = f"[signed-by={sources.KEYRING}]"


def test_only_the_archive_of_debian_is_taken() -> None:
    assert sources.debian_sources(TARGETS, "bookworm") == [
        sources.Source(MIRROR, ""),
        sources.Source(MIRROR, "-updates"),
        sources.Source("https://security.example/debian-security", "-security"),
    ]


def test_another_suite_comes_from_the_same_places_through_the_cache() -> None:
    text = sources.render(sources.debian_sources(TARGETS, "bookworm"), "trixie")
    assert text == (
        f"deb {KEY} {MIRROR} trixie main\n"
        f"deb {KEY} {MIRROR} trixie-updates main\n"
        f"deb {KEY} http://HTTPS///security.example/debian-security trixie-security main\n"
    )


def test_a_rolling_suite_has_no_parts() -> None:
    text = sources.render(sources.debian_sources(TARGETS, "bookworm"), "sid")
    assert text == f"deb {KEY} {MIRROR} sid main\n"


def test_a_suite_out_of_support_is_not_asked_for_security() -> None:
    text = sources.render(sources.debian_sources(TARGETS, "bookworm"), "bullseye")
    assert text == f"deb {KEY} {MIRROR} bullseye main\ndeb {KEY} {MIRROR} bullseye-updates main\n"


@pytest.mark.parametrize(
    "targets",
    ["", "file:/srv/debian/|Debian|bookworm|main\n", "http://archive.example/|Ubuntu|noble|main\n"],
)
def test_a_machine_without_debian_is_told_so(targets: str) -> None:
    with pytest.raises(
        HostsError, match=r"^Cannot choose package sources of bookworm: .* no Debian archive .*\. Put"
    ):
        sources.debian_sources(targets, "bookworm")
