#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cloud_resources
short_description: Make flavors, images, networks, security group rules, keypairs and quotas, all in one call
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Makes what an operator makes on the first day, any number of it in one session. Each kind of thing is listed once,
    by the names that the task has; only what differs is written, in the order in which things need each other.
  - What the task does not name is left alone, and so is every attribute that it does not give. Things are known by
    their name within their project; two of one name are an error.
  - What no API changes is refused before anything is written. These are flavors except for their extra specs,
    keypairs, an image's content and formats, a network's provider attributes, and a subnet's network and cidr.
    Flavors, images and keypairs can be recreated instead (C(recreate)).
  - What is C(absent) goes first, in the reverse order. A network takes its subnets with it, a router its interfaces.
    What is in use stays, and the API says by what.
options:
  quotas:
    description: Limits of projects.
    type: list
    elements: dict
    default: []
    suboptions:
      project:
        description: Name or ID of the project; by default the one that the module logs in to.
        type: str
      compute:
        description: Limits of Nova by their name in its API, such as V(instances), V(cores) and V(ram). V(-1) is none.
        type: dict
      network:
        description: Limits of Neutron, such as V(network), V(port) and V(floatingip).
        type: dict
  flavors:
    description: Flavors. Nova gives V(1) for O(flavors[].vcpus) and V(0) for disks where a new one has none.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the flavor.
        type: str
        required: true
      vcpus:
        description: Number of its processors.
        type: int
      ram:
        description: Its memory in MB; needed for a new one.
        type: int
      disk:
        description: Its disk in GB; V(0) makes it as large as the image.
        type: int
      ephemeral:
        description: A second disk in GB.
        type: int
      swap:
        description: Its swap space in MB.
        type: int
      public:
        description: Whether all projects may use it.
        type: bool
      extra_specs:
        description: Extra specs, such as V(hw:cpu_policy); V(null) takes one out. Others are left alone.
        type: dict
      recreate:
        description: Whether to delete and recreate it if it differs. Instances keep what they have.
        type: bool
        default: false
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  keypairs:
    description: Public keys of the user who logs in.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the keypair.
        type: str
        required: true
      public_key:
        description: The public key in the format of OpenSSH.
        type: str
      public_key_file:
        description: File with it on the host where the module runs.
        type: path
      recreate:
        description: Whether to delete and recreate it if it differs. Instances keep the key that they have.
        type: bool
        default: false
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  images:
    description: Images.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the image.
        type: str
        required: true
      file:
        description:
          - File with the content on the host where the module runs.
          - Compared with an existing image by size, then by the digest that Glance keeps; never uploaded twice.
        type: path
      url:
        description:
          - URL of HTTP with the content. It is downloaded to the host where the module runs, and only for a new image;
            no image is made of a download that was cut or that is not what O(images[].checksum) says.
          - An image that was made so notes it in its property C(stackwright_origin), and is another if O(images[].url)
            or O(images[].checksum) changes. One that has no such note is taken for the right one.
        type: str
      checksum:
        description:
          - What the download must be, as C(algorithm:digest), such as C(sha256:0123abcd).
          - If Glance keeps a digest of that algorithm (V(md5) and, by default, V(sha512)), images are compared by it.
        type: str
      disk_format:
        description: Format of the content, such as V(qcow2) or V(raw); needed for a new image.
        type: str
      container_format:
        description: Format of the container; a new image has V(bare).
        type: str
      visibility:
        description: Who may use it.
        type: str
        choices: [public, private, shared, community]
      min_disk:
        description: The smallest disk in GB that it may boot from.
        type: int
      min_ram:
        description: The least memory in MB that it may boot with.
        type: int
      protected:
        description: Whether nobody may delete it.
        type: bool
      properties:
        description: Properties, such as V(hw_disk_bus); V(null) takes one out. Others are left alone.
        type: dict
      project:
        description: Name or ID of the project that has it; by default the one that the module logs in to.
        type: str
      recreate:
        description:
          - Whether to delete and recreate it if its content or a format differs.
          - Instances that were made of it run on, but cannot be built again, and may not be able to move.
        type: bool
        default: false
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  networks:
    description: Networks.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the network.
        type: str
        required: true
      external:
        description: Whether routers can lead to it and floating IPs come from it.
        type: bool
      shared:
        description: Whether all projects may use it.
        type: bool
      mtu:
        description: Its MTU.
        type: int
      port_security:
        description: Whether security groups and the check of addresses hold for its ports, if a port does not differ.
        type: bool
      provider_network_type:
        description: How it is realized, such as V(flat), V(vlan) or V(vxlan). Administrators only.
        type: str
      provider_physical_network:
        description: Neutron's name of the physical network for V(flat) and V(vlan).
        type: str
      provider_segmentation_id:
        description: Its VLAN or its VXLAN identifier.
        type: int
      project:
        description: Name or ID of the project that has it; by default the one that the module logs in to.
        type: str
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  subnets:
    description: Subnets.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the subnet.
        type: str
        required: true
      network:
        description: Name of its network, of the same project if that has one; needed for a new one.
        type: str
      cidr:
        description: Its addresses, such as V(192.0.2.0/24); needed for a new one.
        type: str
      gateway:
        description: Address of its gateway; an empty string is none. A new one has the first address.
        type: str
      allocation_pools:
        description: The addresses that Neutron may give out; a new one gives out all but the gateway's.
        type: list
        elements: dict
        suboptions:
          start:
            description: The first address.
            type: str
            required: true
          end:
            description: The last address.
            type: str
            required: true
      dns_nameservers:
        description: Addresses of the name servers that instances get.
        type: list
        elements: str
      dhcp:
        description: Whether Neutron answers DHCP in it.
        type: bool
      project:
        description: Name or ID of the project that has it; by default the one that the module logs in to.
        type: str
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  routers:
    description: Routers.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the router.
        type: str
        required: true
      external_network:
        description: Name of the external network that it leads to; an empty string is none.
        type: str
      subnets:
        description: Names of the subnets that it has an interface in, at the address of their gateway. Others stay.
        type: list
        elements: str
      project:
        description: Name or ID of the project that has it; by default the one that the module logs in to.
        type: str
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
  security_groups:
    description: Security groups and their rules.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group. Neutron makes V(default) for each project by itself.
        type: str
        default: default
      description:
        description: What it is for.
        type: str
      rules:
        description: Rules. Others of the group are left alone.
        type: list
        elements: dict
        suboptions:
          direction:
            description: Seen from the instance.
            type: str
            choices: [ingress, egress]
            default: ingress
          ethertype:
            description: Kind of the addresses; by default that of O(security_groups[].rules[].remote_ip), or V(IPv4).
            type: str
            choices: [IPv4, IPv6]
          protocol:
            description: Name or number of the protocol, such as V(tcp), V(udp) or V(icmp). All without it.
            type: str
          ports:
            description: A port, or a range of ports such as V(8000-8010). All without it.
            type: str
          remote_ip:
            description: Addresses of the other side, such as V(192.0.2.0/24). All without it.
            type: str
          state:
            description: Whether it should be there.
            type: str
            choices: [present, absent]
            default: present
      project:
        description: Name or ID of the project that has it; by default the one that the module logs in to.
        type: str
      state:
        description: Whether it should be there.
        type: str
        choices: [present, absent]
        default: present
