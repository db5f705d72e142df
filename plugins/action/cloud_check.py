# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the cloud_check module, which has the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ..plugin_utils._cloud import secrets, start
from ..plugin_utils._cloud.cloud import Cloud as DescribedCloud
from ..plugin_utils._cloud.variables import ROLES, VariableError
from ..plugin_utils._cloud_findings import SERVICES, Cloud, Finding, Host, findings, untried_platforms
from ..plugin_utils._door import described_cloud
from ..plugin_utils._host_facts import known_platforms
from ..plugin_utils._other_action import run_other
from ..plugin_utils._platforms import SOURCES, platform, refusal
from .secrets_file import ActionModule as SecretsFile

_PLATFORMS = ROLES / "cloud/vars"
# What is missing where a variable that is made of a secret has no value.
_SECRET_OF = {"cloud_auth": "cloud_admin_password"}
# oslo.messaging hands its password on to kombu with the slashes as they are, and kombu ends the host there.
_WITHOUT_SLASH = ("cloud_message_queue_password", "cloud_cell_message_queue_password")
# Check mode cannot expect services that another play would only have begun to deploy.
_NOT_IN_CHECK_MODE = "reach"
_SOON_DAYS = 30


class ActionModule(ActionBase):
    """Judges the surveys of all hosts, together with what the inventory says of their cloud."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        hosts, unreachable = _hosts(task_vars)
        try:
            cloud = described_cloud(
                self, task_vars, facts=task_vars.get("ansible_facts") or {}, platform={}, secrets={}
            )
            found = findings(
                hosts, self._judged(cloud, task_vars, unreachable), cloud.variables["cloud_ignored_checks"]
            )
            group = cloud.variables["cloud_controller_group"]
        except VariableError as error:
            wrong = [each for host in hosts for each in host.wrong_variables]
            raise AnsibleActionFail("\n".join(dict.fromkeys([*wrong, str(error)]))) from error
        excused = [each for each in found if self._task.check_mode and each.check == _NOT_IN_CHECK_MODE]
        grave = [each for each in found if each not in excused]
        warnings = [f"{each.message} A real run stops here." for each in excused]
        return {
            "changed": False,
            "warnings": warnings + untried_platforms(hosts) + _warnings(group, task_vars) + _soon(hosts),
            **({"failed": True, "msg": _report(grave)} if grave else {}),
        }

    def _judged(
        self, described: DescribedCloud, task_vars: dict[str, Any], unreachable: Iterable[str]
    ) -> Cloud:
        """What the findings have to know of the cloud."""
        variables, inventory = described.variables, described.inventory
        taking_part = task_vars["ansible_play_hosts_all"]
        missing, unfit, problem = self._judged_secrets(described, task_vars)
        addresses = ("cloud_internal_address", "cloud_public_address")
        return Cloud(
            controller_group=variables["cloud_controller_group"],
            controllers=tuple(described.controllers),
            unreachable_controllers=tuple(name for name in described.controllers if name in unreachable),
            controller_addresses=tuple(
                _declared_address(described, name)
                for name in described.controllers
                if name not in taking_part
            ),
            neighbours=tuple(variables["cloud_neighbours"]),
            platforms=known_platforms(_PLATFORMS),
            connections=start.connections(described),
            secrets_file=variables["cloud_secrets_file"],
            certificates_directory=variables["cloud_certificates_directory"],
            missing_secrets=tuple(missing),
            unfit_secrets=tuple(unfit),
            secret_problem=problem,
            plain_urls=tuple(
                name
                for name, url in (described.urls if described.tls else {}).items()
                if not url.startswith("https://")
            ),
            plain_servers=tuple(described.plain_servers if described.tls else ()),
            virtual_addresses={name: variables[name] for name in addresses if variables[name]},
            shared_state=tuple(start.shared_state(described)),
            cell_controllers={
                name: str(inventory.of(name, "cloud_cell")) for name in described.group("cell_controller")
            },
            tls=described.tls,
        )

    def _judged_secrets(
        self, described: DescribedCloud, task_vars: dict[str, Any]
    ) -> tuple[list[str], list[str], str]:
        """Secrets that no variable has once the file is read, those that cannot work, and why it cannot be read."""
        read: Mapping[str, Any] = {}
        path = described.variables["cloud_secrets_file"]
        if path:
            try:
                asked = {"path": path, "names": secrets.names(described)}
                read = run_other(self, SecretsFile, asked, task_vars, always_check=True)["secrets"]
            except AnsibleError as error:
                return [], [], str(error)
        # As the roles will see it, when the cloud is described.
        later = described_cloud(
            self,
            task_vars,
            facts=described.inventory.of(described.name, "ansible_facts", {}),
            platform={},
            secrets=read,
        )
        # Those of cells have no variables of the roles, because their names are the inventory's.
        values = {name: _value(later, name) or read.get(name) for name in secrets.needed(described)}
        missing = [_SECRET_OF.get(name, name) for name, value in values.items() if not value]
        unfit = [
            name
            for name, value in values.items()
            if name.startswith(_WITHOUT_SLASH) and "/" in str(value or "")
        ]
        return missing, unfit, ""


def _hosts(task_vars: Mapping[str, Any]) -> tuple[list[Host], list[str]]:
    """The hosts of the play, and the names of those that could not be reached."""
    hosts, unreachable = [], []
    for name in task_vars["ansible_play_hosts_all"]:
        looked = task_vars["hostvars"][name].get("__cloud_survey") or {}
        if looked.get("unreachable"):
            unreachable.append(name)
        if looked:
            hosts.append(_host(name, looked))
    return hosts, unreachable


def _host(name: str, looked: Mapping[str, Any]) -> Host:
    host = Host(
        name,
        looked.get("declared") or {},
        looked.get("survey") or {},
        looked.get("problem") or "",
        looked.get("platform") or "",
        tuple(looked["clock"]) if looked.get("clock") else None,
        tuple(looked.get("wrong_variables") or ()),
    )
    if host.platform not in known_platforms(_PLATFORMS):
        return host
    # Without quotes in the inventory 2024.1 is a number.
    source, release = (str(host.declared.get(name) or "") for name in ("source", "release"))
    asked = _PLATFORMS, host.platform, source or SOURCES[0], release
    refused = refusal(*asked)
    if refused:
        return replace(host, refused_release=refused)
    described = platform(*asked)
    return replace(
        host,
        mechanisms=tuple(described.get("neutron", {}).get("mechanisms", ())),
        services=tuple(name for name in SERVICES if name in described),
        speaks_tls="tls" in described["controller"],
        can_balance="load_balancer" in described,
        has_cells="cell" in described,
        untried=described.get("untried", ""),
        kernel_limit=described.get("kernel_limit", ""),
    )


def _declared_address(described: DescribedCloud, name: str) -> str:
    """The address of a host that does not take part, as far as the inventory says."""
    try:
        return described.inventory.address(name)
    except VariableError:
        return ""


def _value(described: DescribedCloud, name: str) -> Any:
    try:
        return described.variables.get(name)
    except VariableError:
        return None


def _warnings(group: str, task_vars: Mapping[str, Any]) -> list[str]:
    controllers = task_vars["groups"].get(group, [])
    taking_part = task_vars["ansible_play_hosts_all"]
    if not task_vars.get("ansible_limit") or not controllers or controllers[0] in taking_part:
        return []
    return [
        f"--limit leaves out controller {controllers[0]}, which maps new compute hosts to their cell. If any of "
        f"{', '.join(taking_part)} is new, run once more without --limit, or stackwright.nova.add_compute."
    ]


def _soon(hosts: Iterable[Host]) -> list[str]:
    """Certificates of the site that are about to end; those of the cloud's own authority are renewed in time."""
    ends = {host.name: (host.survey.get("certificate") or {}).get("until") for host in hosts}
    limit = (datetime.now(timezone.utc) + timedelta(days=_SOON_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        f"The certificate of {name} (cloud_certificate_files) ends at {until}. Have the site issue another one, and "
        "run stackwright.nova.renew_certificates."
        for name, until in ends.items()
        if until and until < limit
    ]


def _report(found: list[Finding]) -> str:
    several = f"{len(found)} things" if len(found) > 1 else "one thing"
    lines = [f"Cannot begin: {several} must be fixed first. Nothing was changed on any host."]
    return "\n".join([*lines, *(f"- {each.message} [{each.check}]" for each in found)])
