# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How a module reaches the OpenStack APIs."""

    DOCUMENTATION = r"""
options:
  cloud:
    description:
      - Name of a cloud in a C(clouds.yaml) on the host where the module runs.
      - Without O(cloud) and O(auth), the C(OS_*) environment variables are used.
    type: str
  auth:
    description:
      - What the authentication plugin needs, usually C(auth_url), C(username), C(password), C(project_name),
        C(user_domain_name) and C(project_domain_name).
      - The domains default to the one with the ID V(default).
      - Together with O(cloud), these values replace those of the file.
    type: dict
  auth_type:
    description: Name of the keystoneauth plugin that O(auth) is for. With O(cloud), C(clouds.yaml) names it.
    type: str
    default: password
  region_name:
    description: Region whose endpoints are used. Without it, the first that the catalog names.
    type: str
  interface:
    description: Which endpoint of a service is used.
    type: str
    choices: [public, internal, admin]
    default: public
  validate_certs:
    description: Whether the certificates of the APIs must be valid.
    type: bool
    default: true
  ca_cert:
    description: Path of a file with the certificates of the authorities to trust, instead of the system's.
    type: path
  client_cert:
    description: Path of the certificate that the module presents.
    type: path
  client_key:
    description: Path of the private key of O(client_cert).
    type: path
  api_timeout:
    description: Seconds to wait for the answer to one request.
    type: int
    default: 120
attributes:
  action_group:
    description: Use C(group/stackwright.nova.api) in C(module_defaults) to write the login once for all these modules.
    support: full
    membership:
      - stackwright.nova.api
requirements:
  - keystoneauth1 (Debian package C(python3-keystoneauth1)), which every OpenStack service brings
  - openstacksdk 0.50 or newer (Debian package C(python3-openstacksdk)) for O(cloud) and C(OS_*) variables
"""
