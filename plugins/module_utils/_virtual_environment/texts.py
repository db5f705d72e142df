# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a package of a service has and its wheel does not. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .._engine.interpreter import IN_USE

_PATH = f"{IN_USE}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNIT = """\
[Unit]
Description=OpenStack {unit} (virtual environment)
After=network-online.target
Wants=network-online.target

[Service]
User={user}
Environment=PATH={path}
ExecStart={command}
Restart=on-failure
RestartSec=2
LimitNOFILE=65535
TimeoutStopSec=65
KillMode={kill_mode}

[Install]
WantedBy=multi-user.target
"""
_UWSGI = """\
[uwsgi]
http-socket = :{port}
wsgi-file = {home}/bin/{script}
virtualenv = {home}
processes = 2
threads = 1
enable-threads = true
master = true
need-app = true
lazy-apps = true
thunder-lock = true
die-on-term = true
buffer-size = 65535
add-header = Connection: close
http-auto-chunked = true
http-chunked-input = true
http-raw-body = true
procname-prefix-spaced = {unit}
"""
_LOGROTATE = """\
/var/log/{name}/*.log {{
    weekly
    rotate 4
    compress
    delaycompress
    missingok
    notifempty
    copytruncate
    su {name} {name}
}}
"""
# sudo finds the program by its own secure_path, which has /usr/local/bin.
_SUDOERS = """\
Defaults:{name} !requiretty
{rules}"""
_RULE = "{name} ALL = (root) NOPASSWD: /usr/local/bin/{program} /etc/{name}/rootwrap.conf{arguments}\n"
_ROOTWRAP = """\
[DEFAULT]
filters_path = /etc/{name}/rootwrap.d
exec_dirs = {folders}
use_syslog = false
"""


def daemon_unit(unit: str, user: str, command: Sequence[str], keeps_children: bool) -> str:
    """The unit of a program of the environment in use."""
    program, *words = command
    line = " ".join([f"{IN_USE}/bin/{program}", *words])
    kill_mode = "process" if keeps_children else "mixed"
    return _UNIT.format(unit=unit, user=user, path=_PATH, command=line, kill_mode=kill_mode)


def api_unit(unit: str, user: str, file: str) -> str:
    """The unit of an API that uwsgi serves."""
    return daemon_unit(unit, user, ["uwsgi", "--ini", file], keeps_children=False)


def api_settings(unit: str, script: str, port: int) -> str:
    """uwsgi's file for an API."""
    return _UWSGI.format(unit=unit, script=script, port=port, home=IN_USE)


def log_rotation(name: str) -> str:
    """How a service's logs are rotated."""
    return _LOGROTATE.format(name=name)


def sudo_rules(name: str) -> str:
    """That a service may run its rootwrap as root."""
    rules = [(f"{name}-rootwrap", " *"), (f"{name}-rootwrap-daemon", "")]
    texts = [_RULE.format(name=name, program=program, arguments=words) for program, words in rules]
    return _SUDOERS.format(name=name, rules="".join(texts))


def rootwrap(name: str) -> str:
    """Where a service's rootwrap looks for filters, and for the programs that these let through."""
    return _ROOTWRAP.format(name=name, folders=_PATH.replace(":", ","))
