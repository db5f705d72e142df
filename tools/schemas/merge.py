# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All releases of a service in one file: every option once, with the releases in which it was like that."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def _services() -> Any:
    path = ROOT / "plugins/module_utils/oslo/services.py"
    spec = importlib.util.spec_from_file_location("stackwright_services", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def harvest_arguments(service: str) -> dict[str, Any]:
    """What the reader has to know about a service: what the modules tell it, too."""
    return _services().SERVICES[service].harvest_arguments()


def write(service: str, work: Path, folder: Path) -> None:
    """Merge what was read of a service."""
