"""Which file of the repository becomes which page of the site, and where its links then lead."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

# The target of a link, whether in place or defined below the text; code, in a line or in a block, has none.
LINK = re.compile(
    r"(?P<marks>`+)(?!`).*?(?<!`)(?P=marks)(?!`)"
    r"|(?<=\]\()(?P<target>[^()\s#]+)(?=[#)])"
    r"|^(?P<name>\[[^\]]+\]: )(?P<defined>[^\s#]+)",
    re.DOTALL | re.MULTILINE,
)
# Of the collection's reference, which antsibull-docs writes.
REFERENCE = "reference"
MODULE = re.compile(r"^plugins/modules/(\w+)\.py$")


class LinkError(Exception):
    """A link that leads nowhere."""


def pages(root: Path) -> dict[str, str]:
    """Every text of the repository that is a page of the site: its path to the page's name."""
    found = {"README.md": "overview", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
    found |= {f"docs/{path.name}": path.stem for path in sorted(root.glob("docs/*.md"))}
    found |= {
        f"docs/evidence/{path.name}": f"evidence/{path.stem}"
        for path in sorted(root.glob("docs/evidence/*.md"))
    }
    found |= {
        path.relative_to(root).as_posix(): f"roles/{path.parent.name}"
        for path in sorted(root.glob("roles/*/README.md"))
    }
    return {path: name for path, name in found.items() if (root / path).exists()}


def with_links(text: str, origin: str, known: Mapping[str, str], root: Path, repository: str) -> str:
    """A text of the repository with its links between files turned into links between pages.

    What is no page is shown by the repository's own site. Raises LinkError for a link to what is not there.
    """
    here = posixpath.dirname(known[origin])

    def turned(match: re.Match[str]) -> str:
        target = match["target"] or match["defined"] or ":"
        for kind in ("blob", "tree"):
            # Texts that are read elsewhere too name files by the repository's site.
            if target.startswith(f"{repository}/{kind}/main/"):
                target = posixpath.relpath(target.split("/main/", 1)[1], posixpath.dirname(origin) or ".")
        if ":" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), target))
        return (match["name"] or "") + (_target(path, here, known) or _shown(path, origin, root, repository))

    return LINK.sub(turned, text)


def _target(path: str, here: str, known: Mapping[str, str]) -> str | None:
    if path in known:
        return posixpath.relpath(f"{known[path]}.md", here or ".")
    if match := MODULE.match(path):
        return posixpath.relpath(f"{REFERENCE}/{match[1]}_module.rst", here or ".")
    if path.startswith("docs/images/"):
        return posixpath.relpath(path.removeprefix("docs/"), here or ".")
    return None


def _shown(path: str, origin: str, root: Path, repository: str) -> str:
    if not (root / path).exists():
        raise LinkError(f"Cannot link {path} from {origin}: there is no such file. Correct the link.")
    kind = "tree" if (root / path).is_dir() else "blob"
    return f"{repository}/{kind}/main/{path}"
