"""Images: reserved, sent in parts to signed addresses, committed, processed, shown."""

import pytest
import requests

from achievements_admin.simulator.pictures import plain_png
from tests.simulator.conftest import PNG, Client, codes


def _new_localization(client: Client) -> str:
    version = client.version_id(client.achievements()[0]["id"])
    identifier: str = client.localize(version).json()["data"]["id"]
    return identifier


def _state(client: Client, image: str) -> dict[str, object]:
    attributes = client.get(f"/v2/gameCenterAchievementImages/{image}")["data"]["attributes"]
    found: dict[str, object] = attributes["assetDeliveryState"]
    return found


def test_an_image_goes_through_its_states_and_is_shown(client: Client) -> None:
    localization = _new_localization(client)
    reserved = client.reserve(localization).json()["data"]
    assert reserved["attributes"]["assetDeliveryState"]["state"] == "AWAITING_UPLOAD"
    assert "imageAsset" not in reserved["attributes"]
    assert [one.status_code for one in client.upload(reserved)] == [200]
    kind, image = "gameCenterAchievementImages", reserved["id"]
    committed = client.patch(kind, image, {"uploaded": True}, version="v2").json()["data"]["attributes"]
    assert (committed["assetDeliveryState"]["state"], committed["uploadOperations"]) == ("UPLOAD_COMPLETE", [])
    assert _state(client, image)["state"] == "UPLOAD_COMPLETE"
    client.simulator.control("clock", {"advance": 2})
    attributes = client.get(f"/v2/{kind}/{image}")["data"]["attributes"]
    assert attributes["assetDeliveryState"]["state"] == "COMPLETE"
    asset = attributes["imageAsset"]
    assert (asset["width"], asset["height"]) == (512, 512)
    address = asset["templateUrl"].replace("{w}", "64").replace("{h}", "64").replace("{f}", "png")
    shown = requests.get(address, timeout=10)
    assert (shown.content, shown.headers["Content-Type"]) == (PNG, "image/png")


def test_a_long_file_comes_in_parts_in_any_order(client: Client) -> None:
    client.simulator.control("rules", {"upload_part_bytes": 1000})
    image = client.reserve(_new_localization(client)).json()["data"]
    operations = image["attributes"]["uploadOperations"]
    assert sum(one["length"] for one in operations) == len(PNG)
    assert len(operations) == -(-len(PNG) // 1000)
    operations.reverse()
    assert {one.status_code for one in client.upload(image)} == {200}
    # The same part once more, which is allowed until the commit.
    assert {one.status_code for one in client.upload(image)} == {200}
    client.patch("gameCenterAchievementImages", image["id"], {"uploaded": True}, version="v2")
    client.simulator.control("clock", {"advance": 2})
    assert _state(client, image["id"])["state"] == "COMPLETE"


def test_the_upload_takes_exactly_what_it_asked_for(client: Client) -> None:
    image = client.reserve(_new_localization(client)).json()["data"]
    operation = image["attributes"]["uploadOperations"][0]
    right = {header["name"]: header["value"] for header in operation["requestHeaders"]}
    url = operation["url"]

    def put(address: str = url, content: bytes = PNG, headers: dict[str, str] = right) -> int:
        return requests.put(address, data=content, headers=headers, timeout=10).status_code

    assert put(headers={**right, **client.simulator.authorization()}) == 400
    assert put(headers={"Content-Type": "text/plain"}) == 403
    assert put(content=PNG[:-1]) == 400
    assert put(address=url[:-4] + "0000") == 403
    assert requests.post(url, data=PNG, headers=right, timeout=10).status_code == 405
    client.simulator.control("clock", {"advance": 3601})
    assert put() == 403
    client.simulator.control("clock", {"advance": -3601})
    assert put() == 200


def test_a_commit_with_bytes_missing_is_refused(client: Client) -> None:
    image = client.reserve(_new_localization(client)).json()["data"]
    kind = "gameCenterAchievementImages"
    refused = client.patch(kind, image["id"], {"uploaded": True}, version="v2")
    assert codes(refused) == ["STATE_ERROR.ENTITY_STATE_INVALID"]
    client.upload(image)
    assert client.patch(kind, image["id"], {"uploaded": True}, version="v2").status_code == 200
    assert client.patch(kind, image["id"], {"uploaded": True}, version="v2").status_code == 409


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (plain_png(300), "IMAGE_INCORRECT_DIMENSIONS"),
        (plain_png(512, height=1024), "IMAGE_INCORRECT_DIMENSIONS"),
        (plain_png(512, has_alpha=True), "IMAGE_ALPHA_NOT_ALLOWED"),
        (b"GIF89a" + b"0" * 100, "IMAGE_BAD_FORMAT"),
        (PNG[:-20], "IMAGE_TOOL_FAILURE"),
        (b"\xff\xd8\xff\xe0\x00\x02" + b"0" * 100, "IMAGE_TOOL_FAILURE"),
    ],
)
def test_an_image_that_is_not_right_fails_when_it_is_processed(client: Client, content: bytes, code: str) -> None:
    image = client.add_image(_new_localization(client), content)
    client.simulator.control("clock", {"advance": 2})
    state = _state(client, image)
    assert state["state"] == "FAILED"
    assert [one["code"] for one in state["errors"]] == [code]  # type: ignore[attr-defined]


def test_a_jpeg_of_1024_is_as_good_as_a_png_of_512(client: Client) -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x02\xff\xc0\x00\x11\x08\x04\x00\x04\x00\x03" + b"\0" * 20
    image = client.add_image(_new_localization(client), jpeg, name="a.jpg")
    client.simulator.control("clock", {"advance": 2})
    assert _state(client, image)["state"] == "COMPLETE"


def test_a_localization_has_one_image_even_a_failed_one(client: Client) -> None:
    localization = _new_localization(client)
    image = client.add_image(localization, plain_png(10))
    client.simulator.control("clock", {"advance": 2})
    assert codes(client.reserve(localization)) == ["STATE_ERROR.ALREADY_EXISTS"]
    assert client.send("DELETE", f"/v2/gameCenterAchievementImages/{image}").status_code == 204
    assert client.reserve(localization).status_code == 201


def test_what_is_reserved_is_checked(client: Client) -> None:
    localization = _new_localization(client)
    assert codes(client.reserve(localization, size=0)) == ["ENTITY_ERROR.ATTRIBUTE.INVALID"]
    assert codes(client.reserve(localization, name="a.gif")) == ["ENTITY_ERROR.ATTRIBUTE.INVALID"]


def test_a_reservation_that_is_never_used_goes_away_after_a_week(client: Client) -> None:
    image = client.reserve(_new_localization(client)).json()["data"]["id"]
    client.simulator.control("clock", {"advance": 8 * 86400})
    assert client.simulator.state()["gameCenterAchievementImages"]
    client.get(f"/v2/gameCenterAchievementImages/{image}", 404)


def test_the_first_generation_names_the_parent_otherwise(client: Client) -> None:
    localization = _new_localization(client)
    image = client.add_image(localization, version="v1")
    client.simulator.control("clock", {"advance": 2})
    found = client.get(f"/v1/gameCenterAchievementLocalizations/{localization}/gameCenterAchievementImage")
    assert found["data"]["id"] == image
    assert client.simulator.state()["gameCenterAchievementImages"][-1]["sha256"]
