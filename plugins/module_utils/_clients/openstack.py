# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one connection to the OpenStack APIs: an authenticated session and plain REST.

keystoneauth1 alone makes it from ``auth``. It is the same in all releases and takes a fraction of the time
that openstacksdk takes to import; openstacksdk is asked only for what it alone knows, ``clouds.yaml``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

from .._engine.errors import CollectionError, UnreachableError
from .._engine.redaction import Redactor

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
# openstacksdk's short names stand for plugins that ask for the versions first.
_PLUGINS = {"password": "v3password", "token": "v3token"}
_VERBS = {"GET": "read", "POST": "create", "PUT": "set", "PATCH": "change", "DELETE": "delete"}
# So requests tells of a file that is not there.
_NO_FILE = "invalid path: "
# What a proxy answers while nothing listens behind it.
_GATEWAY_STATUSES = (502, 503, 504)
_MAJOR_VERSIONS = {"compute": "2.1", "image": "2", "network": "2"}
# One microversion for all that is asked of Nova: 2.74 (Train) brought ``host`` to the creation of servers.
_COMPUTE_MICROVERSION = "2.74"


class ApiError(CollectionError):
    """An API refused a request; ``status`` is the HTTP status of its answer."""

    def __init__(self, verb: str, kind: str, name: str, cause: str, remedy: str, *, status: int) -> None:
        super().__init__(verb, kind, name, cause, remedy, code=f"http_{status}", status=status)
        self.status = status


class Cloud:
    """REST requests to the services of one cloud, by service type ("compute", "placement", ...).

    A path is relative to the service's endpoint in the catalog (for "identity": to ``<auth_url>/v3``, which
    answers before any endpoint is registered). Replies are decoded JSON, ``{}`` where there is no body.
    """

    def __init__(self, session: Any, auth_url: str, *, interface: str, region_name: str | None) -> None:
        self.session = session
        self.auth_url = auth_url
        self._filter = {"interface": interface, "region_name": region_name or None}

    def access(self) -> Any:
        """Who the cloud takes us for: keystoneauth's AccessInfo (user_id, project_id, role_names, ...)."""
        with _with_clear_errors("authenticate at", f"cloud {self.auth_url}", self.auth_url):
            return self.session.auth.get_access(self.session)

    def get(self, service: str, path: str, **options: Any) -> Any:
        """Read ``path``; ``options`` are those of :meth:`request`."""
        return self.request("GET", service, path, **options)

    def post(self, service: str, path: str, body: Any, **options: Any) -> Any:
        """Create something; returns the reply."""
        return self.request("POST", service, path, json=body, **options)

    def put(self, service: str, path: str, body: Any = None, **options: Any) -> Any:
        """Set something; without ``body`` none is sent."""
        return self.request("PUT", service, path, **({} if body is None else {"json": body}), **options)

    def patch(self, service: str, path: str, body: Any, **options: Any) -> Any:
        """Change something; returns the reply."""
        return self.request("PATCH", service, path, json=body, **options)

    def delete(self, service: str, path: str, **options: Any) -> Any:
        """Delete something."""
        return self.request("DELETE", service, path, **options)

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """Send one request and return its decoded reply.

        ``subject`` says in errors what it is about ("user nova"; default service and path). ``options`` go to
        keystoneauth: ``json``, ``data``, ``headers``, ``params``, ``microversion`` ("2.53"),
        ``authenticated``. Raises UnreachableError, ApiError (any status from 400) or CollectionError.
        """
        target: dict[str, Any] = {"endpoint_filter": {"service_type": service, **self._filter}}
        if service == "identity":
            target = {"endpoint_override": self.auth_url}
        with _with_clear_errors(_VERBS[method], subject or f"{service} {path}", self.auth_url):
            reply = self.session.request(path, method, **target, **options)
        if reply.status_code == 204 or not reply.content:
            return {}
        try:
            return reply.json()
        except ValueError:
            return {"text": reply.text}


