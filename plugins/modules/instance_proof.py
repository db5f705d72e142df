#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: instance_proof
short_description: Prove a cloud by an instance that runs in it, and leave nothing behind
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Uploads an image, creates a self-service network with a router, and boots an instance on it (on each of the
    O(hosts), in parallel). Waits until it is active and its console shows what the cloud gave it. Opens its screen
    through noVNC as a browser does. Where the cloud has an external network, asks an instance for a
    page on a floating IP. Where at least two compute hosts are up and enabled, takes
    one of the instances to another host and on, by a live migration and a resize. Then deletes the instance and
    all that it made, after a failure too.
  - Fails when a part is missing; the error names all parts that are, what was seen (the fault of the server,
    the last lines of the console), and what to do.
  - All is made in the project of the user, with names that begin with O(name) and a description that marks
    it. Only what has both is ever deleted, here or as the leftovers of an earlier proof that was cut off.
  - Needs a user who may create flavors and choose hosts, such as the admin; Nova of release Train or newer.
options:
  name:
    description: Name of what is made. Proofs that run at the same time need different ones.
    type: str
    default: stackwright-proof
  hosts:
    description:
      - Compute hosts to prove, one instance each.
      - Without it there is one instance, wherever the scheduler puts it.
    type: list
    elements: str
    default: []
  cells:
    description:
      - Cells of compute hosts, host to cell. Hosts that are not named are in one cell. An instance moves within its
        own.
    type: dict
    default: {}
  files:
    description: A guest as files on the host of the module. Either this or O(image) is required.
    type: dict
    suboptions:
      disk:
        description:
          - Path of a disk in the format qcow2.
          - It boots by itself, unless there is a O(files.kernel), with which it may be empty.
        type: path
        required: true
      kernel:
        description:
          - Path of a kernel, for a disk that does not boot by itself. Goes together with O(files.initramfs).
          - Nova with the fix of CVE-2024-32498 moves no instance live that it has to give a kernel; see O(moves).
        type: path
      initramfs:
        description: Path of the initramfs of O(files.kernel).
        type: path
      command_line:
        description: The command line of O(files.kernel); without one it counts for nothing.
        type: str
        default: console=ttyS0
  image:
    description: Name or id of an image that the cloud has, to boot instead of O(files).
    type: str
  memory:
    description: Memory of the instance in MB. A resize makes it 64 MB more.
    type: int
    default: 128
  disk:
    description: Size of its root disk in GB. With V(0) it is as large as the image.
    type: int
    default: 1
  vcpus:
    description: Number of its processors.
    type: int
    default: 1
  subnet:
    description: The IPv4 subnet of the self-service network. It must not overlap the external network's.
    type: str
    default: 192.168.222.0/24
  external_network:
    description:
      - Network through which the router leads out.
      - Without it, the first external network that has a subnet; where there is none, or with an empty
        string, the router leads nowhere.
    type: str
  console:
    description:
      - What the guest must print on its console. The keys name the parts of the proof, the values are texts
        that a line must hold. In them, V({address}), V({mtu}), V({instance_id}), V({name}) and V({host})
        stand for what the cloud knows.
    type: dict
    default:
      address: STACKWRIGHT-GUEST address={address}
      metadata: STACKWRIGHT-GUEST instance-id={instance_id}
  console_error:
    description:
      - A guest that prints this before all of O(console) has failed; there is no need to wait any longer.
      - With an empty string, guests never say so.
    type: str
    default: STACKWRIGHT-GUEST error=
  novnc:
    description: Whether the instance must have a screen that noVNC shows.
    type: bool
    default: true
  novnc_picture:
    description: Whether a picture of that screen is taken, into RV(instances). That none can be taken is no failure.
    type: bool
    default: false
  floating_ip:
    description:
      - What the instance must answer to who asks it for a page on port 80 of a floating IP, with the same placeholders
        as in O(console). It is the first one that booted as it should. With an empty string nothing is asked.
      - By default its identity (V({instance_id})), which the guest of M(stackwright.nova.guest_image) answers, and
        nothing with O(image).
      - The host on which the module runs asks, by its own routes. Skipped if there is no external network, or if
        the host has no route to it. The latter is assumed if not even the proof's router answers a ping.
    type: str
  moves:
    description:
      - How an instance must come to another host, in order. It is the first one that booted as it should.
      - V(live) is a live migration, after which it must run there.
      - V(resize) gives it more memory, is confirmed, and must leave it on another host, too, where it boots again and
        prints all of O(console) once more.
      - Skipped where fewer than two compute hosts are up and enabled in the cell of the first of O(hosts). With an
        empty list nothing moves.
    type: list
    elements: str
    choices: [live, resize]
    default: [live, resize]
  keep_failed:
    description: Keep all after a failure, to look at it. The next proof of the same O(name) deletes it.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that the instances may take to become active, to print and to go away, each, and the one that moves to
        arrive by each of O(moves).
      - What still changes when they are over is slow and not stuck. It has up to three times as long, unless it stands
        still for a quarter of the time.
    type: float
    default: 300