notes:
  - Check mode takes a file, a project, a network or a subnet that is not there for one that a task before this one
    makes. A real run stops there before it writes anything.
seealso:
  - module: openstack.cloud.compute_flavor
    description: >-
      It recreates a flavor that differs; this module refuses that unless it is told to, and makes all kinds of things
      in one session.
  - module: stackwright.nova.instance_proof
  - module: stackwright.nova.clouds_file
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.openstack
"""

EXAMPLES = r"""
- name: Make what the first instance needs
  stackwright.nova.cloud_resources:
    cloud: admin
    flavors:
      - {name: m1.small, vcpus: 1, ram: 2048, disk: 20}
      - name: m1.pinned
        vcpus: 4
        ram: 8192
        disk: 40
        public: false
        extra_specs: {hw:cpu_policy: dedicated}
    keypairs:
      - name: operator
        public_key_file: /root/.ssh/id_ed25519.pub
    images:
      - name: debian-12
        url: https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2
        disk_format: qcow2
        visibility: public
    networks:
      - name: public
        external: true
        provider_network_type: flat
        provider_physical_network: provider
      - name: private
    subnets:
      - name: public
        network: public
        cidr: 203.0.113.0/24
        gateway: 203.0.113.1
        allocation_pools: [{start: 203.0.113.100, end: 203.0.113.200}]
        dhcp: false
      - name: private
        network: private
        cidr: 192.168.10.0/24
        dns_nameservers: [203.0.113.53]
    routers:
      - name: router
        external_network: public
        subnets: [private]
    security_groups:
      - name: default
        rules:
          - {protocol: icmp}
          - {protocol: tcp, ports: 22, remote_ip: 203.0.113.0/24}