class AbsentCloud(Cloud):
    """A cloud that cannot be spoken to from this host (yet): whatever it is asked for, it says why."""

    def __init__(self, error: UnreachableError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error


class Api(Protocol):
    """Requests as one user in one project, by service type."""

    @property
    def project_id(self) -> str:
        """The ID of the project."""

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """Send one request, as Cloud.request does; ``path`` follows the endpoint of the service's version."""


class VersionedApi:
    """An Api that speaks one version of each service, whether or not the catalog names it in the URL.

    Raises UnreachableError where no endpoint answers for that version.
    """

    def __init__(self, cloud: Cloud, *, interface: str, region_name: str | None) -> None:
        self._cloud = cloud
        self._filter = {"interface": interface, "region_name": region_name}
        self._endpoints: dict[str, str] = {}

    @property
    def project_id(self) -> str:
        """The project that the credentials name."""
        # The first request of all: it tells of wrong credentials and of a Keystone that does not answer.
        self._cloud.get("identity", "/auth/catalog", subject="catalog of the cloud")
        return str(self._cloud.session.get_project_id())

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        """See Api."""
        if service == "compute":
            options["microversion"] = _COMPUTE_MICROVERSION
        url = self._endpoint(service) + path
        return self._cloud.request(method, service, url, subject=subject, **options)

    def _endpoint(self, service: str) -> str:
        if service not in self._endpoints:
            self._endpoints[service] = self._discovered(service, _MAJOR_VERSIONS[service]).rstrip("/")
        return self._endpoints[service]

    def _discovered(self, service: str, version: str) -> str:
        from keystoneauth1.exceptions import ClientException

        versions = {"min_version": version, "max_version": f"{version[0]}.latest"}
        cause = f"no endpoint of the catalog answers for version {version}"
        try:
            endpoint = self._cloud.session.get_endpoint(service_type=service, **versions, **self._filter)
        except ClientException as error:
            endpoint, cause = None, str(error)
        if endpoint:
            return str(endpoint)
        remedy = "See whether it is registered (keystone_service_endpoint) and runs"
        raise UnreachableError("find", "API of", service, cause, remedy)


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
    loading, session = _keystoneauth()
    auth = {key: value for key, value in params["auth"].items() if value is not None}
    learn_secrets(redactor, auth)
    auth_url = _versioned(auth.get("auth_url", ""))
    with _with_clear_errors("connect to", "cloud", auth_url):
        loader = loading.get_plugin_loader(_PLUGINS.get(params["auth_type"], params["auth_type"]))
        plugin = loader.load_from_options(**_with_domains({**auth, "auth_url": auth_url}))
    verify = params["ca_cert"] or True if params["validate_certs"] else False
    cert = params["client_cert"]
    if cert and params["client_key"]:
        cert = (cert, params["client_key"])
    return Cloud(
        _without_pooling(
            session.Session(auth=plugin, verify=verify, cert=cert, timeout=params["api_timeout"])
        ),
        auth_url,
        interface=params["interface"],
        region_name=params["region_name"],
    )


def _from_configuration(params: Mapping[str, Any], redactor: Redactor) -> Cloud:
    try:
        with _without_osprofiler():
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
        beside = {name: value for name, value in region.config.items() if _SECRET_NAME.search(name)}
        redactor.learn(*_leaves(beside))
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
        _without_pooling(session),
        _versioned(auth.get("auth_url", "")),
        interface=params["interface"],
        region_name=params["region_name"] or region.config.get("region_name"),
    )


def _keystoneauth() -> tuple[Any, Any]:
    try:
        with _without_osprofiler():
            from keystoneauth1 import loading, session
    except ImportError as error:
        raise UnreachableError(
            "use",
            "Python library",
            "keystoneauth1",
            f"it cannot be imported ({error})",
            "Install python3-keystoneauth1",
        ) from error
    return loading, session


