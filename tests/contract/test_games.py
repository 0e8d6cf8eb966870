"""Games and groups."""

import pytest

from achievements_admin.appstore.errors import AgreementMissing, Conflict, Forbidden, NotAuthorized, NotFound

from .conftest import NEW, Studio


def test_the_key_is_checked_with_one_request(studio: Studio) -> None:
    studio.store.check()
    assert studio.store.requests_sent == 1


def test_games_are_listed_with_game_center_on_or_off(studio: Studio) -> None:
    apps = {each.name: each for each in studio.store.list_apps()}
    assert set(apps) == {"Space", "Member", "Plain"}
    assert apps["Space"].detail_id == studio.owner().id
    assert apps["Plain"].detail_id == ""
    assert studio.store.get_app(apps["Space"].id) == apps["Space"]
    assert studio.store.list_apps(apps["Space"].id) == [apps["Space"]]


def test_game_center_is_turned_on_for_a_game(studio: Studio) -> None:
    app_id = studio.app_id("Plain")
    assert studio.store.get_detail(app_id) is None
    created = studio.store.create_detail(app_id)
    found = studio.store.get_detail(app_id)
    assert found is not None
    assert found[1] == created
    with pytest.raises(Conflict):
        studio.store.create_detail(app_id)


def test_game_center_is_switched_per_version_of_the_game(studio: Studio) -> None:
    app_id = studio.app_id("Space")
    versions = {each.version_string: each for each in studio.store.list_app_versions(app_id)}
    assert versions["1.0"].is_game_center_enabled
    assert not versions["2.0"].is_game_center_enabled
    attached = studio.store.attach_game_center(versions["2.0"])
    for is_enabled in (False, True):
        attached = studio.store.switch_game_center(attached, is_enabled=is_enabled)
        assert attached.is_game_center_enabled is is_enabled
        assert attached in studio.store.list_app_versions(app_id)


def test_a_group_is_made_renamed_joined_and_deleted(studio: Studio) -> None:
    store = studio.store
    group = store.create_group("Friends")
    assert store.rename_group(group.id, "Good Friends").reference_name == "Good Friends"
    owner = studio.owner()
    joined = store.join_group(owner.id, group.id)
    assert joined.group is not None
    assert joined.group.id == group.id
    assert store.get_group(group.id).detail_ids == (owner.id,)
    assert [(each.id, each.app_id) for each in store.list_group_details(group.id)] == [
        (owner.id, studio.app_id("Space"))
    ]
    empty = store.create_group("Nobody")
    store.delete_group(empty.id)
    with pytest.raises(NotFound):
        store.get_group(empty.id)
    assert {each.reference_name for each in store.list_groups()} == {"Series", "Good Friends"}


def test_an_achievement_is_mapped_onto_a_group_achievement(studio: Studio) -> None:
    store, half = studio.store, studio.half
    owner = studio.owner("Member")
    of_group = half.find(studio.group(), "grp.achievement_001")
    assert of_group is not None
    own = half.create(owner, NEW)
    assert store.get_group_achievement(own.id) == ""
    store.set_group_achievement(own.id, of_group.id)
    assert store.get_group_achievement(own.id) == of_group.id
    if not half.can_version:
        assert half.get(own.id).group_achievement_id == of_group.id


def test_progress_of_a_player_is_reported(studio: Studio) -> None:
    bundle_id = studio.store.get_app(studio.app_id("Space")).bundle_id
    progress = {"percentage_achieved": 50, "bundle_id": bundle_id, "scoped_player_id": "T:1", "pre_released": True}
    assert studio.store.submit_progress({**progress, "vendor_identifier": "live"})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"revoked": True}, NotAuthorized),
        ({"agreement": False}, AgreementMissing),
        ({"role": "CUSTOMER_SUPPORT"}, Forbidden),
    ],
)
def test_what_is_wrong_with_a_key_is_told(studio: Studio, change: dict[str, object], error: type[Exception]) -> None:
    studio.apple.control("keys", change)
    with pytest.raises(error) as raised:
        studio.store.create_group("Friends")
    assert type(raised.value) is error
