# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples in every run; HYPOTHESIS_PROFILE=default searches for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session", autouse=True)
def run_records(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Playbooks that tests run keep their records with the tests."""
    os.environ["STACKWRIGHT_RUN_RECORDS"] = str(tmp_path_factory.mktemp("records"))


@pytest.fixture
def nobody() -> Iterator[None]:
    """A user whom file modes hold back, whoever runs the tests."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)
