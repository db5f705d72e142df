# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Options of oslo.config files, and how they are checked."""

    DOCUMENTATION = r"""
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
  validate:
    description:
      - V(strict) refuses wrong options, V(warn) writes them and warns, V(off) does not check.
      - With V(strict), O(release=auto) and no service on the host the module fails, except in check mode,
        which then predicts the changes, without checking them.
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
        reference may lead there, and a warning says when one of them sets another value.
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
notes:
  - What the installed packages declare is read once and kept in C(/var/cache/stackwright-nova) until a Python
    package of the host changes.
  - The module runs with the Python that runs the service (C(ansible_python_interpreter)), as it is on Debian.
"""
