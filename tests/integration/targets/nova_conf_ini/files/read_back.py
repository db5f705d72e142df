# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints, as JSON, what the host's own libraries read from the files of this test.

read_back.py passwords FILE COUNT       oslo.config, then oslo.messaging and SQLAlchemy on the URLs
read_back.py options FILE SECTION/OPTION...
"""

from __future__ import annotations

import json
import sys

from oslo_config import cfg


def main() -> None:
    """Read, with the libraries that the installed services use."""
    what, path, *rest = sys.argv[1:]
    if what == "options":
        names = [name.split("/") for name in rest]
    else:
        names = [
            [f"it_{kind}", f"value_{i}"]
            for kind in ("plain", "queue", "database")
            for i in range(int(rest[0]))
        ]
    conf = cfg.ConfigOpts()
    for section, option in names:
        conf.register_opt(cfg.StrOpt(option), group=None if section == "DEFAULT" else section)
    conf.register_opt(cfg.StrOpt("my_ip"))
    conf(["--config-file", path])
    values = [conf[option] if section == "DEFAULT" else conf[section][option] for section, option in names]
    if what == "passwords":
        count = len(values) // 3
        values = [
            *values[:count],
            *map(_of_queue, values[count : 2 * count]),
            *map(_of_database, values[2 * count :]),
        ]
    print(json.dumps(values))


def _of_queue(url: str) -> str:
    import oslo_messaging

    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    parsed = oslo_messaging.TransportURL.parse(conf, url)
    return parsed.hosts[0].password if parsed.virtual_host == parsed.hosts[1].password else "torn apart"


def _of_database(url: str) -> str:
    from sqlalchemy.engine.url import make_url

    # What PyMySQL makes of a password, and the server of what PyMySQL sends.
    return make_url(url).password.encode("latin-1").decode()


if __name__ == "__main__":
    main()
