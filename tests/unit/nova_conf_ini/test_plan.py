# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request makes of a file, case by case."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from unittest import mock

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.catalogue import (
    OptionCatalogue,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.history import History
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.transfer import (
    Handover,
    NotHandedOverError,
)
from fakes.oslo import CATALOGUE, HISTORY
from oslo_reference import sections

KNOWN = Handover(history=History(HISTORY["removed"], HISTORY["newer"]))
DYNAMIC = {"mdev_*": {"max_instances": {"type": {"is": "integer"}}}}


OF_A_FILE = ("raw_options", "exclusive_sections")


@dataclass(frozen=True)
class Planned(Plan):
    """A plan, and the text of the file for which it was made."""

    text: str = ""


def planned(text, options=None, others=(), catalogue=True, **more):
    known = OptionCatalogue("nova", CATALOGUE, DYNAMIC) if catalogue else None
    of_file = {name: more.pop(name) for name in OF_A_FILE if name in more}
    file = DesiredFile(
        "nova.conf", options or {}, other_files=tuple(path for path, _text in others), **of_file
    )
    texts = {"nova.conf": text, **dict(others)}
    return Planned(
        **vars(plan(Desired((file,), **more), State(stored(texts), known, KNOWN))), text=text or ""
    )


def stored(texts):
    return {path: StoredFile(text) for path, text in texts.items() if text is not None}


def text_of(found):
    """What the file then holds: what the one step writes, or what it has."""
    written = []
    files = mock.Mock(write=lambda _path, text, *_rest, **_options: written.append(text))
    for step in found.steps:
        step.call(files)
    return written[0] if written else found.text


def refused(text, options=None, **more):
    with pytest.raises(CollectionError) as error:
        planned(text, options, **more)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        # beside the commented sample, behind the last option, behind the header, in a new section
        (
            "[vnc]\n#enabled = true\n\n# end\n",
            {"vnc": {"enabled": False}},
            "[vnc]\n#enabled = true\nenabled = false\n\n# end\n",
        ),
        (
            "[vnc]\n# x\nserver_listen=::1\n\n",
            {"vnc": {"enabled": True}},
            "[vnc]\n# x\nserver_listen=::1\nenabled = true\n\n",
        ),
        ("[vnc]\n# x\n", {"vnc": {"enabled": True}}, "[vnc]\nenabled = true\n# x\n"),
        ("[DEFAULT]\n", {"vnc": {"enabled": True}}, "[DEFAULT]\n\n[vnc]\nenabled = true\n"),
        ("[DEFAULT]", {"vnc": {"enabled": True}}, "[DEFAULT]\n\n[vnc]\nenabled = true\n"),
        (None, {"vnc": {"enabled": True}}, "[vnc]\nenabled = true\n"),
        ("", {"DEFAULT": {"debug": True}}, "[DEFAULT]\ndebug = true\n"),
        # spacing and line ends stay, continuation lines go with their value
        ("[vnc]\r\nenabled  :  no\r\n", {"vnc": {"enabled": True}}, "[vnc]\r\nenabled  :  true\r\n"),
        (
            "[DEFAULT]\nmy_ip = 1.2.3.4\n  # more\ndebug=1\n",
            {"DEFAULT": {"my_ip": "10.0.0.1"}},
            "[DEFAULT]\nmy_ip = 10.0.0.1\ndebug=1\n",
        ),
        # the last of repeated lines counts, and so does a repeated section
        (
            "[vnc]\nenabled=1\n[a]\n[VNC]\nenabled=0\n",
            {"vnc": {"enabled": True}},
            "[vnc]\nenabled=1\n[a]\n[VNC]\nenabled=true\n",
        ),
        # what already means the same is not touched
        (
            "[DEFAULT]\ndebug = Yes\nenabled_apis = a, b\n",
            {"DEFAULT": {"debug": True, "enabled_apis": ["a", "b"]}},
            None,
        ),
        ("[DEFAULT]\ndebug = 1\n", {"DEFAULT": {"debug": "true"}}, None),
        (
            "[keystone_authtoken]\nregion_name = 'R$$1'\n",
            {"keystone_authtoken": {"region_name": "R$1"}},
            None,
        ),
        # literal
        (
            "[libvirt]\n",
            {"libvirt": {"cpu_model": 'a$b "c" #d %s '}},
            '[libvirt]\ncpu_model = "a\\$b "c" #d %s "\n',
        ),
        ("[libvirt]\n", {"libvirt": {"cpu_model": ""}}, "[libvirt]\ncpu_model =\n"),
        ("[libvirt]\ncpu_model =\n", {"libvirt": {"cpu_model": "x"}}, "[libvirt]\ncpu_model = x\n"),
        # lists, several lines, dictionaries
        ("[DEFAULT]\n", {"DEFAULT": {"enabled_apis": ["a", "b"]}}, "[DEFAULT]\nenabled_apis = a,b\n"),
        ("[DEFAULT]\n", {"DEFAULT": {"enabled_apis": []}}, "[DEFAULT]\nenabled_apis =\n"),
        (
            "[DEFAULT]\n",
            {"DEFAULT": {"image_handlers": ["a", "b"]}},
            "[DEFAULT]\nimage_handlers = a\nimage_handlers = b\n",
        ),
        (
            "[DEFAULT]\nimage_handlers=a\n# x\nimage_handlers=b\nimage_handlers=c\n",
            {"DEFAULT": {"image_handlers": ["b", "c"]}},
            "[DEFAULT]\n# x\nimage_handlers=b\nimage_handlers=c\n",
        ),
        (
            "[DEFAULT]\nimage_handlers=a\nimage_handlers=c\n",
            {"DEFAULT": {"image_handlers": ["a", "b", "c"]}},
            "[DEFAULT]\nimage_handlers=a\nimage_handlers = b\nimage_handlers=c\n",
        ),
        (
            "[DEFAULT]\nimage_handlers=a\nimage_drivers=b\n",
            {"DEFAULT": {"image_handlers": ["a"]}},
            "[DEFAULT]\nimage_handlers=a\n",
        ),
        ("[DEFAULT]\nimage_handlers=a\n", {"DEFAULT": {"image_handlers": []}}, "[DEFAULT]\n"),
        ("[DEFAULT]\n", {"DEFAULT": {"weights": {"a": 1, "b": True}}}, "[DEFAULT]\nweights = a:1,b:true\n"),
        # taken out, with all names and lines
        (
            "[vnc]\nenabled=1\n# x\nenabled=0\n[DEFAULT]\nvnc_enabled=1\n",
            {"vnc": {"enabled": None}},
            "[vnc]\n# x\n[DEFAULT]\n",
        ),
        ("[x]\ny=1\n", {"x": {"y": None}}, "[x]\n"),
        ("[x]\ny=1\n", {"DEFAULT": {"debug": None}}, None),
        # renamed options
        ("[DEFAULT]\nvnc_enabled=1\n", {"vnc": {"enabled": False}}, "[DEFAULT]\n\n[vnc]\nenabled = false\n"),
        ("[DEFAULT]\n", {"DEFAULT": {"vnc_enabled": False}}, "[DEFAULT]\n\n[vnc]\nenabled = false\n"),
        ("[DEFAULT]\n", {"vnc": {"enabled_now": True}}, "[DEFAULT]\n\n[vnc]\nenabled = true\n"),
        # sections in other letters, made-up sections, auth options
        ("[VNC]\n", {"Vnc": {"enabled": True}}, "[VNC]\nenabled = true\n"),
        ("", {"mdev_nvidia-35": {"max_instances": 4}}, "[mdev_nvidia-35]\nmax_instances = 4\n"),
        (
            "",
            {"keystone_authtoken": {"username": "nova", "auth_type": "password"}},
            "[keystone_authtoken]\nauth_type = password\nusername = nova\n",
        ),
        (
            "[keystone_authtoken]\nauth_type=password\n",
            {"keystone_authtoken": {"user_name": "n"}},
            "[keystone_authtoken]\nauth_type=password\nusername = n\n",
        ),
        (
            "[keystone_authtoken]\nauth_section=mine\n",
            {"mine": {"auth_type": "password", "username": "n"}},
            "[keystone_authtoken]\nauth_section=mine\n\n[mine]\nauth_type = password\nusername = n\n",
        ),
    ],
)
def test_edits(text, options, expected):
    found = planned(text, options)
    assert text_of(found) == (text if expected is None else expected)
    assert bool(found.result["options_changed"]) == (expected is not None)
    again = planned(text_of(found), options)
    assert text_of(again) == text_of(found)
    assert not again.result["options_changed"]
    assert not again.commands


