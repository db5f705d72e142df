# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords with every kind of character that a file, a template or a URL gives a meaning of its own."""

from __future__ import annotations

PASSWORDS = [
    "pa$word",
    "pa$$word",
    "pa\\$word",
    "pa\\\\$word",
    "${my_ip}",
    "$my_ip-x",
    "$DEFAULT.my_ip",
    "pa$5",
    "end$",
    "$",
    "%(my_ip)s",
    "100%",
    "%40%2F",
    "a #b",
    "a ; c",
    "a // b",
    "#hash",
    "; semi",
    '"quoted"',
    "'quoted'",
    '"',
    "''",
    " blanks ",
    "\ttab\t",
    "a\\b\\",
    "user:pass@host/vhost",
    "a?b=c&d",
    "[::1]",
    "a,b,c",
    "a=b:c",
    "pässwörd\u20ac",
    "\u3000wide\xa0",
]
