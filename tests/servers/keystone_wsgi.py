# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve Keystone on a port of the loopback interface: keystone_wsgi.py CONFIGURATION PORT."""

import os
import sys

configuration, port = sys.argv[1:]
os.environ["OS_KEYSTONE_CONFIG_FILES"] = configuration
# Keystone reads the command line as its own.
sys.argv = ["keystone"]

from keystone.server.wsgi import initialize_public_application  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

# One thread, as the role has it: Keystone refuses what comes while its policy is loaded with the first request.
make_server("127.0.0.1", int(port), initialize_public_application()).serve_forever()
