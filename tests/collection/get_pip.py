# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs pip into a virtual environment of ansible-test, with the wheel of pip that lies beside this file.

ansible-test downloads such a script from a separate server, unless it finds one in its cache. With this one, package
indexes are all that it needs.
"""

import runpy
import sys
from pathlib import Path

(WHEEL,) = Path(__file__).parent.glob("pip-*.whl")
sys.path.insert(0, str(WHEEL))
sys.argv[1:] = ["install", *(word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel"))]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
