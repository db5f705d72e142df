# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has installed: packages of dpkg or rpm, and the certificates of its services."""

from __future__ import annotations

from collections.abc import Sequence

from .._engine.errors import CollectionError
from .._engine.files import FileStore, LocalFiles
from .._engine.process import run_command
from .._shared.package_family import is_red_hat
from .state import SeenCertificate

_QUERY = ("dpkg-query", "--show", "--showformat", r"${Package}\t${Version}\t${db:Status-Status}\n", "--")
_RPM_QUERY = ("rpm", "--query", "--queryformat", r"%{NAME}\t%{VERSION}-%{RELEASE}\tinstalled\n", "--")


def installed_packages(names: Sequence[str]) -> dict[str, str]:
    """The installed ones among these packages, with their versions."""
    query = _RPM_QUERY if is_red_hat() else _QUERY
    # Both fail where one of them is unknown, and have reported the others; rpm in a separate line.
    output = run_command([*query, *names]).stdout if names else ""
    rows = (line.split("\t") for line in output.splitlines() if "\t" in line)
    found = {name: version for name, version, status in rows if status == "installed"}
    return {name: found[name] for name in names if name in found}


def seen_certificates(paths: Sequence[str]) -> tuple[SeenCertificate, ...]:
    """What those of these files (PEM) that are there say, or why one of them cannot be read."""
    found = (_certificate(path, LocalFiles()) for path in paths)
    return tuple(one for one in found if one)


def _certificate(path: str, files: FileStore) -> SeenCertificate | None:
    """What a file says; None where there is none."""
    try:
        file = files.read(path)
    except CollectionError as error:
        return SeenCertificate(path, problem=error.failure.rstrip("."))
    if file is None:
        return None
    # Loading the library takes longer than the rest of a survey, which mostly has no certificates to read.
    from .._formats import x509

    if not x509.IS_USABLE:
        return SeenCertificate(path, problem="it cannot be read without python3-cryptography")
    try:
        loaded = x509.loaded(file.text)
    except ValueError:
        return SeenCertificate(path, problem="it holds no certificate")
    until = f"{x509.end_of(loaded).isoformat(timespec='seconds')}Z"
    return SeenCertificate(path, loaded.subject.rfc4514_string(), tuple(x509.names_of(loaded)), until)