- name: Let a project have more
  stackwright.nova.cloud_resources:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    quotas:
      - project: research
        compute: {instances: 50, cores: 200, ram: 409600}
        network: {floatingip: 20}

- name: Take a flavor and a network out again
  stackwright.nova.cloud_resources:
    cloud: admin
    flavors: [{name: m1.pinned, state: absent}]
    routers: [{name: router, state: absent}]
    networks: [{name: private, state: absent}]
"""

RETURN = r"""
flavors:
  description:
    - What there is (or will be) of each of O(flavors), with what the task gives of it. Likewise RV(keypairs),
      RV(images), RV(networks), RV(subnets), RV(routers), RV(security_groups) and RV(quotas).
    - The C(id) of what is not there is V(null), and so is that of what check mode would make.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: m1.small, id: 8f8c2ea3-ce3b-4d8c-9b3f-2e42cd6ea4f1, vcpus: 1, ram: 2048, disk: 20}
keypairs:
  description: See RV(flavors). The C(id) is the name.
  returned: success
  type: list
  elements: dict
  sample: []
images:
  description: See RV(flavors). C(content) is where the content is from, V(another), or V(missing).
  returned: success
  type: list
  elements: dict
  sample:
    - name: debian-12
      id: 0a2c6d0f-4a5f-4c63-8d4b-d5c9e3a6f0e2
      disk_format: qcow2
      visibility: public
      content: https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2
networks:
  description: See RV(flavors).
  returned: success
  type: list
  elements: dict
  sample:
    - {name: private, id: 3f1b0c4e-8f67-44e0-a0f6-3f2a4f1d6b58}
subnets:
  description: See RV(flavors). C(network) is a name.
  returned: success
  type: list
  elements: dict
  sample:
    - name: private
      id: 5b9a6c53-4a3a-4de8-9c5b-3d3a0a9a9d3f
      network: private
      cidr: 192.168.10.0/24
      dns_nameservers: [203.0.113.53]
routers:
  description: See RV(flavors). C(subnets) are those of O(routers[].subnets) in which it has an interface.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: router, id: d2a2f7f5-6f0a-4a4b-8c3e-1e0a6f1f3c11, external_network: public, subnets: [private]}
security_groups:
  description: See RV(flavors). C(rules) are those of O(security_groups[].rules) that it has.
  returned: success
  type: list
  elements: dict
  sample:
    - name: default
      id: 6a2f1ac8-4c5f-4a31-8f3e-7b8e6b1d2c90
      rules: [ingress IPv4 icmp, ingress IPv4 tcp 22 203.0.113.0/24]
quotas:
  description: See RV(flavors). The C(id) is that of the project.
  returned: success
  type: list
  elements: dict
  sample: []
commands:
  description: What was done, or would be in check mode, as commands of the openstack client.
  returned: success
  type: list
  elements: str
  sample:
    - openstack flavor create --vcpus=1 --ram=2048 --disk=20 m1.small
    - openstack network create private
    - openstack subnet create --network=private --subnet-range=192.168.10.0/24 private
    - openstack router create router
    - openstack router set --external-gateway=public router
    - openstack router add subnet router private
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._cloud_resources.operation import build
from ..module_utils._cloud_resources.parameters import ARGUMENTS
from ..module_utils._engine.runner import run


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
