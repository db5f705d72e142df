# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every secret is a marker, and the markers are searched everywhere they must not be.

Check run, deployment, a run that fails, ``-vvv --diff``, rotation; searched in what Ansible prints, in journals and
logs, in command lines sampled throughout, in files that anybody may read, in temporary files.
"""

from __future__ import annotations

import base64
import json
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import yaml
from testhosts import paths
from watched.runs import ROOT, Lab, LabError, Run

LAB = Lab("chaos-canary", ("controller1", "compute1"))
SITE = "stackwright.nova.site"
ROTATE = "stackwright.nova.rotate_passwords"
# Characters that another layer writes in another way: URL, oslo.config, YAML, shell, SQL.
_TAIL = "@Zq/9:x%41$y'#&é"
_INTERVAL = 0.05
# Where secrets belong: configuration of the services, the database, RabbitMQ's own store; none of it world-readable.
_TEMPORARY = ("tmp", "var/tmp", "root/.ansible", "run/shm", "dev/shm")


@dataclass
class Result:
    """What was searched, and where a marker was found."""

    markers: int = 0
    forms: int = 0
    runs: int = 0
    searched: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The result in words, a line each."""
        places = ", ".join(f"{count} {place}" for place, count in sorted(self.searched.items()))
        return [
            f"{self.markers} secrets in {self.forms} forms, {self.runs} runs; searched: {places}",
            f"found: {len(self.found)}" + (f" ({'; '.join(sorted(set(self.found)))})" if self.found else ""),
        ]


def run(lab: Lab = LAB) -> Result:
    """Carry out the runs and the searches; what was found is in the result."""
    lab.up("--baked")
    result = Result()
    _write_markers(lab)
    with _sampled(lab, result):
        for name, options, fails in (
            (SITE, ("--check", "--diff", "-vvv"), False),
            (SITE, ("--diff", "-vvv"), False),
            (
                SITE,
                ("--diff", "-vvv", "--extra-vars", "controller_options={DEFAULT: {no_such_option: 1}}"),
                True,
            ),
            (ROTATE, ("--diff", "-vvv", "--extra-vars", "cloud_rotated_secrets=all"), False),
            (SITE, ("--check", "--diff", "-vvv"), False),
        ):
            each = Run(lab, name, *options)
            status = each.wait()
            if bool(status) is not fails:
                raise LabError(f"{name} {options} ended with {status}:\n{each.output.read_text()[-3000:]}")
            result.runs += 1
            _search_text("lines of Ansible's output", each.output.read_text(), _forms(lab), result)
    _search_hosts(lab, result)
    forms = _forms(lab)
    result.markers, result.forms = len(set(forms.values())), len(forms)
    return result


def _write_markers(lab: Lab) -> None:
    """Secrets that can be told from everything else, one for each account."""
    lab.secrets_file.touch(0o600)
    lab.secrets_file.write_text(yaml.safe_dump(_markers(), allow_unicode=True))


def _markers() -> dict[str, str]:
    described = yaml.safe_load((ROOT / "roles/cloud/meta/argument_specs.yml").read_text())
    options = described["argument_specs"]["description"]["options"]
    secrets = [name for name, each in options.items() if each.get("no_log") and each["type"] == "str"]
    markers = {name: f"canary-{number:02}{_TAIL}" for number, name in enumerate(secrets)}
    # The only character of the tail that no password of the message queue may have.
    markers["cloud_message_queue_password"] = markers["cloud_message_queue_password"].replace("/", "~")
    return markers


def _forms(lab: Lab) -> dict[str, str]:
    """Every form of every secret, old and new, to the name of its account."""
    stored = yaml.safe_load(lab.secrets_file.read_text())
    original = _markers()
    forms = {}
    for name, secret in [*stored.items(), *original.items()]:
        if isinstance(secret, str) and len(secret) > 8:
            for form in _written(secret):
                forms[form] = name
    # Any piece of a marker counts, not only the whole.
    forms |= {f"canary-{number:02}": "a marker's beginning" for number in range(len(original))}
    return forms


def _written(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        secret.replace("$", "$$"),
        secret.replace("$", "\\$"),
        secret.replace("'", "''"),
        secret.replace("'", "'\\''"),
        raw.decode("latin-1"),
        base64.b64encode(raw).decode().rstrip("="),
        raw.hex(),
    }


def _search_text(place: str, text: str, forms: dict[str, str], result: Result, detail: str = "") -> None:
    result.searched[place] += text.count("\n") + 1
    for form, name in forms.items():
        if form in text:
            at = text.index(form)
            around = " ".join(text[max(0, at - 80) : at].split())[-60:]
            result.found.append(f"{name} in {place} {detail} after «{around}»")


@contextmanager
def _sampled(lab: Lab, result: Result) -> Iterator[None]:
    """Look at every process of this machine and its hosts again and again, until the end of the block."""
    ended = threading.Event()
    seen: set[str] = set()

    def sample() -> None:
        while not ended.is_set():
            for directory in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    seen.add((directory / "cmdline").read_text(errors="replace"))
            result.searched["samples of all command lines"] += 1
            time.sleep(_INTERVAL)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    samples = result.searched["samples of all command lines"]
    _search_text("command lines", "\n".join(seen), _forms(lab), result)
    result.searched["samples of all command lines"] = samples


def _search_hosts(lab: Lab, result: Result) -> None:
    """Journals, logs, files that anybody may read, temporary files."""
    forms = _forms(lab)
    for host in lab.hosts:
        _search_text("lines of journals", lab.ssh(host, "journalctl --no-pager -o cat"), forms, result, host)
        upper = paths.host(lab.name, host) / "upper"
        for path in upper.rglob("*"):
            with suppress(OSError):
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode) or path.name.endswith((".ibd", ".pyc")):
                    continue
                inside = path.relative_to(upper)
                text = path.read_bytes().decode("utf-8", errors="replace")
                if str(inside).startswith("var/log/") and "journal" not in inside.parts:
                    _search_text("lines of logs", text, forms, result, f"{host} {inside}")
                if str(inside).startswith(_TEMPORARY):
                    _search_text("lines of temporary files", text, forms, result, f"{host} {inside}")
                elif status.st_mode & stat.S_IROTH and _reachable(path, upper):
                    _search_text(
                        "lines of files that anybody may read", text, forms, result, f"{host} {inside}"
                    )


def _reachable(path: Path, upper: Path) -> bool:
    """Whether anybody may enter all directories on the way to the file."""
    parents = [parent for parent in path.parents if parent.is_relative_to(upper) and parent != upper]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in parents)
