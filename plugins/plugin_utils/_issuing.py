# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules have in common that give a host a certificate of the cloud's own authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleFileNotFound
from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import CollectionError
from ..module_utils._engine.file_errors import file_cause, file_remedy
from ..module_utils._formats.x509 import Trust
from ..module_utils._shared.certificate_files import OF_THE_CONTROL_NODE, named
from ._certificate_authority import CertificateAuthority

_ITS_OWN = ("authority", "issued", "brought")


class IssuingAction(ActionBase):
    """Asks the host what it has, has a certificate issued if it wants one, and brings it there."""

    _supports_check_mode = True
    _ARGUMENTS: ClassVar[Mapping[str, Mapping[str, Any]]]
    """Those of the module."""
    _REQUIRED_IF: ClassVar[Sequence[tuple[str, str, Sequence[str]]]] = ()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            argument_spec={
                name: _as_written(argument)
                for name, argument in self._ARGUMENTS.items()
                if name not in _ITS_OWN
            },
            required_one_of=[("authority_directory", "files")],
            required_if=self._REQUIRED_IF,
        )
        there = {
            name: value
            for name, value in args.items()
            if name not in OF_THE_CONTROL_NODE and value is not None
        }
        try:
            there.update(self._from_control_node(args))
            return self._issued(args, there, task_vars or {})
        except CollectionError as error:
            message = str(error)
        raise AnsibleActionFail(message)

    def _from_control_node(self, args: dict[str, Any]) -> dict[str, Any]:
        """Further arguments of the module, from files of the control node."""
        del args
        return {}

    def _issued(
        self, args: dict[str, Any], there: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        """The module's result; ``there`` are the arguments that it gets. CollectionError for a bad authority."""
        if args["files"]:
            return self._without_request(self._execute_module(module_args=there, task_vars=task_vars))
        authority = CertificateAuthority(Path(self._loader.path_dwim(args["authority_directory"])))
        trust = authority.trust()
        made = trust is None
        if trust is None:
            trust = Trust("", "") if self._task.check_mode else authority.create(args["authority_name"])
        there["authority"] = {"certificate": trust.certificate, "revoked": trust.revoked}
        result: dict[str, Any] = self._execute_module(module_args=there, task_vars=task_vars)
        if result.get("request"):
            there["issued"] = authority.issue(result["request"], args["names"], args["unit"], args["days"])
            asked, result = result, self._execute_module(module_args=there, task_vars=task_vars)
            if result.get("request"):
                raise _refused(args["names"][0])
            if not result.get("failed"):
                result["commands"] = [*asked["commands"], *result["commands"]]
                result["changed"] = asked["changed"] or result["changed"]
                if "diff" in asked:
                    result["diff"] = [*_diffs(asked), *_diffs(result)]
        if made and not result.get("failed"):
            result["changed"] = True
        return self._without_request(result)

    def _without_request(self, result: dict[str, Any]) -> dict[str, Any]:
        result.pop("request", None)
        return result


def _diffs(result: Mapping[str, Any]) -> list[Any]:
    """What a result shows as changed: one diff, or one of each of its parts."""
    diff = result["diff"]
    return diff if isinstance(diff, list) else [diff]


def _refused(name: str) -> CollectionError:
    return CollectionError(
        "use",
        "certificate for",
        name,
        "the host rejected the new certificate",
        "Compare the host's clock with the control node's, then run again",
    )


def _as_written(argument: Mapping[str, Any]) -> dict[str, Any]:
    """An argument whose paths stay as they are, because a ~ in them is the host's; the module checks what is in it."""
    shallow = {name: value for name, value in argument.items() if name != "options"}
    return {**shallow, "type": "str"} if shallow["type"] == "path" else shallow


def site_files(loader: Any, files: Mapping[str, str | None]) -> dict[str, str]:
    """The texts of a site's certificate files on the control node, which Ansible Vault may have encrypted.

    Raises CollectionError where one is not named, or cannot be read.
    """
    return {name: _text(loader, path) for name, path in named(files).items()}


def _text(loader: Any, path: str) -> str:
    try:
        real = loader.get_real_file(loader.path_dwim(path))
        text = Path(real).read_text(encoding="utf-8")
        loader.cleanup_tmp_file(real)
    except AnsibleFileNotFound as error:
        cause, remedy = str(error), "Put it there, on the control node"
    except AnsibleError as error:
        cause, remedy = str(error), "Give the password that it was encrypted with (--vault-password-file)"
    except UnicodeDecodeError:
        cause, remedy = "it is not text in UTF-8", "Convert it to PEM"
    except OSError as error:
        cause, remedy = file_cause(error), f"On the control node: {file_remedy(error, path)}"
    else:
        return text
    # Outside of the handler: no traceback may quote a key.
    raise CollectionError("read", "file", path, cause, remedy, code="not_found")
