# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the commands of docs/first-hour.md into a shell of a fresh clone, and looks at what they lead to.

The argument is the clone. Seconds go into docs/first-hour.md, pictures of the page that the instance serves and of its
screen into docs/images.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pages
from playwright.sync_api import Page, sync_playwright

_PAGE = pages.DOCS / "first-hour.md"
_CHROMIUM = "/usr/bin/chromium"
# What follows is for hosts of one's own.
_END = "## Hosts of your own"
_LINK = re.compile(r"""["']?(?P<name>page|screen)["']?: ["']?(?:curl )?(?P<url>http[^\s"',]+)""")
_SIZE = {"width": 800, "height": 500}
# Whether anything is drawn on the screen of the instance, which is black at first.
_IS_DRAWN = """() => {
  const canvas = document.querySelector('canvas');
  if (!canvas || !canvas.width) return false;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value, index) => index % 4 < 3 && value > 64);
}"""


class Step(NamedTuple):
    """A command, its seconds, and what it printed."""

    command: str
    seconds: float
    output: str


def commands(page: str) -> Iterator[str]:
    """The commands of the page that end, as they stand there."""
    for example in pages.examples("", page.partition(_END)[0]):
        for line in example.text.splitlines() if example.language == "console" else ():
            # A session on a host ends with its user.
            if not re.search(r" ssh \w+ \w+$", line):
                yield line.removeprefix("$ ")


def links(output: str) -> dict[str, str]:
    """The URLs of ``page`` and ``screen`` that the tour ends with."""
    return {found["name"]: found["url"] for found in _LINK.finditer(output)}


def main() -> None:
    """Walk, look, write it down; fails where a command does, or where nothing is seen."""
    clone = Path(sys.argv[1])
    began = time.monotonic()
    steps = []
    for command in commands(_PAGE.read_text()):
        steps.append(_type(command, clone))
        print(f"{steps[-1].seconds:6.0f} s  {command}", flush=True)
    found = links("".join(step.output for step in steps))
    if set(found) != {"page", "screen"}:
        sys.exit("Cannot look at the instance: make demo-tour does not say where it is.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--proxy-server=direct://"]
        )
        for name, look in {"page": _look_at_page, "screen": _look_at_screen}.items():
            window = browser.new_page(viewport=_SIZE)
            window.goto(found[name])
            look(window)
            window.screenshot(path=pages.DOCS / f"images/tour-{name}.png")
        browser.close()
    seconds = time.monotonic() - began
    rows = [(f"`{step.command}`", f"{step.seconds:.0f}") for step in steps]
    pages.write(_PAGE, "make first-hour", pages.table(["command", "seconds"], rows), seconds)


def _type(command: str, clone: Path) -> Step:
    # Root needs no sudo, and may have none.
    typed = command.removeprefix("sudo ") if os.geteuid() == 0 else command
    began = time.monotonic()
    done = subprocess.run(
        typed, shell=True, cwd=clone, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"{command}: ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return Step(command, time.monotonic() - began, done.stdout)


def _look_at_page(window: Page) -> None:
    if not window.inner_text("body").strip():
        sys.exit("Cannot see the page of the instance: it is empty.")


def _look_at_screen(window: Page) -> None:
    window.wait_for_selector("canvas", timeout=60_000)
    # A text console may have gone to sleep.
    window.keyboard.press("Shift")
    window.wait_for_function(_IS_DRAWN, timeout=120_000)


if __name__ == "__main__":
    main()
