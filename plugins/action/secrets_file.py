# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the secrets_file module, which has the documentation."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleParserError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._engine.errors import CollectionError
from ..module_utils._engine.file_errors import file_cause, file_remedy
from ..module_utils._engine.files import KEEP, LocalFiles, StoredFile
from ..plugin_utils._secrets_text import (
    RefusedTextError,
    is_vaulted,
    line_of,
    place_of,
    spelling,
    with_values,
)

_SECRET_BYTES = 24
_REPLACED_KEY = "replaced_secrets"
_VAULT_HEADER = "$ANSIBLE_VAULT"
_MODE = 0o600
_OTHERS = 0o007


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
        try:
            result = self._completed(path, args)
        except CollectionError as error:
            message = str(error)
        except RefusedTextError as error:
            message = str(_refusal("read", path, str(error), "Correct the file, or name another one"))
        else:
            # The result is made of secrets: callbacks must not show it, whatever the task says.
            return {**result, "_ansible_no_log": True}
        # Outside of the handler, so that no library's error, which might quote the file, is shown with this one.
        raise AnsibleActionFail(message)

    def _completed(self, path: Path, args: Mapping[str, Any]) -> dict[str, Any]:
        # Behind a symbolic link stands the file that is locked, read and replaced.
        target = Path(os.path.realpath(path))
        with _locked(path, target.parent):
            file = LocalFiles().read(str(target))
            text = file.text if file else ""
            stored = self._parsed(text, path if _is_vault(text) else None)
            replaced_before = _noted(path, stored.pop(_REPLACED_KEY, None))
            replaced = [name for name in args["replace"] if name not in replaced_before]
            names = dict.fromkeys([*args["names"], *args["replace"]])
            generated = [name for name in names if name in replaced or stored.get(name) in (None, "")]
            kept = {name: _as_text(path, text, name, stored[name]) for name in names if name not in generated}
            new = {name: secrets.token_urlsafe(_SECRET_BYTES) for name in generated}
            unsettled = [] if args["settle"] else [*replaced_before, *replaced]
            marker = {} if unsettled == replaced_before else {_REPLACED_KEY: unsettled}
            if new or marker:
                self._write(path, target, file, {**new, **marker})
            elif file and file.mode & _OTHERS and not _is_vault(text):
                Display().warning(
                    f"Secrets file {path} is open to every user of this host (mode {file.mode:04o}). "
                    f"Close it: chmod {_MODE:04o} {target}"
                )
        return {
            "changed": bool(new or marker),
            "path": str(path),
            "generated": generated,
            "unsettled": unsettled,
            "secrets": {**stored, **kept, **new},
        }

    def _parsed(self, text: str, vault: Path | None = None) -> dict[Any, Any]:
        """The text as the next run reads it, with Ansible's own loader; ``vault`` is a file encrypted as a whole."""
        try:
            if vault:
                content = self._loader.load_from_file(str(vault), cache="none")
            else:
                content = self._loader.load(text, show_content=False) if text.strip() else None
        except AnsibleParserError as error:
            place = place_of(error)
            cause = (
                f"{place}: it is no valid YAML there" if place else "YAML cannot make sense of a value in it"
            )
        except AnsibleError:
            cause = "it is encrypted with Ansible Vault, and no vault secret of this run decrypts it"
        except Exception:
            # PyYAML lets these through, for a date that is none, say.
            cause = "YAML cannot make sense of a value in it"
        else:
            if content is None or isinstance(content, Mapping):
                return _plain_mapping(content or {})
            cause = "it holds no mapping of names to secrets"
        raise RefusedTextError(cause)

    def _write(self, path: Path, target: Path, file: StoredFile | None, values: Mapping[str, Any]) -> None:
        """Put the values into the file and keep the rest of it, comments included; it is whole at any moment."""
        text = file.text if file else ""
        verb = f"add {', '.join(sorted(values))} to"
        if _is_vault(text):
            raise _refusal(
                verb,
                path,
                "it is encrypted with Ansible Vault",
                "Add them with ansible-vault edit, then run again",
            )
        try:
            vaulted = sorted(name for name in values if is_vaulted(text, name))
            if vaulted:
                raise _refusal(
                    f"replace {', '.join(vaulted)} in",
                    path,
                    "encrypted with Ansible Vault",
                    "Replace it by hand (ansible-vault encrypt_string), then run again",
                )
            completed = with_values(text, values, self._parsed)
        except RefusedTextError as error:
            remedy = "Write it as plain lines of the form 'name: value', then run again"
            raise _refusal(verb, path, str(error), remedy) from error
        if not self._task.check_mode:
            # Whoever shares it with a group closes it to all others; anything else is a default that nobody chose.
            mode = _MODE if file is None or file.mode & _OTHERS else file.mode
            LocalFiles().write(str(target), completed, KEEP, mode=mode, backup=False)


def _as_text(path: Path, text: str, name: str, value: Any) -> str:
    """The secret as text. A number stands for its digits, unless YAML reads other ones than are written."""
    if isinstance(value, str):
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and (_is_vault(text) or spelling(text, name) == str(value)):
        return str(value)
    where = "" if _is_vault(text) else f"line {line_of(text, name)}: "
    raise _refusal(
        f"use {name} of", path, f"{where}YAML does not read its value as text", "Write it in quotes"
    )


def _noted(path: Path, note: Any) -> list[str]:
    if note is None:
        return []
    if isinstance(note, list) and all(isinstance(name, str) for name in note):
        return note
    raise _refusal(
        "read", path, f"its {_REPLACED_KEY} is no list of names", f"Correct or remove {_REPLACED_KEY}"
    )


def _plain_mapping(content: Mapping[Any, Any]) -> dict[Any, Any]:
    """The content in Python's own types: Ansible's remember their file, and its errors quote it."""
    try:
        return {_plain(name): _plain(value) for name, value in content.items()}
    except RecursionError:
        cause = "a value in it refers to itself"
    except AnsibleError:
        cause = "no vault secret of this run decrypts a value in it"
    raise RefusedTextError(cause)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, date, bytes)):
        return value
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    # A subclass of str, or a value of Ansible Vault, which is decrypted here.
    return str.__str__(str(value))


def _is_vault(text: str) -> bool:
    return text.startswith(_VAULT_HEADER)


def _refusal(verb: str, path: Path, cause: str, remedy: str) -> CollectionError:
    return CollectionError(verb, "secrets file", str(path), cause, remedy)


@contextmanager
def _locked(path: Path, folder: Path) -> Iterator[None]:
    """Hold the folder's lock; a lock of the file itself would go with the file that is replaced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        cause, remedy = "its folder does not exist", f"Create the folder {folder}, mode 0700"
    except OSError as error:
        cause, remedy = f"its folder: {file_cause(error)}", file_remedy(error, str(folder))
    else:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
        return
    raise _refusal("open", path, cause, remedy)
