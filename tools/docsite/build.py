"""Build the documentation site: gather its pages, write those that are made of data, and have Sphinx render them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from seeds import guides as seeds

from . import chart, guides, pages
from .written import written_options

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
WORK = ROOT / ".cache/docs"
SOURCE, SITE = WORK / "source", ROOT / "dist/site"
# Where the picture of the measured seconds goes.
MEASURED = "<!-- measured by make bench: below this line -->"
FIGURES = "![Seconds with other tools, and with this collection.](images/benchmarks.svg)"
COLLECTION = "stackwright.nova"


def main() -> int:
    """Build the site and say where it is."""
    try:
        gather()
        render_reference()
        render_site()
    except (pages.LinkError, guides.StepError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    print(f"The site is built: {SITE.relative_to(ROOT)}/index.html")
    return 0


def gather() -> None:
    """Put the pages where Sphinx reads them."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(
        HERE / "sphinx", SOURCE, ignore=shutil.ignore_patterns("conf.py", "static", "__pycache__")
    )
    shutil.copytree(ROOT / "docs/images", SOURCE / "images")
    known = pages.pages(ROOT)
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text())["repository"]
    for origin, name in known.items():
        text = pages.with_links((ROOT / origin).read_text(), origin, known, ROOT, repository)
        write(SOURCE / f"{name}.md", text)
    page = SOURCE / "benchmarks.md"
    write(SOURCE / "images/benchmarks.svg", chart.picture(chart.comparisons(page.read_text())))
    write(page, page.read_text().replace(MEASURED, f"{MEASURED}\n\n{FIGURES}"))
    for release, text in guide_pages().items():
        write(SOURCE / f"guides/{release}.md", text)


def guide_pages() -> dict[str, str]:
    """The pages of the installation guides."""
    sources = guides.Sources(
        answers=yaml.safe_load(guides.ANSWERS.read_text()),
        deviations=seeds.load("deviations"),
        verdicts=seeds.load("options"),
        rendered=written_options({release: seeds.guide(release) for release in seeds.RELEASES}),
    )
    return {release: guides.page(release, sources) for release in seeds.RELEASES}


def render_reference() -> None:
    """Have antsibull-docs write the pages of modules, filters and roles."""
    destination = SOURCE / pages.REFERENCE
    destination.mkdir()
    settings = ["--use-current", "--squash-hierarchy", "--fail-on-error"]
    run("antsibull-docs", "collection", *settings, "--dest-dir", destination, COLLECTION, silent=True)


def render_site() -> None:
    """Have Sphinx render all pages; a warning is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    strict = ["--fail-on-warning", "--nitpicky", "--quiet"]
    run("sphinx-build", *strict, "-c", HERE / "sphinx", "-d", WORK / "doctrees", SOURCE, SITE)


def run(program: str, *arguments: str | Path, silent: bool = False) -> None:
    """Run a program of this virtual environment; a silent one is heard only if it fails."""
    command: Sequence[str | Path] = [BIN / program, *arguments]
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(BIN.parent),
    }
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        check=False,
        stdout=subprocess.PIPE if silent else None,
        stderr=subprocess.STDOUT if silent else None,
    )
    if done.returncode:
        print(done.stdout or "", end="", file=sys.stderr)
        print(f"Cannot build the site: {program} ended with status {done.returncode}.", file=sys.stderr)
    done.check_returncode()


def write(path: Path, text: str) -> None:
    """Write a file, and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
