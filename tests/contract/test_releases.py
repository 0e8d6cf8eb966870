"""How achievements reach players: releases where there are releases, submissions where there are versions."""

import pytest

from achievements_admin.appstore.errors import Conflict, InAnotherSubmission, InvalidState, ReviewRefused
from achievements_admin.domain.achievement import VersionState

from .conftest import NEW, TEXTS, Studio


def test_a_release_attaches_a_draft_and_can_be_taken_back(releasing: Studio) -> None:
    half, owner, draft = releasing.half, releasing.owner(), releasing.find("draft_2")
    assert half.find_release(owner.id, draft.id) is None
    release = half.create_release(owner.id, draft.id)
    assert (release.live, release.detail_id, release.achievement_id) == (False, owner.id, draft.id)
    assert half.find_release(owner.id, draft.id) == release
    assert half.list_releases(draft.id) == [release]
    assert release in half.list_releases_of(owner)
    (listed,) = [each for each in half.list(owner) if each.id == draft.id]
    assert listed.releases == (release,)
    assert listed.versions[0].state == VersionState.READY_FOR_REVIEW
    half.delete_release(release.id)
    assert half.get(draft.id).versions[0].state == VersionState.PREPARE_FOR_SUBMISSION


def test_a_second_release_is_refused(releasing: Studio) -> None:
    with pytest.raises(Conflict):
        releasing.half.create_release(releasing.owner().id, releasing.find("live").id)


def test_a_live_achievement_gets_a_new_version(versioning: Studio) -> None:
    live = versioning.find("live")
    version = versioning.half.create_version(live.id)
    assert (version.number, version.state) == (2, VersionState.PREPARE_FOR_SUBMISSION)
    assert [each.id for each in versioning.half.list_versions(live.id)] == [live.versions[0].id, version.id]
    assert versioning.half.get(live.id).versions[-1] == version
    with pytest.raises(Conflict):
        versioning.half.create_version(live.id)


def test_a_version_goes_through_review_until_it_is_live(versioning: Studio) -> None:
    store, app_id = versioning.store, versioning.app_id("Space")
    version_id = versioning.version_id(versioning.find("draft_2"))
    draft = store.create_submission(app_id, platform="IOS")
    assert (draft.state, draft.submitted, draft.app_id) == ("READY_FOR_REVIEW", "", app_id)
    assert store.list_submissions(app_id, platform="IOS", states=["READY_FOR_REVIEW"]) == [draft]
    item = store.add_submission_item(draft.id, version_id=version_id)
    (listed,) = store.list_submission_items(draft.id)
    assert (listed.id, listed.version_id) == (item.id, version_id)
    assert listed.version is not None
    assert listed.version.state == VersionState.READY_FOR_REVIEW
    assert store.submit(draft.id).state == "WAITING_FOR_REVIEW"
    assert store.get_submission(draft.id).submitted
    assert [each.id for each in store.list_apps_in_review(["WAITING_FOR_REVIEW"])[app_id]] == [draft.id]
    versioning.apple.control("clock", {"advance": 600})
    assert store.get_submission(draft.id).state == "COMPLETE"
    assert versioning.find("draft_2").versions[-1].state == VersionState.LIVE


def test_a_version_is_part_of_one_submission_at_a_time(versioning: Studio) -> None:
    store, app_id = versioning.store, versioning.app_id("Space")
    version_id = versioning.version_id(versioning.find("draft_2"))
    first, second = (store.create_submission(app_id, platform="IOS") for _ in range(2))
    item = store.add_submission_item(first.id, version_id=version_id)
    with pytest.raises(InAnotherSubmission):
        store.add_submission_item(second.id, version_id=version_id)
    store.remove_submission_item(item.id)
    assert store.add_submission_item(second.id, version_id=version_id).version_id == version_id


def test_a_version_without_image_is_refused_with_its_reasons(versioning: Studio) -> None:
    created = versioning.half.create(versioning.owner(), NEW)
    version_id = versioning.version_id(created)
    versioning.half.create_localization(version_id, locale="de-DE", texts=TEXTS)
    draft = versioning.store.create_submission(versioning.app_id("Space"), platform="IOS")
    with pytest.raises(ReviewRefused) as raised:
        versioning.store.add_submission_item(draft.id, version_id=version_id)
    assert any("image" in reason for reason in raised.value.reasons)


def test_a_submission_is_cancelled_and_its_version_editable_again(versioning: Studio) -> None:
    store = versioning.store
    found = versioning.find("draft_2")
    draft = store.create_submission(versioning.app_id("Space"), platform="IOS")
    item = store.add_submission_item(draft.id, version_id=versioning.version_id(found))
    store.submit(draft.id)
    with pytest.raises(InvalidState):
        store.remove_submission_item(item.id)
    with pytest.raises(Conflict):
        versioning.half.update_localization(versioning.text().id, {"name": "Late"})
    store.cancel_submission(draft.id)
    assert versioning.half.get(found.id).versions[-1].state == VersionState.DEVELOPER_REJECTED
    with pytest.raises(InvalidState):
        store.cancel_submission(draft.id)


def test_a_rejected_item_is_resolved_or_withdrawn(versioning: Studio) -> None:
    store = versioning.store
    draft = store.create_submission(versioning.app_id("Space"), platform="IOS")
    ids = [versioning.version_id(versioning.find(name)) for name in ("draft_2", "draft_3")]
    for version_id in ids:
        store.add_submission_item(draft.id, version_id=version_id)
    versioning.apple.control("review", {"reject": ids})
    store.submit(draft.id)
    versioning.apple.control("clock", {"advance": 600})
    assert store.get_submission(draft.id).state == "UNRESOLVED_ISSUES"
    first, second = store.list_submission_items(draft.id)
    assert (first.state, second.state) == ("REJECTED", "REJECTED")
    assert store.resolve_submission_item(first.id).state == "READY_FOR_REVIEW"
    assert store.withdraw_submission_item(second.id).state == "REMOVED"


def test_a_version_of_the_game_is_submitted_as_well(versioning: Studio) -> None:
    store, app_id = versioning.store, versioning.app_id("Space")
    app_version = next(each for each in store.list_app_versions(app_id) if each.version_string == "2.0")
    draft = store.create_submission(app_id, platform="IOS")
    assert store.add_submission_item(draft.id, app_version_id=app_version.id).app_version_id == app_version.id
    assert [each.app_version_id for each in store.list_submission_items(draft.id)] == [app_version.id]
