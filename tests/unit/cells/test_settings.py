# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.stackwright.nova.plugins.module_utils.cells.settings import Settings, read_settings


def test_each_url_from_its_place(tmp_path: Path) -> None:
    path = tmp_path / "nova.conf"
    path.write_text(
        "[DEFAULT]\ntransport_url = rabbit://o:s3cret@mq/\n"
        "[database]\nconnection = mysql://n:s3cret@db/nova\n"
        "[api_database]\nconnection = mysql://n:s3cret@db/nova_api\n"
    )
    settings = read_settings(str(path))
    assert settings == Settings(
        str(path), "mysql://n:s3cret@db/nova_api", "mysql://n:s3cret@db/nova", "rabbit://o:s3cret@mq/"
    )
    assert settings.urls == (settings.api_connection, settings.connection, settings.transport_url)
    assert "s3cret" not in repr(settings)
