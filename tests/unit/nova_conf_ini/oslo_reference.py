# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How oslo.config itself reads a text: the reference for what this collection writes."""

from __future__ import annotations

from io import StringIO
from typing import Any

from oslo_config import cfg

State = dict[str, dict[str, list[str]]]


class _Parser(cfg.ConfigParser):
    def parse(self, text: str) -> None:
        # Exactly what its own parse() does, with a text for a file: line ends are translated on reading.
        super(cfg.ConfigParser, self).parse(StringIO(text, newline=None).readlines())


def sections(text: str) -> State:
    """Section (normalized) to option to its values. Raises oslo.config's ParseError."""
    return _parsed(text)[1]


def _parsed(text: str) -> tuple[State, State]:
    written: State = {}
    normalized: State = {}
    parser = _Parser("nova.conf", written)
    parser._add_normalized(normalized)
    parser.parse(text)
    return written, normalized


def values(text: str, *options: tuple[str, cfg.Opt]) -> list[Any]:
    """What a service reads from a file with this text, for (section, option) each."""
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    for section, option in options:
        conf.register_opt(option, group=None if section == "DEFAULT" else section)
    namespace = cfg._Namespace(conf)
    namespace._add_parsed_config_file("nova.conf", *_parsed(text))
    conf._namespace = namespace
    return [
        conf[option.dest] if section == "DEFAULT" else conf[section][option.dest]
        for section, option in options
    ]
