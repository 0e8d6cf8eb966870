"""Texts and images: the same promises over either generation."""

import pytest

from achievements_admin.appstore.errors import Conflict, Duplicate, InvalidAttribute, NotFound, UploadExpired
from achievements_admin.domain.achievement import ImageState
from achievements_admin.simulator.pictures import plain_png

from .conftest import PNG, TEXTS, Studio


def test_a_language_is_added_edited_and_removed(studio: Studio) -> None:
    version_id = studio.version_id(studio.find("draft_2"))
    added = studio.half.create_localization(version_id, locale="fi", texts=TEXTS)
    assert (added.locale, added.name, added.image) == ("fi", "Frisch", None)
    studio.half.update_localization(added.id, {"name": "Uusi"})
    read = studio.half.get_localization(added.id)
    assert (read.name, read.before_earned_description) == ("Uusi", "Noch nicht.")
    assert studio.half.find_localization(version_id, "fi") == read
    studio.half.delete_localization(added.id)
    assert studio.half.find_localization(version_id, "fi") is None
    with pytest.raises(NotFound):
        studio.half.get_localization(added.id)


def test_texts_of_a_version_come_with_images_in_one_request(studio: Studio) -> None:
    version_id = studio.version_id(studio.find("live"))
    with studio.store.counting() as requests:
        with_images = studio.half.list_localizations(version_id)
    assert requests.count == 1
    assert [each.locale for each in with_images] == ["en-US", "de-DE"]
    assert [each.image is not None and each.image.state for each in with_images] == [ImageState.COMPLETE] * 2
    assert {each.image for each in studio.half.list_localizations(version_id, with_images=False)} == {None}


def test_a_second_text_in_one_language_is_a_duplicate(studio: Studio) -> None:
    version_id = studio.version_id(studio.find("draft_2"))
    with pytest.raises(Duplicate) as raised:
        studio.half.create_localization(version_id, locale="en-US", texts=TEXTS)
    assert "locale" in raised.value.fields


@pytest.mark.parametrize(
    ("locale", "texts", "field"),
    [
        ("en", TEXTS, "locale"),
        ("fi", {**TEXTS, "name": "x" * 31}, "name"),
        ("fi", {**TEXTS, "before_earned_description": "x" * 121}, "before_earned_description"),
        ("fi", {**TEXTS, "after_earned_description": "x" * 121}, "after_earned_description"),
    ],
)
def test_a_text_against_the_rules_is_told_by_field(
    studio: Studio, locale: str, texts: dict[str, str], field: str
) -> None:
    version_id = studio.version_id(studio.find("draft_2"))
    with pytest.raises(InvalidAttribute) as raised:
        studio.half.create_localization(version_id, locale=locale, texts=texts)
    assert field in raised.value.fields


def test_an_image_is_replaced_and_read_back(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    assert studio.half.find_image(text.id) is None
    committed = studio.upload(text.id)
    assert committed.state in {ImageState.UPLOAD_COMPLETE, ImageState.COMPLETE}
    image = studio.half.get_image(committed.id)
    assert (image.state, image.file_name, image.file_size) == (ImageState.COMPLETE, "a.png", len(PNG))
    assert (image.width, image.height, image.errors) == (512, 512, ())
    assert studio.half.find_image(text.id) == image
    url = image.template_url.replace("{w}", "512").replace("{h}", "512").replace("{f}", "png")
    assert studio.uploads.fetch_asset(url) == PNG


def test_a_large_image_goes_in_parts(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    studio.apple.control("rules", {"upload_part_bytes": 300})
    image, operations = studio.half.reserve_image(text.id, file_name="a.png", file_size=len(PNG))
    assert len(operations) > 1
    studio.uploads.send(operations[::-1], PNG)
    studio.uploads.send(operations[:1], PNG)
    studio.half.commit_image(image.id)
    assert studio.half.get_image(image.id).state == ImageState.COMPLETE


def test_an_image_that_apple_refuses_says_why(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    image = studio.half.get_image(studio.upload(text.id, plain_png(100)).id)
    assert image.state == ImageState.FAILED
    assert image.errors


def test_a_second_image_is_a_duplicate(studio: Studio) -> None:
    with pytest.raises(Duplicate):
        studio.half.reserve_image(studio.text().id, file_name="b.png", file_size=9)


def test_an_image_that_was_not_sent_is_not_committed(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    image, _ = studio.half.reserve_image(text.id, file_name="b.png", file_size=9)
    with pytest.raises(Conflict):
        studio.half.commit_image(image.id)
    assert studio.half.get_image(image.id).state == ImageState.AWAITING_UPLOAD


def test_an_expired_address_asks_for_another_reservation(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    _, operations = studio.half.reserve_image(text.id, file_name="a.png", file_size=len(PNG))
    studio.apple.control("clock", {"advance": 4000})
    with pytest.raises(UploadExpired):
        studio.uploads.send(operations, PNG)


def test_a_reservation_whose_answer_was_lost_is_found_at_its_text(studio: Studio) -> None:
    text = studio.text()
    assert text.image is not None
    studio.half.delete_image(text.image.id)
    studio.fail({"kind": "drop_after", "method": "POST"})
    with pytest.raises(Exception, match="Apple"):
        studio.half.reserve_image(text.id, file_name="content-hash.png", file_size=9)
    found = studio.half.find_image(text.id)
    assert found is not None
    assert (found.file_name, found.state) == ("content-hash.png", ImageState.AWAITING_UPLOAD)
