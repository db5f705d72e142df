# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a proof in Debian's Chromium: read by axe-core, on a desk and on a phone, in light and dark, and printed.

What it looked like stays in .cache/page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.filter.proof import proof_page
from axe_playwright_python.sync_playwright import Axe
from fakes.reports import NOTHING, damaged, proven
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".cache/page"
CHROMIUM = "/usr/bin/chromium"
SIZES = {"desk": (1280, 900), "phone": (390, 844), "small-phone": (320, 568)}


def reports() -> dict[str, dict[str, Any]]:
    """The pages under test by name."""
    return {"proven": proven(), "failed": damaged(), "bare": NOTHING}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {}
    for name, report in reports().items():
        pages[name] = folder / f"{name}.html"
        pages[name].write_text(proof_page(report))
    return pages


def opened(browser: Browser, file: Path, size: str, scheme: Any) -> Page:
    """The page from the disk; what it would fetch or complain about is in ``troubles``."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", reports())
def test_everybody_can_read_it(
    browser: Browser, files: dict[str, Path], name: str, size: str, scheme: str
) -> None:
    page = opened(browser, files[name], size, scheme)
    page.screenshot(path=PICTURES / f"{name}-{size}-{scheme}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    # Nothing but tables goes beyond the screen, and these scroll by themselves.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    too_small = page.evaluate(
        """() => [...document.querySelectorAll('svg text')].filter(one => {
             const box = one.getBoundingClientRect();
             return box.height && box.height < 11;
           }).map(one => one.textContent)"""
    )
    assert too_small == [], "text of a drawing is too small to be read"
    beside = page.evaluate(
        """() => [...document.querySelectorAll('svg text')].filter(one => {
             const box = one.getBoundingClientRect(), all = one.ownerSVGElement.getBoundingClientRect();
             return box.width && (box.left < all.left - 8 || box.right > all.right + 1);
           }).map(one => one.textContent)"""
    )
    assert beside == [], "text of a drawing is cut off"
    page.context.close()


def test_it_needs_nothing_else(browser: Browser, files: dict[str, Path]) -> None:
    context = browser.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("request", lambda request: troubles.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.goto(files["proven"].as_uri())
    fetched = [one for one in troubles if not one.startswith("data:image/png")]
    assert fetched == [files["proven"].as_uri()]
    assert page.evaluate(
        "document.images.length > 0 && [...document.images].every(one => one.naturalWidth > 0)"
    )
    context.close()


@pytest.mark.parametrize("name", reports())
def test_it_prints_dark_on_light(browser: Browser, files: dict[str, Path], name: str) -> None:
    page = opened(browser, files[name], "desk", "dark")
    page.emulate_media(media="print")
    colours = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    paper = page.pdf(path=PICTURES / f"{name}.pdf", format="A4", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    page.context.close()
