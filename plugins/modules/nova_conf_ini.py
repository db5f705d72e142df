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
    range of its value. All that is wrong is told at once, with what to write instead, and then nothing is
    written. What is wrong with the rest of the file is told in warnings.
  - With O(files) all files are read and checked first, each together with what the others will be. What is
    wrong in one of them keeps all of them from being written. Then they are replaced one after the other.
  - An option that has another name in the release (a former one, or one of a later release) is set under the
    name that the release understands, and a warning says so. Its former names are taken out of the file.
  - The values of options that oslo.config declares secret, and the passwords in URLs, are masked in all that
    the module returns.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.links
options:
  _handover:
    description: What is known of a release where the host does not tell. This collection sets it; tasks do not.
    type: str
    default: ""
  path:
    description:
      - The file. It is created where there is none; its directory has to be there.
      - One of O(path) and O(files) is required.
    type: path
  files:
    description:
      - Files of O(service), to be set in one call. The result has them as a list then.
      - What one of them leaves out is taken from the parameter of the same name beside O(files).
    type: list
    elements: dict
    suboptions:
      path:
        description: The file, as O(path).
        type: path
        required: true
      options:
        description: The options of this file, as O(options).
        type: dict
      raw_options:
        description: The options of this file that are written verbatim, as O(raw_options).
        type: dict
      other_files:
        description:
          - The other files that the service reads with this one, as O(other_files). Those that are in O(files),
            too, count as this task leaves them.
        type: list
        elements: path
      exclusive_sections:
        description: Sections of this file that hold nothing but what is named, as O(exclusive_sections).
        type: list
        elements: str
      owner:
        description: The user that owns this file, as O(owner).
        type: str
      group:
        description: The group that owns this file, as O(group).
        type: str
      mode:
        description: The permissions of this file, as O(mode).
        type: str
  options:
    description:
      - Section to option to value.
      - A value is a string, a number, a boolean, a list (for an option that is a list, or that may be given
        several times) or a dictionary (for an option of key and value pairs). V(null) takes the option out,
        under all its names.
      - Dollar signs, quotes, blanks around a value, percent signs and number signs need no escaping. A line
        break cannot be written.
    type: dict
    default: {}
  raw_options:
    description:
      - Like O(options), but written verbatim, so that oslo.config replaces C($my_ip), C(${my_ip}) and
        C($group.option) when it reads the value. The names that are referred to are checked, too.
    type: dict
    default: {}
  service:
    description: The service that reads the file. All files of a service are checked against all its options.
    type: str
    choices: [nova, keystone, glance, placement, neutron]
    default: nova
  release:
    description:
      - The release whose options count. V(auto) is the one that is installed on the host.
      - A series (V(zed), V(2023.1), V(antelope)) or a major version of the service (V(26)) checks against
        what this collection knows of that release, so that nothing has to be installed. Where the host has
        the very release installed, its own options count.
    type: str
    default: auto
  assumed_release:
    description:
      - The release whose options count, as O(release) names it, where O(release=auto) finds none on the host. With
        it check mode takes the way of the later real run, before and after the packages are installed.
      - With O(validate=strict) a real run still needs the service on the host.
    type: str
    default: ""
  validate:
    description:
      - V(strict) refuses wrong options, V(warn) writes them and warns, V(off) does not check.
      - With V(strict), O(release=auto) and no service on the host the module fails, except in check mode,
        which then predicts the changes, checked against O(assumed_release) or, without that, not checked.
    type: str
    choices: [strict, warn, "off"]
    default: strict
  allow_unknown:
    description:
      - What may be in the file though the release does not declare it, such as options of an add-on. Each
        item is a section (V(my_driver)) or a section with an option (V(DEFAULT/my_*)); both may be globs.
    type: list
    elements: str
    default: []
  other_files:
    description:
      - The other files that the service reads with this one (C(--config-file)). An C(auth_type) or a
        reference may lead there, and a warning tells when one of them sets another value.
    type: list
    elements: path
    default: []
  exclusive_sections:
    description: Sections whose active options are taken out unless O(options) or O(raw_options) name them.
    type: list
    elements: str
    default: []
  owner:
    description: The user that owns the file, a name or a number. When not given, it is kept.
    type: str
  group:
    description: The group that owns the file, a name or a number. When not given, it is kept.
    type: str
  mode:
    description:
      - The file's permissions, an octal number in quotes. When not given, a new file gets V(0640), and a file
        that is there keeps its mode, but is closed to the world once it holds a secret.
    type: str
  backup:
    description: Keep a copy of a file beside it before it is changed.
    type: bool
    default: false
  message_queue:
    description:
      - The account with which the service logs in to the message queue. It is tried before anything is written, as
        M(stackwright.nova.message_queue_login) does it, because a service with a wrong password says nothing and
        tries again for ever.
      - In check mode a broker that refuses it, or does not answer yet, is a warning.
    type: dict
    suboptions:
      hosts:
        description: The brokers, all nodes of a cluster. A silent one is passed over while another answers.
        type: list
        elements: str
        required: true
      port:
        description: TCP port of the brokers.
        type: int
        default: 5672
      user:
        description: The user.
        type: str
        required: true
      password:
        description: The user's password.
        type: str
        required: true
      vhost:
        description: The virtual host.
        type: str
        default: /
      tls:
        description: Whether to speak TLS with the brokers, which then must prove themselves by their names in
          O(message_queue.hosts).
        type: bool
        default: false
      ca_cert:
        description: PEM file with the authorities that the certificate is checked with, instead of those of the host.
        type: path
  lines:
    description:
      - Single lines of files in other formats that the service has besides, such as those of uwsgi. They are set after
        the options, as M(stackwright.nova.file_lines) sets them.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file.
        type: path
        required: true
      regexp:
        description: Regular expression of Python that finds the line.
        type: str
        required: true
      line:
        description: The line as it shall be.
        type: str
        required: true
  plain_files:
    description: Small files of other formats that shall have this content and no other.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file.
        type: path
        required: true
      content:
        description: All of its text.
        type: str
        required: true
      mode:
        description: Its permission bits, an octal number.
        type: str
        default: "0644"