@contextmanager
def _without_osprofiler() -> Iterator[None]:
    """Keep keystoneauth from importing osprofiler, the slowest part of it, which it does wherever it finds it.

    There is no option for it; None in sys.modules is Python's own way to say "not to be imported".
    """
    hidden = "osprofiler" not in sys.modules
    if hidden:
        sys.modules["osprofiler"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["osprofiler"]


def _without_pooling(session: Any) -> Any:
    """The session with a connection of its own for each request.

    uWSGI, behind which Debian and others run the APIs, closes connections without saying so: a request sent on one
    that is just being closed is lost. "Connection: close" does not help there, and a pool that threads share may
    be closed by one of them while another takes a connection from it.
    """
    from requests.adapters import HTTPAdapter

    class OneRequestAdapter(HTTPAdapter):
        """Hands each request to an adapter that is made for it, and closed after it."""

        def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
            return HTTPAdapter().send(request, *arguments, **options)

    for scheme in ("http://", "https://"):
        session.session.mount(scheme, OneRequestAdapter())
    session.session.hooks["response"].append(lambda reply, *_arguments, **_options: reply.connection.close())
    return session


def learn_secrets(redactor: Redactor, auth: Mapping[str, Any]) -> None:
    """Mask all of ``auth`` but what is known to be public: "admin" must stay readable in results."""
    public = {name: value for name, value in auth.items() if name.replace("-", "_") in _PUBLIC}
    redactor.exempt(*_leaves(public))
    redactor.learn(*_leaves({name: value for name, value in auth.items() if name not in public}))
    # A user and password in an address are none of its public parts.
    redactor.learn_urls(*_leaves(public))


def _leaves(value: Any) -> list[str]:
    """The values inside of a structure as texts; truth values and nothing at all tell nothing."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value.decode(errors="replace") if isinstance(value, bytes) else str(value)]


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


@contextmanager
def _with_clear_errors(verb: str, subject: str, auth_url: str) -> Iterator[None]:
    """Raise what keystoneauth raises as this collection's errors."""
    from keystoneauth1 import exceptions

    kind, _space, name = subject.partition(" ")
    try:
        yield
    except exceptions.SSLError as error:
        raise CollectionError(
            verb, kind, name, str(error), "Set ca_cert to the authority of the API's certificate", code="tls"
        ) from error
    except exceptions.RetriableConnectionFailure as error:
        raise UnreachableError(
            verb,
            kind,
            name,
            _brief(str(error)),
            f"See whether the API runs and is reachable from this host (Keystone is expected at {auth_url})",
        ) from error
    except (exceptions.EndpointNotFound, exceptions.EmptyCatalog) as error:
        raise UnreachableError(
            verb,
            kind,
            name,
            str(error),
            "Register the endpoint (keystone_service_endpoint), or check region_name and interface",
        ) from error
    except exceptions.HttpError as error:
        raise _refusal(verb, kind, name, error, auth_url) from error
    except (exceptions.ClientException, TypeError) as error:
        raise CollectionError(
            verb, kind, name, str(error), "Check auth and auth_type", code="configuration"
        ) from error
    except OSError as error:
        # What fails on the way to the API is keystoneauth's: this is a file that cannot be read. One that is not there
        # may come yet, with the API.
        failure = UnreachableError if _NO_FILE in str(error) else CollectionError
        raise failure(
            verb, kind, name, str(error), "Check ca_cert, client_cert and client_key", code="tls"
        ) from error


def _brief(message: str) -> str:
    """What failed to connect and the operating system's reason, without the layers of libraries between."""
    reason = re.search(r"(?:Errno -?\d+\] |Error\(-?\d+, ')([\w ,-]+)", message)
    return f"{message.split(': ')[0]} ({reason[1].lower()})" if reason else message


def _refusal(verb: str, kind: str, name: str, error: Any, auth_url: str) -> CollectionError:
    status, cause = error.http_status, _api_message(error)
    if status in _GATEWAY_STATUSES:
        return UnreachableError(
            verb, kind, name, cause, "See whether the service behind this address runs", status=status
        )
    remedies = {
        400: "See the API's log",
        401: f"Check the user, password, project and domains with which {auth_url} is asked",
        403: "Use a user whose roles allow it, such as the admin",
        404: f"Check that the address is right (Keystone is expected at {auth_url})",
        409: "See what has the same name",
    }
    remedy = remedies.get(status, "See the service's log")
    if "quota" in cause.lower():
        remedy = "Raise the project's quota, or ask for less"
    return ApiError(verb, kind, name, cause, remedy, status=status)


def _api_message(error: Any) -> str:
    """The API's own words, which keystoneauth finds only where they are wrapped as Keystone wraps them."""
    try:
        words = error.response.json()
    except (AttributeError, ValueError):
        return str(error)
    while isinstance(words, (dict, list)) and words:
        if isinstance(words, list):
            words = words[0]
        else:
            words = words.get("message") or words.get("detail") or next(iter(words.values()))
    if not isinstance(words, str) or not words:
        return str(error)
    request = f" (Request-ID: {error.request_id})" if error.request_id else ""
    return f"{words.rstrip('.')} (HTTP {error.http_status}){request}"
