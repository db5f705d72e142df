# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the credentials of a cloud is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._engine.redaction import Redactor

# What plugins ask for that is no secret. All other options are masked: no list of secrets would ever be complete.
_PUBLIC_NAMES = """
access_token_endpoint access_token_type application_credential_id application_credential_name auth_methods
auth_type auth_url client_id default_domain_id default_domain_name discovery_endpoint domain_id domain_name
endpoint identity_provider identity_provider_url interface mutual_auth oauth2_client_id oauth2_endpoint
openid_scope project_domain_id project_domain_name project_id project_name protocol region region_name
service_provider_endpoint service_provider_entity_id system_scope tenant_id tenant_name trust_id user_domain_id
user_domain_name user_id username
"""
_PUBLIC = frozenset(_PUBLIC_NAMES.split())
# Where clouds.yaml and the environment keep secrets beside ``auth``, among much that is none.
_SECRET_NAME = re.compile("pass(word|code|phrase)|secret|token$|credential$")


def learn_secrets(redactor: Redactor, auth: Mapping[str, Any]) -> None:
    """Mask all of ``auth`` but what is known to be public: "admin" must stay readable in results."""
    public = {name: value for name, value in auth.items() if name.replace("-", "_") in _PUBLIC}
    redactor.exempt(*_leaves(public))
    redactor.learn(*_leaves({name: value for name, value in auth.items() if name not in public}))
    # A user and password in an address are none of its public parts.
    redactor.learn_urls(*_leaves(public))


def learn_beside(redactor: Redactor, settings: Mapping[str, Any]) -> None:
    """Mask what ``clouds.yaml`` and the environment keep of secrets beside ``auth``."""
    redactor.learn(*_leaves({name: value for name, value in settings.items() if _SECRET_NAME.search(name)}))


def _leaves(value: Any) -> list[str]:
    """The values inside of a structure as texts; truth values and nothing at all are no secrets."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value.decode(errors="replace") if isinstance(value, bytes) else str(value)]
