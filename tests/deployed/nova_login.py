# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a test on a controller logs in: as Nova's own service user, with the password in the configuration."""

from __future__ import annotations

# The beginning of a program for python3 -c, so that the password never leaves the host.
LOGIN = r"""
import configparser, os, sys
reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
reader.read("/etc/nova/nova.conf")
auth = dict(reader["service_user"])
names = ("auth_url", "username", "password", "project_name", "user_domain_name", "project_domain_name")
os.environ.update({f"OS_{name.upper()}": auth[name].replace("\\$", "$") for name in names})
if auth.get("cafile"):
    os.environ["OS_CACERT"] = auth["cafile"]
"""
# What it goes on with to become the command line client, with the arguments of the program.
CLIENT = 'os.execvp("openstack", ["openstack", *sys.argv[1:]])'
