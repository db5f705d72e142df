# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a proof, from a report as a real run left it, and what may be wrong in one."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.stackwright.nova.plugins.filter.proof import proof_page
from ansible_collections.stackwright.nova.plugins.plugin_utils._proof_page.page import view
from ansible_collections.stackwright.nova.plugins.plugin_utils._proof_page.timeline import timeline
from ansible_collections.stackwright.nova.plugins.plugin_utils._proof_page.topology import Drawing, topology
from fakes.reports import NOTHING, damaged, proven

REPORT = proven()
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
VOID = {"meta", "img", "br"}


@pytest.fixture
def report() -> dict[str, Any]:
    return copy.deepcopy(REPORT)


class Outline(HTMLParser):
    """Which tags are open, which ids there are, and what the page would fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.labels += [found["aria-labelledby"] or ""] if "aria-labelledby" in found else []
        self.fetched += [found[name] or "" for name in ("src", "href", "srcset") if name in found]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """It opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("given", [REPORT, NOTHING, {**NOTHING, "hosts": REPORT["hosts"]}])
def test_the_page_is_whole_and_needs_nothing_else(given: dict[str, Any]) -> None:
    page = proof_page(given)
    outline = Outline(page)
    assert outline.open == []
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.labels) <= set(outline.ids)
    assert [url for url in outline.fetched if not url.startswith("data:image/png;base64,")] == []
    assert not re.search(r"@import|url\(|<script|<link", page)
    for drawing in SVG.findall(page):
        assert ElementTree.fromstring(drawing).get("role") == "img"


def test_what_was_seen_is_on_the_page() -> None:
    text = Outline(proof_page(REPORT)).text
    for part in REPORT["parts"]:
        assert part["detail"] in text
    for wanted in (
        "This cloud is proven.",
        "Compute hosts in cell1",
        "2:26.2.2-1~deb12u5",
        "/etc/pki/libvirt/servercert.pem",
        "2 years left",
        "instance booted",
        "http://controller1:8774/v2.1",
        "message_queue on controller1",
    ):
        assert wanted in text, wanted


def test_the_same_report_makes_the_same_page() -> None:
    assert proof_page(REPORT) == proof_page(copy.deepcopy(REPORT))


def test_the_picture_of_the_console_is_in_the_page() -> None:
    (picture,) = (one["novnc_picture"] for one in REPORT["instances"])
    assert Outline(proof_page(REPORT)).fetched == [f"data:image/png;base64,{picture}"]