def test_raw_options_are_written_verbatim():
    found = planned("[vnc]\n", raw_options={"vnc": {"server_proxyclient_address": "$my_ip"}})
    assert text_of(found) == "[vnc]\nserver_proxyclient_address = $my_ip\n"
    assert not planned(text_of(found), raw_options={"vnc": {"server_proxyclient_address": "$my_ip"}}).steps
    changed = planned(text_of(found), {"vnc": {"server_proxyclient_address": "::1"}})
    assert text_of(changed).endswith("= ::1\n")


def test_exclusive_sections_lose_what_is_not_named():
    text = "[vnc]\nenabled=1\nserver_listen=::1\nold_thing=2\n[libvirt]\ncpu_model=x\n"
    found = planned(text, {"vnc": {"enabled": True}}, exclusive_sections=("VNC",))
    assert text_of(found) == "[vnc]\nenabled=1\n[libvirt]\ncpu_model=x\n"
    assert found.result["options_changed"] == ["vnc/server_listen", "vnc/old_thing"]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (
            {"keystone_authstoken": {"auth_type": "password"}},
            ["[keystone_authstoken] is not a section of nova 26", "did you mean [keystone_authtoken]?"],
        ),
        ({"Default": {"my_ip": "::1"}}, ["must be spelled [DEFAULT]"]),
        ({"zzz": {"virt_type": "kvm"}}, ["[zzz] is not a section", "did you mean [libvirt]?"]),
        ({"vnc": {"server_proxycient_address": "::1"}}, ["did you mean server_proxyclient_address?"]),
        ({"DEFAULT": {"auth_strategy": "x"}}, ["it belongs into [api]"]),
        (
            {"DEFAULT": {"vncserver_listen": "::1"}},
            ["nova 23 was the last to read it", "it is [vnc] server_listen now"],
        ),
        ({"DEFAULT": {"use_neutron": True}}, ["nova 18 was the last", "nova-network was removed"]),
        ({"cells": {"enable": True}}, ["[cells] enable is not an option", "nova 19 was the last"]),
        ({"libvirt": {"cpu_power_management": True}}, ["nova 27 is the first that reads it"]),
        ({"DEFAULT": {"my-ip": "::1"}}, ["must be spelled my_ip"]),
        ({"DEFAULT": {"debug": "maybe"}}, ["[DEFAULT] debug must be true or false, not 'maybe'"]),
        ({"DEFAULT": {"osapi_compute_listen_port": 99999}}, ["from 0 to 65535"]),
        ({"libvirt": {"virt_type": "hyperv9"}}, ["must be one of kvm, qemu"]),
        ({"vnc": {"enabled": "true # x"}}, ["there are no comments behind values"]),
        ({"keystone_authtoken": {"username": "n"}}, ["has no effect without auth_type"]),
        (
            {"keystone_authtoken": {"auth_type": "pasword"}},
            ["must be one of password, v3applicationcredential"],
        ),
        (
            {"keystone_authtoken": {"auth_type": "v3applicationcredential", "username": "n"}},
            ["is not an option of auth_type v3applicationcredential"],
        ),
        ({"libvirt": {"virt_type": ["kvm", "qemu"]}}, ["takes one value, not a list"]),
        ({"libvirt": {"cpu_model": {"a": 1}}}, ["not a dictionary"]),
        ({"libvirt": {"cpu_model": [["a"]]}}, ["takes one value"]),
        ({"DEFAULT": {"enabled_apis": ["a,b"]}}, ["cannot be told from the next one"]),
        ({"libvirt": {"cpu_model": "a\nb"}}, ["line break"]),
        ({"libvirt": {"cpu_model": "\ud800"}}, ["not valid Unicode"]),
        ({"DEFAULT": {"my ip\n": "x"}}, ["a name that cannot be written"]),
        ({"a\nb": {"my_ip": "x"}}, ["a section whose name cannot be written"]),
    ],
)
def test_refusals(options, parts):
    message = refused("[DEFAULT]\n", options)
    assert message.startswith("Cannot write configuration nova.conf: ")
    assert all(part in message for part in parts), message


