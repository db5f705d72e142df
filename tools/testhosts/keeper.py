"""The process behind one running host: cables it, boots it, and boots it again when it asks for a reboot."""

import subprocess
import sys
from pathlib import Path

from . import container, network, plan
from .errors import HostsError

# What systemd-nspawn ends with when its host reboots and somebody else is to start it again.
REBOOT = 133


def main() -> int:
    """Keep the host that the arguments name, until it powers off."""
    lab, octet, host, address, root = sys.argv[1:]
    group = container.control_group(lab, host) / container.MACHINE
    while True:
        try:
            # From scratch each time: bridges, namespaces and rules of a host do not survive its reboot.
            network.connect_host(plan.Lab(lab, int(octet)), host, address)
        except HostsError as error:
            print(error, flush=True)
            return 1
        boot = container.inside(group, container.boot_command(lab, host, Path(root)))
        status = subprocess.run(boot, env=container.ENVIRONMENT, check=False).returncode
        if status != REBOOT:
            return status


if __name__ == "__main__":
    sys.exit(main())
