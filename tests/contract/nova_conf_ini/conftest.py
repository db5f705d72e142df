# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that services read files and URLs with, old and new, each in a separate environment."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

# Old: what Victoria ran with. Both need the last setuptools that still has pkg_resources.
LIBRARIES = {
    "old": ["oslo.config==8.0.0", "oslo.messaging==12.1.0", "SQLAlchemy==1.3.24", "setuptools<81"],
    "new": ["oslo.config", "oslo.messaging", "SQLAlchemy", "setuptools<81"],
}


@pytest.fixture(scope="session", params=LIBRARIES)
def python(request, tmp_path_factory) -> Path:
    """The interpreter of an environment with these libraries."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder, with_pip=True)
    interpreter = folder / "bin/python"
    command = [interpreter, "-m", "pip", "install", "--quiet", *LIBRARIES[request.param]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{sys.executable} could not install {LIBRARIES[request.param]}:\n{done.stderr}")
    return interpreter