def test_everything_is_told_at_once():
    message = refused("", {"DEFAULT": {"debug": "maybe", "my_ipp": "::1"}, "vnc": {"enabled": "x"}})
    assert all(part in message for part in ("debug", "my_ipp", "[vnc] enabled"))


def test_references_must_lead_somewhere():
    assert "$my_ipp, which is not an option" in refused(
        "", raw_options={"vnc": {"server_listen": "${my_ipp}"}}
    )
    assert not planned(
        "", raw_options={"vnc": {"server_listen": "$libvirt.cpu_model$my_ip$enabled"}}
    ).warnings


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[api]\nauth_strategy=x\n", "deprecated since 21.0.0 and will be removed: It is always keystone"),
        ("[DEFAULT]\nvnc_enabled=1\n", "former name of [vnc] enabled"),
        ("[DEFAULT]\ndebugg=1\n", "did you mean debug?"),
        ("[libvirt]\nvirt_type=xen\n", "must be one of kvm, qemu"),
        ("[libvirt]\ncpu_model=a\ncpu_model=b\n", "is set 2 times"),
        ("[libvirt]\ncpu_model=a # b\n", "what looks like a comment"),
        ("[nope]\nx=1\n", "[nope] is not a section"),
    ],
)
def test_what_was_in_the_file_before_is_warned_of(text, part):
    found = planned(text, {"DEFAULT": {"my_ip": "::1"}})
    assert any(part in warning and "not set by this task" in warning for warning in found.warnings), (
        found.warnings
    )
    assert not planned(text, {"DEFAULT": {"my_ip": "::1"}}, validate="off").warnings


