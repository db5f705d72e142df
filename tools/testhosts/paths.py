"""Where state and caches live: machine-wide, so that any checkout can clean up after any other."""

import os
from pathlib import Path

TAG = "stackwright"


def state() -> Path:
    """Everything that belongs to labs: records, keys, writable layers of the hosts."""
    return Path(os.environ.get("STACKWRIGHT_STATE", "/var/lib/stackwright-labs"))


def cache() -> Path:
    """Everything that can be built again: base file systems, packages, guest image."""
    return Path(os.environ.get("STACKWRIGHT_CACHE", "/var/cache/stackwright"))


def lab(name: str) -> Path:
    """The directory of one lab."""
    return state() / name


def host(lab_name: str, name: str) -> Path:
    """The directory of one host of a lab."""
    return lab(lab_name) / "hosts" / name


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a run after a kill, sees all of it or the file before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=mode)
    draft.write_text(text)
    draft.rename(path)
