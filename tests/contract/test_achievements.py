"""Achievements: the same promises over either generation."""

import pytest

from achievements_admin.appstore.errors import (
    Conflict,
    Duplicate,
    InvalidAttribute,
    InvalidState,
    NotFound,
    ServerError,
    Unreachable,
)
from achievements_admin.domain.achievement import VersionState

from .conftest import NEW, Studio


def test_what_was_created_is_read_back(studio: Studio) -> None:
    created = studio.half.create(studio.owner(), {**NEW, "activity_properties": {"level": "3"}})
    read = studio.half.get(created.id)
    assert (read.reference_name, read.vendor_identifier, read.points) == ("Fresh", "fresh", 10)
    assert (read.show_before_earned, read.repeatable, read.archived) == (True, False, False)
    assert read.activity_properties == {"level": "3"}
    assert read.owner == created.owner == studio.owner()
    assert studio.half.find(studio.owner(), "fresh") == studio.half.list(studio.owner())[-1]


def test_a_new_achievement_can_be_localized_at_once(studio: Studio) -> None:
    created = studio.half.create(studio.owner(), NEW)
    (version,) = created.versions or studio.half.list_versions(created.id)
    assert version.state == VersionState.PREPARE_FOR_SUBMISSION
    assert studio.half.list_localizations(version.id) == []


def test_a_list_shows_everything_in_one_request(studio: Studio) -> None:
    owner = studio.owner()
    with studio.store.counting() as requests:
        listed = studio.half.list(owner, with_texts=True)
    assert requests.count == 1
    assert [each.vendor_identifier for each in listed] == ["live", "draft_2", "draft_3"]
    assert [each.versions[-1].state for each in listed] == ["LIVE", "PREPARE_FOR_SUBMISSION", "PREPARE_FOR_SUBMISSION"]
    if not studio.half.can_version:
        assert [len(each.versions[0].localizations or ()) for each in listed] == [2, 2, 2]
        assert [len(each.releases) for each in listed] == [1, 0, 0]


def test_a_game_with_its_group_and_list_takes_two_requests(studio: Studio) -> None:
    app_id = studio.app_id("Member")
    with studio.store.counting() as requests:
        found = studio.store.get_detail(app_id)
        assert found is not None
        app, detail = found
        assert app is not None
        assert detail.group is not None
        listed = studio.half.list(studio.group())
    assert (app.name, app.detail_id, detail.app_id, detail.group.reference_name) == (
        "Member",
        detail.id,
        app_id,
        "Series",
    )
    assert [each.vendor_identifier for each in listed] == ["grp.achievement_001", "grp.achievement_002"]
    # One more for the group's identifier, which this test looks up.
    assert requests.count == 3


def test_an_edit_changes_what_is_given_and_nothing_else(studio: Studio) -> None:
    before = studio.find("draft_2")
    answer = studio.half.update(before.id, {"points": 50, "repeatable": True})
    after = studio.half.get(before.id)
    assert (after.points, after.repeatable) == (answer.points, answer.repeatable) == (50, True)
    assert (after.reference_name, after.show_before_earned) == (before.reference_name, before.show_before_earned)


def test_an_explicit_none_clears(studio: Studio) -> None:
    created = studio.half.create(studio.owner(), {**NEW, "activity_properties": {"level": "3"}})
    studio.half.update(created.id, {"activity_properties": None})
    assert studio.half.get(created.id).activity_properties == {}


def test_a_live_achievement_is_archived_and_brought_back(studio: Studio) -> None:
    live = studio.find("live")
    assert studio.half.update(live.id, {"archived": True}).archived
    assert not studio.half.update(live.id, {"archived": False}).archived


def test_a_live_achievement_is_not_deleted(studio: Studio) -> None:
    with pytest.raises(Conflict) as raised:
        studio.half.delete(studio.find("live").id)
    assert not raised.value.outcome_unknown


def test_points_of_a_live_achievement_are_frozen(studio: Studio) -> None:
    with pytest.raises(InvalidState) as raised:
        studio.half.update(studio.find("live").id, {"points": 99})
    assert "points" in raised.value.fields


def test_what_was_deleted_is_gone(studio: Studio) -> None:
    draft = studio.find("draft_3")
    studio.half.delete(draft.id)
    assert studio.half.find(studio.owner(), "draft_3") is None
    with pytest.raises(NotFound):
        studio.half.get(draft.id)
    with pytest.raises(NotFound):
        studio.half.delete(draft.id)


