# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instance of the cloud with one controller has not noticed that two others came."""

from __future__ import annotations

from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller1"]


def test_the_instance_is_the_same_process(host: Host, runner: AnsibleRunner) -> None:
    noted: dict[str, str] = {}
    for name in ("compute1", "compute2"):
        compute = runner.get_host(name)
        noted[name] = compute.file("/root/instances").content_string
        assert noted[name] == compute.check_output("pgrep --full '[g]uest=instance-' || true") + (
            "\n" if noted[name] else ""
        )
    assert any(noted.values())