def texts(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a report there is free text."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in texts(item, (*place, key))]
    if isinstance(value, list):
        return [found for number, item in enumerate(value) for found in texts(item, (*place, number))]
    fixed = {"state", "time", "until", "novnc_picture", "status", "interface"}
    return [place] if isinstance(value, str) and place[-1] not in fixed else []


def test_neither_markup_nor_secrets_reach_the_page_from_anywhere(report: dict[str, Any]) -> None:
    places = texts(report)
    assert len(places) > 200
    for *way, last in places:
        target = report
        for step in way:
            target = target[step]
        target[last] += " <b onclick='x'>s3cr3t/of&admin</b> mysql://nova:pa55word@db/nova"
    page = proof_page(report, ["s3cr3t/of&admin"])
    assert "********" in page
    for leak in ("<b onclick", "s3cr3t", "pa55word"):
        assert leak not in page


@pytest.mark.parametrize("secret", ["state", "host", "proven", "2026", "name"])
def test_a_secret_that_is_a_plain_word_spoils_no_page(secret: str) -> None:
    assert "</html>" in proof_page(REPORT, [secret])


def test_a_missing_part_says_what_to_do() -> None:
    text = Outline(proof_page(damaged())).text
    assert "This cloud is not proven." in text
    for wanted in (
        "last heard of 2026",
        "Look into the agent's log on its host",
        "neutron-l3-agent (not alive)",
    ):
        assert wanted in text


@pytest.mark.parametrize(
    ("until", "state", "left"),
    [
        ("2026-11-20T00:00:00Z", "bad", "ended 4 days ago"),
        ("2026-12-01T00:00:00Z", "warn", "7 days left"),
        ("2027-06-01T00:00:00Z", "good", "189 days left"),
    ],
)
def test_certificates_that_end_soon_stand_at_the_top(
    report: dict[str, Any], until: str, state: str, left: str
) -> None:
    report["time"] = "2026-11-23T14:02:08Z"
    report["hosts"][1]["certificates"] = [{"path": "/c.pem", "names": [], "until": until, "problem": ""}]
    shown = view(report)
    assert [(one["class"], one["left"]) for one in shown["certificates"]] == [(state, left)]
    assert bool(shown["ending"]) == (state != "good")


def test_a_certificate_that_cannot_be_read_is_told(report: dict[str, Any]) -> None:
    report["hosts"][0]["certificates"] = [
        {"path": "/c.pem", "names": [], "until": "", "problem": "it holds no certificate"}
    ]
    assert "it holds no certificate" in Outline(proof_page(report)).text


def test_hosts_with_the_same_versions_share_a_column(report: dict[str, Any]) -> None:
    first, second = report["hosts"]
    older = {**second, "name": "compute3", "packages": {**second["packages"], "nova-compute": "older"}}
    report["hosts"] += [{**second, "name": "compute2"}, older]
    shown = view(report)["versions"]
    assert shown["hosts"] == [first["name"], "compute1, compute2", "compute3"]
    rows = dict(shown["rows"])
    assert rows["nova-compute"] == ["", second["packages"]["nova-compute"], "older"]
    assert rows["System"] == ["Debian 12.15"] * 3


def test_findings_in_the_configuration_are_told() -> None:
    text = Outline(proof_page(damaged())).text
    assert "[api] auth_strateg is not an option" in text
    assert "Cannot read file x" in text


def test_drift_is_told_with_its_commands() -> None:
    report = damaged()
    text = " ".join(Outline(proof_page(report)).text.split())
    assert "controller: Write configuration set [conductor] workers = 2 in /etc/nova/nova.conf" in text
    assert "controller: Write configuration: unreachable, so that nobody looked further" in text
    report["drift"] |= {"changes": [], "failures": []}
    assert "All is as the variables say." in Outline(proof_page(report)).text


def cloud(computes: int, controllers: int = 1) -> dict[str, Any]:
    """A report on so many hosts."""
    names = [f"controller{n}" for n in range(controllers)] + [f"compute{n}" for n in range(computes)]
    return {
        "hosts": [
            {"name": name, "address": "192.0.2.1", "kinds": [name.rstrip("0123456789")]} for name in names
        ],
        "services": [
            {"host": name, "binary": f"nova-{n}", "state": "up", "status": "enabled"}
            for name in names
            for n in range(len(name))
        ],
        "computes": [{"host": f"compute{computes - 1}", "mapped": False}],
        "cells": [{"name": "cell0"}, {"name": "cell1"}],
    }


def overlaps(drawing: Drawing) -> bool:
    boxes = drawing.boxes
    return any(
        a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
        for number, a in enumerate(boxes)
        for b in boxes[number + 1 :]
    )


@pytest.mark.parametrize("width", [1040, 340])
@pytest.mark.parametrize("computes", [1, 2, 3, 4, 7, 40])
@pytest.mark.parametrize("controllers", [1, 3])
def test_hosts_stand_apart_and_in_the_picture(width: int, computes: int, controllers: int) -> None:
    drawing = topology(cloud(computes, controllers), width)
    assert len(drawing.boxes) == computes + controllers
    assert not overlaps(drawing)
    for box in drawing.boxes:
        (frame,) = [f for f in drawing.frames if f.y <= box.y and box.y + box.height <= f.y + f.height]
        assert frame.x <= box.x
        assert box.x + box.width <= frame.x + frame.width
        assert all(row.y < box.height and row.x < box.width for row in box.rows)
    assert drawing.height >= max(frame.y + frame.height for frame in drawing.frames)
    assert drawing.frames[-1].name == "In no cell, nothing is scheduled to them"


def test_a_host_that_is_all_stands_there_once() -> None:
    both = {**cloud(0), "hosts": [{"name": "one", "address": "", "kinds": ["controller", "compute"]}]}
    assert [box.name for box in topology(both, 1040).boxes] == ["one"]


def test_an_instance_is_shown_on_its_way(report: dict[str, Any]) -> None:
    report["hosts"].append({**report["hosts"][1], "name": "compute2"})
    report["instances"][0]["moved_to"] = ["compute2", "compute1"]
    rows = {box.name: [row.text for row in box.rows] for box in topology(report, 1040).boxes}
    assert rows["compute1"][-2:] == ["instance booted, on to compute2", "instance from compute2"]
    assert rows["compute2"][-1] == "instance from compute1, on to compute1"


@pytest.mark.parametrize("width", [1040, 340])
def test_the_bars_of_a_run_are_in_the_picture(width: int) -> None:
    run = REPORT["run"]
    chart = timeline(run, width)
    assert [heading.name for heading in chart.headings][:2] == [
        "Check hosts and inventory",
        "Install packages",
    ]
    places = [each.bar_y for each in chart.bars]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    for each in chart.bars:
        assert chart.left <= each.x <= each.x + each.width <= chart.right + 3
        assert each.bar_y + chart.bar_height <= chart.height
    longest = max(run["spans"], key=lambda span: span["end"] - span["start"])
    assert max(chart.bars, key=lambda each: each.width).label == f"{longest['role']} on {longest['host']}"


def test_short_work_is_left_out_unless_it_failed(report: dict[str, Any]) -> None:
    span = {"play": 0, "role": "cache", "host": "h", "start": 1.0, "end": 1.1, "tasks": 1, "changed": 0}
    report["run"]["spans"] = [{**span, "failed": 0}, {**span, "host": "bad", "failed": 1}]
    (only,) = timeline(report["run"], 1040).bars
    assert (only.label, only.state, only.width) == ("cache on bad", "bad", 2.0)