def test_a_used_identifier_is_a_duplicate(studio: Studio) -> None:
    with pytest.raises(Duplicate) as raised:
        studio.half.create(studio.owner(), {**NEW, "vendor_identifier": "live"})
    assert "vendor_identifier" in raised.value.fields


@pytest.mark.parametrize(
    ("attributes", "field"),
    [({"points": 101}, "points"), ({"points": -1}, "points"), ({"vendor_identifier": "x" * 101}, "vendor_identifier")],
)
def test_a_value_against_the_rules_is_told_by_field(studio: Studio, attributes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidAttribute) as raised:
        studio.half.create(studio.owner(), {**NEW, **attributes})
    assert field in raised.value.fields
    assert studio.half.find(studio.owner(), "fresh") is None


def test_a_missing_attribute_is_told_by_field(studio: Studio) -> None:
    with pytest.raises(InvalidAttribute) as raised:
        studio.half.create(studio.owner(), {name: value for name, value in NEW.items() if name != "points"})
    assert set(raised.value.fields) == {"points"}


def test_the_order_is_as_it_was_set(studio: Studio) -> None:
    owner = studio.owner()
    before = studio.half.get_order(owner)
    studio.half.set_order(owner, before[::-1])
    assert studio.half.get_order(owner) == before[::-1]
    assert [each.id for each in studio.half.list(owner)] == before[::-1]


def test_an_order_that_leaves_one_out_is_refused(studio: Studio) -> None:
    owner = studio.owner()
    with pytest.raises(Conflict):
        studio.half.set_order(owner, studio.half.get_order(owner)[1:])


def test_a_group_has_achievements_of_its_own(studio: Studio) -> None:
    group = studio.group()
    created = studio.half.create(group, {**NEW, "vendor_identifier": "grp.fresh"})
    assert studio.half.get(created.id).owner == group
    assert studio.half.get_order(group)[-1] == created.id
    assert studio.half.list(studio.owner("Member")) == []


def test_a_group_wants_its_prefix(studio: Studio) -> None:
    with pytest.raises(InvalidAttribute):
        studio.half.create(studio.group(), NEW)


@pytest.mark.parametrize(("fault", "error"), [("drop_after", Unreachable), ("500_applied", ServerError)])
def test_a_creation_whose_answer_was_lost_is_found_by_its_key(
    studio: Studio, fault: str, error: type[Exception]
) -> None:
    owner = studio.owner()
    studio.fail({"kind": fault, "method": "POST"})
    with pytest.raises(error) as raised:
        studio.half.create(owner, NEW)
    assert getattr(raised.value, "outcome_unknown", False)
    with studio.store.counting() as requests:
        assert studio.half.find(owner, "fresh") is not None
    assert requests.count == 1
    assert len([each for each in studio.apple.requests() if each["method"] == "POST"]) == 1


@pytest.mark.parametrize("fault", ["rubbish", "cut_body"])
def test_a_creation_whose_answer_is_broken_is_found_by_its_key(studio: Studio, fault: str) -> None:
    owner = studio.owner()
    studio.fail({"kind": fault, "method": "POST"})
    with pytest.raises(Exception, match="Apple") as raised:
        studio.half.create(owner, NEW)
    assert getattr(raised.value, "outcome_unknown", False)
    assert studio.half.find(owner, "fresh") is not None


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop_before", "cut_body", "rubbish", "401"])
def test_a_list_survives_one_fault(studio: Studio, fault: str) -> None:
    owner = studio.owner()
    studio.fail({"kind": fault, "nth": 1, "retry_after": 0})
    assert len(studio.half.list(owner)) == 3


@pytest.mark.parametrize("fault", ["429", "401"])
def test_a_creation_that_was_certainly_refused_is_sent_again(studio: Studio, fault: str) -> None:
    owner = studio.owner()
    studio.fail({"kind": fault, "method": "POST", "nth": 1, "retry_after": 0})
    assert studio.half.create(owner, NEW).vendor_identifier == "fresh"


def test_a_long_list_is_read_to_its_end(studio: Studio) -> None:
    studio.apple.control("rules", {"achievements_per_app": 300, "total_points_max": 9000})
    studio.apple.reset("big:230:1")
    owner = studio.owner("Big Game")
    with studio.store.counting() as requests:
        listed = studio.half.list(owner)
    assert (len(listed), requests.count) == (230, 2)
    assert len({each.id for each in listed}) == 230
    assert studio.half.get_order(owner) == [each.id for each in listed]