def test_a_password_may_look_like_a_comment_unless_it_is_written_as_a_line():
    other = {"DEFAULT": {"my_ip": "::1"}}
    url = {"DEFAULT": {"transport_url": "rabbit://u:p@h/ # the broker"}}
    first = planned("", url)
    assert "transport_url" in text_of(first)
    assert not first.warnings
    assert not planned(text_of(first), other).warnings
    assert any("what looks like a comment" in warning for warning in planned("", raw_options=url).warnings)


def test_sections_that_an_option_names():
    data = {
        "version": "25.1.0",
        "groups": {
            "DEFAULT": {"enabled_backends": {"type": {"is": "dict", "value": {"is": "string"}}}},
            "glance_store": {"datadir": {"type": {"is": "string"}}, "perm": {"type": {"is": "integer"}}},
        },
    }
    named = (("DEFAULT", "enabled_backends", "os_glance_*", "glance_store"),)
    current = State({}, OptionCatalogue("glance", data, {}, named))
    options = {
        "Fast": {"datadir": "/srv/fast"},
        "os_glance_staging_store": {"datadir": "/srv/staging"},
        "DEFAULT": {"enabled_backends": {"fast": "file", "cheap": "http"}},
    }
    found = plan(Desired((DesiredFile("glance-api.conf", options),)), current)
    assert not found.warnings
    assert sections(text_of(found))["fast"] == {"datadir": ["/srv/fast"]}
    with pytest.raises(CollectionError) as refusal:
        wrong = {**options, "slow": {"datadir": "x"}, "cheap": {"perm": "x", "dataadir": 1}}
        plan(Desired((DesiredFile("f", wrong),)), current)
    message = str(refusal.value)
    assert all(
        part in message
        for part in ("[slow] is not a section", "[cheap] perm must be", "did you mean datadir?")
    )