notes:
  - What the installed packages declare is read once and kept in C(/var/cache/stackwright-nova) until a Python
    package of the host changes.
  - The module runs with the Python that runs the service (C(ansible_python_interpreter)), as it is on Debian.
seealso:
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
hosts:
  description: What each broker said, C(accepted) or C(silent).
  type: dict
  returned: success, with O(message_queue)
  sample: {controller: accepted}
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
  description:
    - The paths of those among RV(files), and of O(lines), O(plain_files) and O(links), that were (or would be) changed.
  returned: success, with O(files), O(lines), O(plain_files) or O(links)
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

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.operation import Operation, Task
from ..module_utils._engine.runner import run_all
from ..module_utils._file_lines.operation import build_for_configuration as build_lines
from ..module_utils._file_lines.parameters import ARGUMENTS as OTHER_FILES
from ..module_utils._message_queue_login.operation import build_for_configuration as build_login
from ..module_utils._message_queue_login.parameters import ARGUMENTS as ACCOUNT
from ..module_utils._nova_conf_ini.operation import build as build_configuration
from ..module_utils._nova_conf_ini.parameters import ARGUMENTS, CONSTRAINTS, HIDDEN

ALL_ARGUMENTS = {
    **ARGUMENTS,
    "message_queue": {"type": "dict", "options": ACCOUNT},
    "lines": OTHER_FILES["lines"],
    "plain_files": OTHER_FILES["files"],
    "links": OTHER_FILES["links"],
}


def build(task: Task) -> list[Operation[Any, Any, Any]]:
    """The operations that the parameters ask for, in their order."""
    operations: list[Operation[Any, Any, Any]] = [build_configuration(task)]
    if task.params["message_queue"]:
        operations.insert(0, build_login(task))
    if any(task.params[name] for name in ("lines", "plain_files", "links")):
        operations.append(build_lines(task))
    return operations


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ALL_ARGUMENTS, supports_check_mode=True, **CONSTRAINTS)
    # no_log keeps all values out of the system's log; in the result only the secrets among them are masked.
    module.no_log_values.clear()
    run_all(module, build, hidden=HIDDEN)


if __name__ == "__main__":
    main()
