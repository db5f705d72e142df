#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: nova_conf_ini
short_description: Set options in nova.conf and other oslo.config files, checked against the installed release
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Sets any number of options of one file, or of all files of a service, in one call. Comments, order,
    spacing, line endings, repeated sections and everything else in a file stay as they are, byte for byte; a
    new option is put beside its commented sample.
  - What is given in O(options) is what the service reads, whatever characters are in it. Values that already
    mean the same (V(True) and V(yes) for a boolean option) are left as they are written.
  - Every option is checked against the release that is installed on the host, including the type, choices and
    range of its value. All mistakes are reported at once, with what to write instead, and then nothing is
    written. Mistakes in the rest of the file are reported as warnings.
  - With O(files) all files are read and checked first, each together with what the others will be. What is
    wrong in one of them keeps all of them from being written. Then they are replaced one after the other.
  - An option may have another name in the release (a former one, or one of a later release). It is set under the
    name that the release understands, and a warning says so. Its former names are taken out of the file.
  - The values of options that oslo.config declares secret, and the passwords in URLs, are masked in all that
    the module returns.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.oslo_files
seealso:
  - module: community.general.ini_file
    description: It sets one option per call, and does not know which options the installed release has.
  - plugin: stackwright.nova.transport_url
    plugin_type: filter
  - plugin: stackwright.nova.database_url
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Connect Nova to its database and its message queue
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova.conf
    options:
      DEFAULT:
        my_ip: 10.0.0.11
        transport_url: "{{ {'user': 'openstack', 'password': rabbit_password, 'host': 'controller'}
                           | stackwright.nova.transport_url }}"
      api_database:
        connection: "{{ nova_database | stackwright.nova.database_url(database='nova_api') }}"
      database:
        connection: "{{ nova_database | stackwright.nova.database_url(database='nova') }}"
  vars:
    nova_database: {user: nova, password: "{{ nova_password }}", host: controller}

- name: Authenticate against Keystone, and undo what the distribution's package sets
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova.conf
    options:
      keystone_authtoken:
        www_authenticate_uri: http://controller:5000/
        auth_url: http://controller:5000/
        memcached_servers: [controller1:11211, controller2:11211]
        auth_type: password
        project_domain_name: Default
        user_domain_name: Default
        project_name: service
        username: nova
        password: "{{ keystone_password }}"
        region_name: null

- name: Make the console listen where the host does
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova.conf
    raw_options:
      vnc:
        server_listen: $my_ip
        server_proxyclient_address: $my_ip

- name: Choose the hypervisor, in the file that nova-compute reads last
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova-compute.conf
    other_files: [/etc/nova/nova.conf]
    exclusive_sections: [libvirt]
    options:
      libvirt:
        virt_type: qemu

- name: Prepare a file for a release that is not installed here
  stackwright.nova.nova_conf_ini:
    path: /srv/images/nova.conf
    release: "2025.1"
    owner: root
    group: root
    mode: "0600"
    options:
      pci:
        # an option that may be given several times gets a line for each
        alias:
          - '{"name": "gpu", "vendor_id": "10de", "product_id": "1eb8"}'
          - '{"name": "nic", "vendor_id": "8086", "product_id": "154d"}'

- name: Set up the Linux bridge agent of Neutron
  stackwright.nova.nova_conf_ini:
    path: /etc/neutron/plugins/ml2/linuxbridge_agent.ini
    service: neutron
    other_files: [/etc/neutron/neutron.conf]
    options:
      linux_bridge:
        physical_interface_mappings: ["provider:eth1"]
      vxlan:
        enable_vxlan: true
        local_ip: 10.0.0.31
        l2_population: true

- name: Set up both files of Neutron's server, or none of them
  stackwright.nova.nova_conf_ini:
    service: neutron
    owner: root
    group: root
    files:
      - path: /etc/neutron/neutron.conf
        other_files: [/etc/neutron/plugins/ml2/ml2_conf.ini]
        options:
          DEFAULT:
            core_plugin: ml2
            service_plugins: [router]
          database:
            connection: "{{ neutron_database | stackwright.nova.database_url(database='neutron') }}"
      - path: /etc/neutron/plugins/ml2/ml2_conf.ini
        other_files: [/etc/neutron/neutron.conf]
        mode: "0644"
        options:
          ml2:
            type_drivers: [flat, vlan, vxlan]
            tenant_network_types: [vxlan]
            mechanism_drivers: [linuxbridge, l2population]
  vars:
    neutron_database: {user: neutron, password: "{{ neutron_password }}", host: controller}
"""

RETURN = r"""
path:
  description: The file.
  returned: success, with O(path)
  type: str
  sample: /etc/nova/nova.conf
options_changed:
  description: What was (or would be) changed, as section/option, under the names in the file.
  returned: success, with O(path)
  type: list
  elements: str
  sample: [DEFAULT/my_ip, keystone_authtoken/region_name]
files:
  description: The files, in the order of the task.
  returned: success, with O(files)
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      sample: /etc/neutron/neutron.conf
    options_changed:
      description: What was (or would be) changed in it, as section/option, under the names in the file.
      type: list
      elements: str
      sample: [DEFAULT/core_plugin]
    changed:
      description: Whether its options, its owner, its group or its permissions were (or would be) changed.
      type: bool
      sample: true
    backup_file:
      description: The copy of the former file; with O(backup), when it was changed.
      type: str
      sample: /etc/neutron/neutron.conf.4711.2026-11-21@04:15:00~
paths_changed:
  description: The paths of those among RV(files) that were (or would be) changed.
  returned: success, with O(files)
  type: list
  elements: str
  sample: [/etc/neutron/neutron.conf]
release:
  description:
    - The series whose options counted; the version of a service that belongs to no series known here; empty
      when nothing was checked.
  returned: success
  type: str
  sample: zed
warnings:
  description:
    - Renamed options with both names, deprecated ones with the reason, and what other lines lack. With O(files)
      each begins with its file.
  returned: when there are any
  type: list
  elements: str
  sample: ["[DEFAULT] vnc_enabled is the former name of [vnc] enabled; [vnc] enabled was written."]
commands:
  description: The changes, in order, without secrets; the same in check mode.
  returned: success
  type: list
  elements: str
  sample: ["set [DEFAULT] my_ip = 10.0.0.11 in /etc/nova/nova.conf"]
backup_file:
  description: The copy of the former file.
  returned: with O(path) and O(backup), when the file was changed
  type: str
  sample: /etc/nova/nova.conf.4711.2026-11-21@04:15:00~
findings:
  description: All that is wrong with the options.
  returned: when options are refused
  type: list
  elements: dict
  contains:
    file:
      description: The file; only with O(files).
      type: str
      sample: /etc/neutron/neutron.conf
    kind:
      description: What is wrong.
      type: str
      sample: value
    section:
      description: The section.
      type: str
      sample: DEFAULT
    option:
      description: The option; empty for a section that does not exist.
      type: str
      sample: debug
    message:
      description: The same for people, with what to write instead.
      type: str
      sample: "[DEFAULT] debug must be true or false, not 'maybe'"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._nova_conf_ini.operation import build
from ..module_utils._nova_conf_ini.parameters import ARGUMENTS, CONSTRAINTS, HIDDEN


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS)
    # no_log keeps all values out of the system's log; in the result only the secrets among them are masked.
    module.no_log_values.clear()
    run(module, build, hidden=HIDDEN)


if __name__ == "__main__":
    main()