extends_documentation_fragment:
  - stackwright.nova.openstack
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode); it then reads, predicts RV(commands) and boots nothing.
  diff_mode:
    support: full
    description: Shows the leftovers of an earlier proof that it deletes.
  idempotent:
    support: full
    description: It leaves the cloud as it was, so nothing counts as changed but the removal of leftovers.
seealso:
  - module: openstack.cloud.server
    description: It boots an instance; this module also proves its network and console, and leaves nothing behind.
  - module: stackwright.nova.cloud_proof
  - module: stackwright.nova.nova_service_info
"""

EXAMPLES = r"""
- name: Prove two compute hosts
  stackwright.nova.instance_proof:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    hosts: [compute1, compute2]
    files:
      disk: /var/cache/stackwright/guest/disk.qcow2

- name: Prove the cloud with a guest that Nova has to give a kernel, which cannot migrate live
  stackwright.nova.instance_proof:
    cloud: mycloud
    files:
      disk: /var/cache/guest/empty.qcow2
      kernel: /var/cache/guest/kernel
      initramfs: /var/cache/guest/initramfs
      command_line: console=ttyS0 quiet
    moves: [resize]

- name: Prove the cloud with an image that it has
  stackwright.nova.instance_proof:
    cloud: mycloud
    image: cirros
    memory: 256
    console:
      address: "ip={address}"
      login: "{name} login:"
    console_error: ""
"""

RETURN = r"""
proven:
  description: Whether no part is missing; moves may be skipped. False in check mode, which boots nothing.
  returned: always
  type: bool
  sample: true
parts:
  description: The parts of the proof, in order; also in the result of a failure.
  returned: always
  type: list
  elements: dict
  contains:
    part:
      description: Name of the part.
      type: str
      sample: instance
    state:
      description: V(proven), V(missing) or V(skipped).
      type: str
      sample: proven
    detail:
      description: What was seen.
      type: str
      sample: ACTIVE with address 192.168.222.57
    subject:
      description: Host that the part is about, or empty.
      type: str
      sample: compute1
    seconds:
      description: How long it took.
      type: float
      sample: 17.2
    evidence:
      description: Lines that show what is wrong, such as the last ones of the console.
      type: list
      elements: str
      sample: []
    remedy:
      description: What to do about a missing part.
      type: str
      sample: ""
instances:
  description: The instances that ran.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The instance's id.
      type: str
      sample: 6ba3c2b5-1f0f-4b0a-8f0e-7a52a1a0c7f4
    name:
      description: Its name.
      type: str
      sample: stackwright-proof-compute1
    host:
      description: The compute host on which it booted.
      type: str
      sample: compute1
    moved_to:
      description: The compute hosts to which it moved after that, in order.
      type: list
      elements: str
      sample: [compute2, compute1]
    address:
      description: The address that Neutron gave it.
      type: str
      sample: 192.168.222.57
    console:
      description: The line of its console for each key of O(console).
      type: dict
      sample: {"address": "STACKWRIGHT-GUEST address=192.168.222.57"}
    novnc_page:
      description: HTTP status of its noVNC page.
      type: int
      sample: 200
    novnc_banner:
      description: What its VNC server said through the websocket.
      type: str
      sample: RFB 003.008
    novnc_picture:
      description:
        - What its screen showed, a PNG file in Base64; V(null) without O(novnc_picture), or where none could be taken
          (the part of the proof says why).
      type: str
      sample: null
commands:
  description: What a person would type to prove the same, in order.
  returned: success
  type: list
  elements: str
  sample: ["openstack network create stackwright-proof"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._instance_proof.operation import build
from ..module_utils._instance_proof.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