def test_warn_writes_what_strict_refuses():
    options = {"DEFAULT": {"debug": "maybe", "nope": 1}}
    found = planned("", options, validate="warn")
    assert sections(text_of(found)) == {"DEFAULT": {"debug": ["maybe"], "nope": ["1"]}}
    assert len(found.warnings) == 2
    assert "line break" in refused("", {"DEFAULT": {"x": "a\nb"}}, validate="warn")


def test_allowed_options_are_not_checked():
    options = {"my_plugin": {"a": 1}, "DEFAULT": {"my_thing": [1, 2]}}
    found = planned("", options, allow_unknown=("my_*", "DEFAULT/my_th*"))
    assert sections(text_of(found)) == {"my_plugin": {"a": ["1"]}, "DEFAULT": {"my_thing": ["1", "2"]}}
    assert not found.warnings


def test_without_a_catalogue_nothing_is_checked_and_names_tell_secrets():
    found = planned("", {"a": {"password": "s3cret", "b": [1, 2]}}, catalogue=False)
    assert sections(text_of(found)) == {"a": {"password": ["s3cret"], "b": ["1", "2"]}}
    assert "s3cret" not in found.after
    assert found.result["release"] == ""


def test_the_other_files_of_the_set_count():
    others = [("compute.conf", "[libvirt]\nvirt_type=qemu\n[keystone_authtoken]\nauth_type=password\n")]
    options = {"libvirt": {"virt_type": "kvm"}, "keystone_authtoken": {"username": "nova"}}
    found = planned("", options, others=others)
    assert found.warnings == (
        "[libvirt] virt_type has another value in compute.conf; the file that is read last counts.",
    )


def test_secrets_are_masked_in_diff_and_commands():
    text = "[DEFAULT]\ntransport_url = rabbit://u:old%40@h/\n[keystone_authtoken]\nauth_type=password\npassword=o1d\n"
    options = {"DEFAULT": {"transport_url": "rabbit://u:n%40w@h/"}, "keystone_authtoken": {"password": "n$w"}}
    found = planned(text, options)
    shown = found.before + found.after + " ".join(found.commands)
    assert not any(secret in shown for secret in ("old%40", "n%40w", "o1d", "n$w", "n\\$w"))
    assert "transport_url = rabbit://u:********@h/\n" in found.before
    assert "transport_url = rabbit://u:********@h/ (changed)\n" in found.after
    assert "password=******** (changed)\n" in found.after


def test_a_file_that_oslo_config_refuses_is_refused_with_its_line():
    message = refused("[vnc]\nenabled=1\n[DEFAULT] # x\n")
    assert "line 3" in message
    assert message.endswith("Correct that line first.")


@pytest.mark.parametrize(("value", "asks"), [(None, False), ("1", True)])
def test_what_is_taken_out_needs_no_history(value, asks):
    """The control node has the history: to ask for it is to run the module once more, on every host."""
    file = DesiredFile("nova.conf", {"DEFAULT": {"no_such_option": value}})
    catalogue = OptionCatalogue("nova", CATALOGUE, DYNAMIC)
    state = State(stored({"nova.conf": "[DEFAULT]\nmy_ip = 10.0.0.1\n"}), catalogue, Handover(may_ask=True))
    with pytest.raises(NotHandedOverError) if asks else nullcontext():
        assert not plan(Desired((file,)), state).changed
