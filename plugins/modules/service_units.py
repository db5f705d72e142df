#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_units
short_description: Keep systemd units enabled and running on the configuration that is on disk
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Enables and starts any number of units in one call, restarts (or reloads) those that still run with an older
    configuration, and waits until they really work.
  - A unit is restarted when its main process read something else than the files in O(units[].watch) hold now. No
    handler is needed, so the next run repairs a run that was cut between a change and its restart.
  - What a process read is noted when the module starts a unit, or first sees it run, as digests of the files. As long
    as that process runs, their content alone counts. There is no note if somebody else started the unit, or the host
    was booted. A file then counts as new if it was changed, replaced, or given other attributes after the process
    started, whatever its modification time says. That the host was suspended or its clock was set makes no difference.
  - The notes are in C(/run/stackwright/service_units), which only root can read and which is empty after a boot. Where
    it cannot be written, the times decide.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.message_queue
options:
  units:
    description: The units.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The unit's name; without a suffix it is a service.
        type: str
        required: true
      enabled:
        description:
          - Whether it starts at boot.
          - A unit that can be neither enabled nor disabled (a static one, say) counts as enabled.
        type: bool
        default: true
      state:
        description: Whether it runs.
        type: str
        choices: [started, stopped]
        default: started
      watch:
        description:
          - Files that its process reads once, at its start. A directory stands for the files in it (not for hidden
            ones, nor for other directories), and V(*), V(?) and V([]) may be in a path.
          - What does not exist is passed over; that a noted file went away is a change.
        type: list
        elements: path
        default: []
      reload_watch:
        description:
          - Files that its process reads again when the unit is reloaded, as certificates may be. They are watched as
            those in O(units[].watch) are, and where only these have changed the unit is reloaded and not restarted.
        type: list
        elements: path
        default: []
      reload_first:
        description: Units to reload before this one is started, because they must learn of it.
        type: list
        elements: str
        default: []
      consumes:
        description:
          - Queues of the message queue from which its processes take requests once they work. The unit counts as
            started when each of them has a consumer.
          - Units that stand behind it and consume no queue are started, and restarted, only then, because their
            first request would be lost.
        type: list
        elements: str
        default: []
  changed_files:
    description:
      - Files that count as changed just now, whatever their own time says.
      - Lets check mode predict the restarts that follow from changes which are only predicted themselves.
    type: list
    elements: path
    default: []
  answers:
    description:
      - What must answer after a change. For V(http://) and V(https://) any status below 500 is an answer, for
        V(tcp://host:port) an accepted connection.
    type: list
    elements: str
    default: []
  ca_cert:
    description: PEM file or folder with the authorities that the certificates behind O(answers) are checked with,
      instead of those of the host.
    type: path
  message_queue:
    description:
      - How to log in to the message queue; needed where a unit has O(units[].consumes).
      - The first broker that lets the user in is asked, who must be one that may see the queues.
  log_dir:
    description:
      - Folder in which the services keep logs of their own, named after the units. When a unit fails or
        stays silent, the failed result has the end of these logs and of the journal in C(log), by place.
    type: path
  settle:
    description: Seconds that a unit must have been running to count as started.
    type: float
    default: 2
  timeout:
    description: Seconds to wait for units and answers.
    type: float
    default: 180
requirements:
  - py-amqp (python3-amqp) on the host where a unit has O(units[].consumes)
notes:
  - In check mode a unit that is not installed (yet) counts as one to be enabled and started.
  - A unit that shall neither run nor be enabled need not be installed.
  - A service among O(units) that runs while a socket of its starts, restarts or stops is stopped first, together
    with its other sockets, and started again; systemd would refuse, or the service go on to listen.
seealso:
  - module: ansible.builtin.systemd_service
    description: With handlers, it forgets a restart when a run is cut; this module compares what runs with the files.
"""

EXAMPLES = r"""
- name: Run the compute API on the configuration on disk
  stackwright.nova.service_units:
    units:
      - name: nova-api
        watch: [/etc/nova/nova.conf, /etc/nova/nova.conf.d, /etc/nova/nova-api-uwsgi.ini]
      - name: nova-scheduler
        watch: [/etc/nova/nova.conf]
    answers: ["http://controller:8774/"]
    log_dir: /var/log/nova

- name: Start the network agents when the server takes their requests
  stackwright.nova.service_units:
    units:
      - name: neutron-rpc-server
        consumes: [q-plugin, q-reports-plugin]
      - name: neutron-dhcp-agent
    message_queue:
      hosts: [controller]
      user: openstack
      password: "{{ message_queue_password }}"

- name: Keep a packaged daemon from running
  stackwright.nova.service_units:
    units:
      - name: nova-serialproxy
        enabled: false
        state: stopped
"""

RETURN = r"""
units:
  description: The units as they are (or will be), by name.
  type: dict
  returned: success
  sample: {nova-api: {enabled: true, state: running}}
started:
  description: The units that were (or would be) started.
  type: list
  elements: str
  returned: success
  sample: [nova-scheduler]
restarted:
  description: The units that were (or would be) restarted.
  type: list
  elements: str
  returned: success
  sample: [nova-api]
reloaded:
  description: The units that were (or would be) reloaded because of their O(units[].reload_watch).
  type: list
  elements: str
  returned: success
  sample: [libvirtd]
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: [systemctl restart nova-api]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._service_units.operation import build
from ..module_utils._service_units.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
