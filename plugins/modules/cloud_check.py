#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cloud_check
short_description: Check hosts and the description of a cloud before anything is changed
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Judges what M(stackwright.nova.host_survey) saw on the hosts of the play, and what the inventory says of their
    cloud, and fails with all that cannot work, on all hosts, at once.
  - Hosts that cannot be reached are no findings, they drop out of a run in any case; controllers are, because nothing
    can be deployed without them.
  - Run it once for all hosts (C(run_once)), after M(stackwright.nova.host_survey), whose results must be registered as
    C(__cloud_survey).
  - What the cloud is, it derives from the variables of the host that it runs for.
notes:
  - Runs on the control node and needs no connection.
  - In check mode a service of the site that does not answer is a warning, because an earlier play may deploy it.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
  - stackwright.nova.internal
seealso:
  - module: stackwright.nova.host_survey
"""

EXAMPLES = r"""
- name: Look at the host
  stackwright.nova.host_survey:
  register: __cloud_survey

- name: Check all hosts
  stackwright.nova.cloud_check:
  run_once: true
"""

RETURN = r"""
msg:
  description: All that cannot work, a line each, with the name of its check in brackets.
  type: str
  returned: failure
  sample: |-
    Cannot begin: 1 problem must be fixed first. Nothing was changed on any host.
    - Cannot use host compute1: cloud_management_address is not set. Set it to the host's address on the network
      over which the services talk to each other. [address]
"""
