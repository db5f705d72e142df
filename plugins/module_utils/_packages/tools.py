# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of package managers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tools:
    """How a package manager installs; if it needs to be said, how it resumes after a cut and refreshes its lists."""

    install: tuple[str, ...]
    mend: tuple[str, ...] = ()
    configure: tuple[str, ...] = ()
    update: tuple[str, ...] = ()


# What the cloud needs is named; recommendations bring hundreds of packages more (all emulators, Open vSwitch).
APT = Tools(
    install=("apt-get", "--assume-yes", "--no-install-recommends", "install"),
    # After a cut dpkg, packages lack what they depend on, and apt-get installs nothing else before it may fix that.
    mend=("apt-get", "--assume-yes", "--no-install-recommends", "--fix-broken", "install"),
    configure=("dpkg", "--configure", "--pending"),
    update=("apt-get", "update"),
)
# It refreshes its lists by itself, and a transaction that was cut leaves whole packages.
DNF = Tools(install=("dnf", "--assumeyes", "--setopt=install_weak_deps=False", "install"))
