"""How Sphinx builds the site; tools/docsite/build.py gathers what it reads."""

import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx

GALAXY = yaml.safe_load((Path(__file__).parents[3] / "galaxy.yml").read_text())

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
version = release = GALAXY["version"]
copyright = "the stackwright.nova authors, GPL-3.0-or-later"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
exclude_patterns = ["static"]
myst_heading_anchors = 3
highlight_language = "text"

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False

# What the pages of antsibull-docs refer to in Ansible's own documentation. Sphinx would fetch an index of it; a build
# needs no network.
ANSIBLE = "https://docs.ansible.com/ansible/latest"
LABELS = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible configuration settings"),
    "callback_plugins": ("plugins/callback.html", "Callback plugins"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Common return values"),
}
PLUGIN = re.compile(r"ansible_collections\.(\w+)\.(\w+)\.(\w+_(?:module|lookup))")


def ansible_reference(app: Sphinx, env: Any, node: Any, content: nodes.TextElement) -> nodes.reference | None:
    """A link into Ansible's documentation for a label that this site does not have."""
    target = node["reftarget"]
    if match := PLUGIN.fullmatch(target):
        path = f"collections/{match[1]}/{match[2]}/{match[3]}.html"
    elif target in LABELS:
        path, title = LABELS[target]
        content = content if node["refexplicit"] else nodes.inline("", title)
    else:
        return None
    reference = nodes.reference("", "", internal=False, refuri=f"{ANSIBLE}/{path}")
    reference += content
    return reference


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", ansible_reference)
