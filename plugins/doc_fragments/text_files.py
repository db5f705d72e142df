# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Lines of text files, whole ones, and symbolic links."""

    DOCUMENTATION = r"""
options:
  lines:
    description: The lines.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file, UTF-8 text. One that does not exist is created, mode 0644, and its folder if only that is
          missing.
        type: path
        required: true
      regexp:
        description:
          - Regular expression of Python that finds the line, and that O(lines[].line) matches too.
          - The last line that it finds becomes O(lines[].line), others that it finds are taken out. Where it
            finds none, the line is added at the end.
        type: str
        required: true
      line:
        description: The line as it shall be.
        type: str
        required: true
  plain_files:
    description: Files that shall have this content and no other; small ones, because they are sent each time.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file. Its folder is created if only that is missing.
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
  links:
    description: Symbolic links.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The link. What is there and is no link stays, and the task fails.
        type: path
        required: true
      target:
        description: What it leads to, which may be yet to come.
        type: path
        required: true
"""
