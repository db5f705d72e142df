# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules have in common that give a host a certificate of the cloud's own authority."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils.clients.x509 import Trust
from ..module_utils.engine.errors import CollectionError
from ..module_utils.host_certificate.parameters import refuse_partial
from .certificate_authority import CertificateAuthority


class IssuingAction(ActionBase):
    """Asks the host what it has, has a certificate issued if it wants one, and brings it there."""

    _supports_check_mode = True

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
            if not result.get("failed"):
                result["commands"] = [*asked["commands"], *result["commands"]]
                result["changed"] = asked["changed"] or result["changed"]
                if "diff" in asked:
                    result["diff"] = [asked["diff"], result["diff"]]
        if made and not result.get("failed"):
            result["changed"] = True
        return self._without_request(result)

    def _without_request(self, result: dict[str, Any]) -> dict[str, Any]:
        result.pop("request", None)
        return result


def site_files(loader: Any, files: Mapping[str, str | None]) -> dict[str, str]:
    """The texts of a site's certificate files on the control node, which Ansible Vault may have encrypted.

    Raises CollectionError where one is not named, or cannot be read.
    """
    given = {name: path for name, path in files.items() if path}
    refuse_partial(given)
    return {name: _text(loader, path) for name, path in given.items()}


def _text(loader: Any, path: str) -> str:
    try:
        real = loader.get_real_file(loader.path_dwim(path))
        text = Path(real).read_text(encoding="utf-8")
        loader.cleanup_tmp_file(real)
    except (AnsibleError, OSError, UnicodeDecodeError) as error:
        cause = str(getattr(error, "strerror", None) or error).rstrip(".")
    else:
        return text
    # Outside of the handler: no traceback may quote a key.
    raise CollectionError("read", "file", path, cause, "Put it there, on the control node", code="not_found")
