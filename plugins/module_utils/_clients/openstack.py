# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login to OpenStack: from the parameters of a module, ``clouds.yaml`` or the environment to a session.

keystoneauth1 alone makes it from ``auth``. It is the same in all releases and takes a fraction of the time
that openstacksdk takes to import; openstacksdk is asked only for what it alone knows, ``clouds.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .._engine.errors import CollectionError, UnreachableError
from .._engine.redaction import Redactor
from . import keystoneauth
from .openstack_api import AbsentCloud, Cloud
from .openstack_errors import clear_errors
from .openstack_secrets import learn_beside, learn_secrets

ARGUMENTS: dict[str, Any] = {
    "cloud": {"type": "str"},
    "auth": {"type": "dict", "no_log": True},
    "auth_type": {"type": "str", "default": "password"},
    "region_name": {"type": "str"},
    "interface": {"type": "str", "choices": ["public", "internal", "admin"], "default": "public"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_cert": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "api_timeout": {"type": "int", "default": 120},
}

# openstacksdk's short names stand for plugins that ask for the versions first.
_PLUGINS = {"password": "v3password", "token": "v3token"}


def connect(params: Mapping[str, Any], redactor: Redactor) -> Cloud:
    """A cloud from the parameters of ``ARGUMENTS``; nothing is sent before the first request.

    The secrets of ``auth``, ``clouds.yaml`` and the environment are taught to ``redactor``. Where the libraries
    are not installed (yet), the requests fail, not this call: check mode must be able to plan without them.
    """
    try:
        if params["auth"] and not params["cloud"]:
            return _from_auth(params, redactor)
        return _from_configuration(params, redactor)
    except UnreachableError as error:
        return AbsentCloud(error)


def _from_auth(params: Mapping[str, Any], redactor: Redactor) -> Cloud:
    loading, session = keystoneauth.libraries()
    auth = {key: value for key, value in params["auth"].items() if value is not None}
    learn_secrets(redactor, auth)
    auth_url = _versioned(auth.get("auth_url", ""))
    with clear_errors("connect to", "cloud", auth_url):
        loader = loading.get_plugin_loader(_PLUGINS.get(params["auth_type"], params["auth_type"]))
        plugin = loader.load_from_options(**_with_domains({**auth, "auth_url": auth_url}))
    verify = params["ca_cert"] or True if params["validate_certs"] else False
    cert = params["client_cert"]
    if cert and params["client_key"]:
        cert = (cert, params["client_key"])
    return Cloud(
        keystoneauth.without_pooling(
            session.Session(auth=plugin, verify=verify, cert=cert, timeout=params["api_timeout"])
        ),
        auth_url,
        interface=params["interface"],
        region_name=params["region_name"],
    )


def _from_configuration(params: Mapping[str, Any], redactor: Redactor) -> Cloud:
    try:
        with keystoneauth.without_osprofiler():
            from keystoneauth1.exceptions import ClientException
            from openstack import config
            from openstack.exceptions import SDKException
    except ImportError as error:
        raise UnreachableError(
            "connect to",
            "cloud",
            params["cloud"] or "of the OS_* variables",
            f"openstacksdk cannot be imported ({error})",
            "Install python3-openstacksdk or give auth instead of cloud",
        ) from error
    overrides = {
        "auth": params["auth"],
        "region_name": params["region_name"],
        "interface": params["interface"],
        "cacert": params["ca_cert"],
        "cert": params["client_cert"],
        "key": params["client_key"],
        "verify": None if params["validate_certs"] else False,
        "api_timeout": params["api_timeout"],
    }
    name = params["cloud"] or "of the OS_* variables"
    try:
        region = config.OpenStackConfig().get_one(
            cloud=params["cloud"], **{key: value for key, value in overrides.items() if value is not None}
        )
        auth = region.config.get("auth", {})
        learn_secrets(redactor, auth)
        learn_beside(redactor, region.config)
        session = region.get_session()
    except (SDKException, ClientException, TypeError) as error:
        raise CollectionError(
            "connect to",
            "cloud",
            name,
            str(error),
            "Give auth, or cloud with the name of an entry in clouds.yaml, or set OS_* variables",
            code="configuration",
        ) from error
    return Cloud(
        keystoneauth.without_pooling(session),
        _versioned(auth.get("auth_url", "")),
        interface=params["interface"],
        region_name=params["region_name"] or region.config.get("region_name"),
    )


def _versioned(auth_url: str) -> str:
    """The URL of the Identity API v3, whether ``auth_url`` names the version or not."""
    bare = auth_url.rstrip("/")
    if not _is_http(bare):
        raise CollectionError(
            "connect to",
            "cloud",
            "",
            "auth_url is missing or not a URL",
            "Set auth.auth_url to the address of Keystone, such as http://controller:5000/v3",
            code="configuration",
        )
    return bare if bare.endswith("/v3") else f"{bare}/v3"


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _with_domains(auth: dict[str, Any]) -> dict[str, Any]:
    """The credentials with the domain "default" where a name needs a domain and none is given."""
    for kind, name in (("user", "username"), ("project", "project_name")):
        if name in auth and not {f"{kind}_domain_id", f"{kind}_domain_name"} & auth.keys():
            auth[f"{kind}_domain_id"] = "default"
    return auth
