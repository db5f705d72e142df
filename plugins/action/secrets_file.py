# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the secrets_file module, which has the documentation."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible.plugins.action import ActionBase

_SECRET_BYTES = 24
_REPLACED_KEY = "replaced_secrets"
_VAULT_HEADER = b"$ANSIBLE_VAULT"


class ActionModule(ActionBase):
    """Reads, completes and returns the file of secrets."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "path": {"type": "path", "required": True},
                "names": {"type": "list", "elements": "str", "required": True},
                "replace": {"type": "list", "elements": "str", "default": []},
                "settle": {"type": "bool", "default": False},
            }
        )
        path = Path(self._loader.path_dwim(args["path"]))
        if not path.parent.is_dir():
            raise AnsibleActionFail(
                f"Cannot open secrets file {path}: its folder does not exist. Create the folder, mode 0700."
            )
        with _locked(path):
            stored = self._read(path)
            replaced_before = stored.pop(_REPLACED_KEY, None) or []
            replaced = [name for name in args["replace"] if name not in replaced_before]
            names = dict.fromkeys([*args["names"], *args["replace"]])
            generated = [name for name in names if name in replaced or not stored.get(name)]
            new = {name: secrets.token_urlsafe(_SECRET_BYTES) for name in generated}
            unsettled = [] if args["settle"] else [*replaced_before, *replaced]
            marker = {} if unsettled == replaced_before else {_REPLACED_KEY: unsettled}
            if (new or marker) and not self._task.check_mode:
                _write(path, {**new, **marker})
        return {
            "changed": bool(new or marker),
            "path": str(path),
            "generated": generated,
            "unsettled": unsettled,
            "secrets": {**stored, **new},
        }

    def _read(self, path: Path) -> dict[str, Any]:
        if not path.exists():
            return {}
        content = self._loader.load_from_file(str(path), cache="none")
        if content is not None and not isinstance(content, Mapping):
            raise AnsibleActionFail(
                f"Cannot read secrets file {path}: it holds no mapping of names to secrets. "
                "Correct the file, or name another one."
            )
        return dict(content or {})


def _write(path: Path, values: Mapping[str, Any]) -> None:
    """Put the values into the file and keep the rest of it, comments included; it is whole at any moment."""
    stored = path.read_bytes() if path.exists() else b""
    if stored.startswith(_VAULT_HEADER):
        raise AnsibleActionFail(
            f"Cannot add {', '.join(sorted(values))} to secrets file {path}: "
            "it is encrypted with Ansible Vault. "
            "Add them with ansible-vault edit, then run again."
        )
    text = stored.decode() or "---\n# Secrets of the cloud, generated once; this file is their only copy.\n"
    text, missing = _with_values(text, values, path)
    if missing:
        text += "" if text.endswith("\n") else "\n"
        text += yaml.dump(missing, Dumper=AnsibleDumper, default_flow_style=False, sort_keys=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def _with_values(text: str, values: Mapping[str, Any], path: Path) -> tuple[str, dict[str, Any]]:
    """The text with new values where it has the names, and the names with values that it does not have."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    entries = {key.value: value for key, value in root.value} if root else {}
    present = [name for name in values if name in entries]
    for name in sorted(present, key=lambda name: entries[name].start_mark.index, reverse=True):
        node = entries[name]
        if node.tag == "!vault":
            raise AnsibleActionFail(
                f"Cannot replace {name} in secrets file {path}: it is encrypted with Ansible Vault. "
                "Replace it by hand (ansible-vault encrypt_string), then run again."
            )
        start, end = node.start_mark.index, node.end_mark.index
        # A block of lines ends where the next entry begins.
        line_end = "\n" if text[start:end].endswith("\n") else ""
        space = "" if text[:start].endswith((" ", "\t")) else " "
        text = text[:start] + space + json.dumps(values[name]) + line_end + text[end:]
    return text, {name: value for name, value in values.items() if name not in entries}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the folder's lock; a lock of the file itself would go with the file that is replaced."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
