# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords with every kind of character that a file, a template or a URL gives a special meaning."""

from __future__ import annotations

from pathlib import Path

import yaml

_VARS = Path(__file__).parents[1] / "integration/targets/nova_conf_ini/vars/main.yml"

PASSWORDS: list[str] = yaml.safe_load(_VARS.read_text(encoding="utf-8"))["it_passwords"]
