# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: uploaded once, compared by their content, and never of a download that is not what it should be."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes.cloud_resources import OWN, FakeCloudOfResources

from .test_module import predicted_and_done

CONTENT = b"a disk" * 1000
SHA256, SHA512 = hashlib.sha256(CONTENT).hexdigest(), hashlib.sha512(CONTENT).hexdigest()


class Site(BaseHTTPRequestHandler):
    """Has the image at /disk.qcow2 and, cut, at /cut.qcow2."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path not in ("/disk.qcow2", "/cut.qcow2"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if path == "/disk.qcow2" else CONTENT[:-1])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(name="site")
def _site() -> Iterator[str]:
    Site.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(name="cloud")
def _cloud() -> FakeCloudOfResources:
    return FakeCloudOfResources()


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Path:
    path = tmp_path / "disk.qcow2"
    path.write_bytes(CONTENT)
    return path


def of(source: Path | str, **more: Any) -> dict[str, Any]:
    """The parameters for an image of a file or a URL."""
    kind = "file" if isinstance(source, Path) else "url"
    return {"images": [{"name": "guest", kind: str(source), "disk_format": "qcow2", **more}]}


def test_a_file_is_uploaded_once(cloud: FakeCloudOfResources, disk: Path) -> None:
    properties = {"hw_disk_bus": "virtio", "hw_boot_menu": True}
    result = predicted_and_done(cloud, **of(disk, visibility="public", properties=properties))
    assert result["commands"] == [
        f"openstack image create --file={disk} --container-format=bare --disk-format=qcow2 --public"
        " --property=hw_disk_bus=virtio --property=hw_boot_menu=true guest"
    ]
    image = cloud.named("images")["guest"]
    assert (image["container_format"], image["visibility"], image["hw_boot_menu"]) == (
        "bare",
        "public",
        "true",
    )
    assert cloud.content == {"guest": CONTENT}
    assert result["images"][0] | {"id": image["id"], "content": str(disk)} == result["images"][0]


def test_other_content_is_refused_or_takes_its_place(cloud: FakeCloudOfResources, disk: Path) -> None:
    cloud.run(**of(disk))
    cloud.writes.clear()
    # Of the same size, so that only the digest tells.
    disk.write_bytes(CONTENT.upper())
    assert cloud.run(**of(disk))["msg"] == (
        f"Cannot change image guest: its content is not that of {disk}, and Glance changes no content of an image. "
        "Give the new one another name, or set recreate, which deletes the old one."
    )
    result = predicted_and_done(cloud, **of(disk, recreate=True))
    assert result["commands"][0] == "openstack image delete guest"
    assert [one["size"] for one in cloud.store["images"].values()] == [len(CONTENT)]
    assert cloud.content["guest"] == CONTENT.upper()
    assert '"content": "another"' in result["diff"]["before"]


def test_without_a_sha512_the_md5_is_compared(cloud: FakeCloudOfResources, disk: Path) -> None:
    cloud.run(**of(disk))
    cloud.named("images")["guest"].update(os_hash_algo=None, os_hash_value=None)
    assert not cloud.run(**of(disk))["changed"]
    disk.write_bytes(CONTENT.upper())
    assert "its content is not that of" in cloud.run(**of(disk))["msg"]


@pytest.mark.parametrize("checksum", ["", f"sha256:{SHA256}", f"sha512:{SHA512.upper()}"])
def test_a_url_is_downloaded_once(cloud: FakeCloudOfResources, site: str, checksum: str) -> None:
    more = {"checksum": checksum} if checksum else {}
    result = predicted_and_done(cloud, **of(f"{site}/disk.qcow2", **more))
    assert result["commands"][0] == f"curl --location --remote-name {site}/disk.qcow2"
    assert result["commands"][1].startswith("openstack image create --file=disk.qcow2 ")
    assert (Site.asked, cloud.content) == (["/disk.qcow2"], {"guest": CONTENT})
    image = cloud.named("images")["guest"]
    assert image["stackwright_origin"] == f"{site}/disk.qcow2 {checksum}".strip()


@pytest.mark.parametrize(
    ("path", "checksum", "message"),
    [
        ("disk.qcow2", f"sha256:{SHA512}", f"its sha256 is {SHA256}, not {SHA512}. Correct the checksum"),
        ("cut.qcow2", "", f"it ended after {len(CONTENT) - 1} of {len(CONTENT)} bytes. Run again."),
        ("none.qcow2", "", "Not Found. See whether this host reaches it"),
        ("disk.qcow2", "crc:1", "this host knows no checksum crc. Give another one, such as sha256."),
    ],
)
def test_no_image_is_made_of_a_bad_download(
    cloud: FakeCloudOfResources, site: str, path: str, checksum: str, message: str
) -> None:
    result = cloud.run(**of(f"{site}/{path}", **({"checksum": checksum} if checksum else {})))
    assert result["msg"].startswith(f"Cannot download image guest from {site}/{path}: ")
    assert message in result["msg"]
    assert cloud.store["images"] == {}


def test_another_url_is_another_image(cloud: FakeCloudOfResources, site: str) -> None:
    cloud.run(**of(f"{site}/disk.qcow2"))
    assert "its content is not that of" in cloud.run(**of(f"{site}/other.qcow2"))["msg"]
    # Glance keeps a SHA-512 of the same bytes, wherever they are.
    assert not cloud.run(**of(f"{site}/other.qcow2", checksum=f"sha512:{SHA512}"))["changed"]
    assert (
        "its content is not" in cloud.run(**of(f"{site}/disk.qcow2", checksum=f"sha512:{SHA512[:-1]}"))["msg"]
    )


def test_an_image_that_somebody_else_made_is_taken_for_the_url(
    cloud: FakeCloudOfResources, site: str
) -> None:
    there = {"status": "active", "size": 1, "owner": OWN, "disk_format": "qcow2"}
    cloud.add("images", name="guest", **there)
    assert not cloud.run(**of(f"{site}/disk.qcow2"))["changed"]


@pytest.mark.parametrize("status", ["queued", "killed"])
def test_an_image_whose_content_never_came_is_made_anew(
    cloud: FakeCloudOfResources, disk: Path, status: str
) -> None:
    there = {"status": status, "size": None, "owner": OWN, "disk_format": "qcow2"}
    cloud.add("images", name="guest", **there)
    result = predicted_and_done(cloud, **of(disk))
    assert result["commands"][0] == "openstack image delete guest"
    assert '"content": "missing"' in result["diff"]["before"]
    assert cloud.content["guest"] == CONTENT


def test_an_image_that_is_being_uploaded_is_left_alone(cloud: FakeCloudOfResources, disk: Path) -> None:
    cloud.add("images", name="guest", status="saving", size=None, owner=OWN, disk_format="qcow2")
    assert cloud.run(**of(disk, recreate=True))["msg"] == (
        "Cannot use image guest: its content is still on its way. Wait for the end; if it does not come, delete it "
        "(openstack image delete images-1)."
    )


def test_a_cut_upload_is_taken_up_by_the_next_run(cloud: FakeCloudOfResources, disk: Path) -> None:
    cloud.refuse["PUT", "/images"] = 500
    assert cloud.run(**of(disk))["msg"].startswith("Cannot set content of image guest: HTTP 500 here.")
    cloud.refuse.clear()
    assert cloud.run(**of(disk))["changed"]
    assert cloud.content["guest"] == CONTENT


def test_properties_change_and_others_stay(cloud: FakeCloudOfResources, disk: Path) -> None:
    cloud.run(**of(disk, properties={"a/b": "1", "keep": "x", "drop": "y"}))
    cloud.writes.clear()
    image = {"name": "guest", "min_disk": 2, "properties": {"a/b": 2, "drop": None}}
    result = predicted_and_done(cloud, images=[image])
    assert result["commands"] == [
        "openstack image set --min-disk=2 --property=a/b=2 guest",
        "openstack image unset --property=drop guest",
    ]
    found = cloud.named("images")["guest"]
    assert (found["min_disk"], found["a/b"], found["keep"], "drop" in found) == (2, "2", "x", False)


def test_the_password_of_a_url_stays_out_of_everything(cloud: FakeCloudOfResources, site: str) -> None:
    url = f"{site}/disk.qcow2?password=s3cret-pass"
    assert "s3cret-pass" not in str(predicted_and_done(cloud, **of(url)))
    assert Site.asked == ["/disk.qcow2?password=s3cret-pass"]
    assert "s3cret-pass" not in str(cloud.store)
    in_front = f"{site}/disk.qcow2".replace("//", "//user:s3cret-pass@")
    assert "s3cret-pass" not in str(cloud.run(**of(in_front, recreate=True)))
