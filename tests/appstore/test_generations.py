"""What the two generations make of Apple's answers, in particular of those that leave something out."""

from typing import Any

import pytest

from achievements_admin.appstore.client import AppStore
from achievements_admin.appstore.errors import Rubbish, Unsupported
from achievements_admin.appstore.generations.base import Generation
from achievements_admin.appstore.transport import Transport
from achievements_admin.domain.achievement import Image, ImageState, Owner, Version, VersionState

from .conftest import Answer, ScriptedServer

GAME = Owner("detail", "D1")
GROUP = Owner("group", "G1")
ATTRIBUTES = {
    "referenceName": "First",
    "vendorIdentifier": "first",
    "points": 5,
    "showBeforeEarned": True,
    "repeatable": False,
    "archived": False,
    "activityProperties": {"level": "1"},
}


@pytest.fixture
def v1(transport: Transport) -> Generation:
    """The older generation."""
    return AppStore(transport).achievements("v1")


@pytest.fixture
def v2(transport: Transport) -> Generation:
    """The newer generation."""
    return AppStore(transport).achievements("v2")


def resource(kind: str, identifier: str, attributes: dict[str, Any] | None = None, **relations: Any) -> dict[str, Any]:
    """A resource; a relation is the list of identifiers it holds with its total, or one identifier."""
    return {"type": kind, "id": identifier, "attributes": attributes or {}, "relationships": relations}


def many(kind: str, *ids: str, total: int | None = None) -> dict[str, Any]:
    """A to-many relation with its total."""
    linked = [{"type": kind, "id": each} for each in ids]
    return {"data": linked, "meta": {"paging": {"total": len(ids) if total is None else total, "limit": 50}}}


def one(kind: str, identifier: str) -> dict[str, Any]:
    """A to-one relation."""
    return {"data": {"type": kind, "id": identifier}}


def achievement(**relations: Any) -> dict[str, Any]:
    """An achievement with relations."""
    return resource("gameCenterAchievements", "A1", ATTRIBUTES, **relations)


def version(identifier: str, number: int, state: str = "LIVE") -> dict[str, Any]:
    """A version."""
    return resource("gameCenterAchievementVersions", identifier, {"version": number, "state": state})


def text(identifier: str, locale: str, **relations: Any) -> dict[str, Any]:
    """A localization."""
    texts = {"name": "N", "beforeEarnedDescription": "B", "afterEarnedDescription": "A"}
    return resource("gameCenterAchievementLocalizations", identifier, {"locale": locale, **texts}, **relations)


def release(identifier: str, *, live: bool, **relations: Any) -> dict[str, Any]:
    """A release."""
    return resource("gameCenterAchievementReleases", identifier, {"live": live}, **relations)


VERSIONS, TEXTS, RELEASES = (
    "gameCenterAchievementVersions",
    "gameCenterAchievementLocalizations",
    "gameCenterAchievementReleases",
)


def page(data: list[dict[str, Any]], *included: dict[str, Any], **links: str) -> Answer:
    """A page of a list."""
    return Answer(body={"data": data, "included": list(included), "links": {"self": "/", **links}})


def test_a_v2_list_brings_versions_newest_last(server: ScriptedServer, v2: Generation) -> None:
    found = achievement(versions=many(VERSIONS, "V2", "V1"))
    server.script(page([found], version("V2", 2, "IN_REVIEW"), version("V1", 1)))
    (listed,) = v2.list(GAME)
    assert [(each.id, each.number, each.state) for each in listed.versions] == [
        ("V1", 1, VersionState.LIVE),
        ("V2", 2, VersionState.IN_REVIEW),
    ]
    assert (listed.reference_name, listed.points, listed.activity_properties) == ("First", 5, {"level": "1"})
    assert (listed.owner, listed.versions[0].localizations) == (GAME, None)
    expected = "/v1/gameCenterDetails/D1/gameCenterAchievementsV2?include=versions&limit%5Bversions%5D=50&limit=200"
    assert [each.path for each in server.received] == [expected]


def test_versions_that_a_list_left_out_are_read(server: ScriptedServer, v2: Generation) -> None:
    cut = achievement(versions=many(VERSIONS, "V1", total=51))
    rest = [version(f"V{number}", number) for number in range(1, 52)]
    server.script(page([cut], version("V1", 1)), page(rest))
    (listed,) = v2.list(GROUP)
    assert len(listed.versions) == 51
    assert [each.path.partition("?")[0] for each in server.received] == [
        "/v1/gameCenterGroups/G1/gameCenterAchievementsV2",
        "/v2/gameCenterAchievements/A1/versions",
    ]


def test_a_long_list_is_read_page_by_page(server: ScriptedServer, v2: Generation) -> None:
    following = f"{server.url}/v1/next?cursor=X"
    server.script(page([achievement(versions=many(VERSIONS))], next=following), page([]))
    assert len(v2.list(GAME)) == 1
    assert server.received[1].path == "/v1/next?cursor=X"


def test_a_v1_list_brings_texts_releases_and_mapping(server: ScriptedServer, v1: Generation) -> None:
    found = achievement(
        localizations=many(TEXTS, "L1"),
        releases=many(RELEASES, "R1"),
        groupAchievement=one("gameCenterAchievements", "B"),
    )
    server.script(page([found], text("L1", "en-US"), release("R1", live=False)))
    (listed,) = v1.list(GAME, with_texts=True)
    (only,) = listed.versions
    assert (only.id, only.number, only.state) == ("A1", 1, VersionState.READY_FOR_REVIEW)
    assert [each.locale for each in only.localizations or ()] == ["en-US"]
    assert [(each.id, each.detail_id, each.achievement_id) for each in listed.releases] == [("R1", "D1", "A1")]
    assert listed.group_achievement_id == "B"
    assert len(server.received) == 1


def test_texts_and_releases_that_a_v1_list_left_out_are_read(server: ScriptedServer, v1: Generation) -> None:
    cut = achievement(localizations=many(TEXTS, "L1", total=2), releases=many(RELEASES, total=1))
    live = release("R1", live=True, gameCenterDetail=one("gameCenterDetails", "D7"))
    server.script(page([cut], text("L1", "fi")), page([live]), page([text("L1", "fi"), text("L2", "sv")]))
    (listed,) = v1.list(GROUP, with_texts=True)
    assert [each.locale for each in listed.versions[0].localizations or ()] == ["fi", "sv"]
    assert listed.versions[0].state == VersionState.LIVE
    assert listed.releases[0].detail_id == "D7"


def test_a_v1_list_without_texts_does_not_ask_for_them(server: ScriptedServer, v1: Generation) -> None:
    server.script(page([achievement(releases=many(RELEASES))]))
    (listed,) = v1.list(GAME)
    assert "localizations" not in server.received[0].path
    assert listed.versions == (Version(id="A1"),)


@pytest.mark.parametrize(
    ("lives", "state"),
    [([], "PREPARE_FOR_SUBMISSION"), ([False], "READY_FOR_REVIEW"), ([False, True], "LIVE"), ([True], "LIVE")],
)
def test_a_v1_state_follows_from_the_releases(
    server: ScriptedServer, v1: Generation, lives: list[bool], state: str
) -> None:
    ids = [f"R{place}" for place in range(len(lives))]
    releases = [release(each, live=live) for each, live in zip(ids, lives, strict=True)]
    server.script(page([achievement(releases=many(RELEASES, *ids))], *releases))
    assert v1.list(GAME)[0].versions[0].state == state


@pytest.mark.parametrize(
    ("relation", "owner"),
    [
        ({"gameCenterDetail": one("gameCenterDetails", "D9")}, Owner("detail", "D9")),
        ({"gameCenterGroup": one("gameCenterGroups", "G9")}, Owner("group", "G9")),
        ({"gameCenterDetail": {"data": None}, "gameCenterGroup": {"links": {}}}, None),
    ],
)
def test_an_achievement_knows_its_owner(
    server: ScriptedServer, v2: Generation, relation: dict[str, Any], owner: Owner | None
) -> None:
    server.script(Answer(body={"data": achievement(versions=many(VERSIONS), **relation)}))
    assert v2.get("A1").owner == owner


@pytest.mark.parametrize(
    ("relations", "versions"),
    [
        ({"versions": {"data": [{"type": VERSIONS, "id": "V1"}]}}, (Version(id="V1"),)),
        ({"versions": {"links": {}}}, ()),
    ],
)
def test_a_new_v2_achievement_has_the_version_that_the_answer_names(
    server: ScriptedServer, v2: Generation, relations: dict[str, Any], versions: tuple[Version, ...]
) -> None:
    server.script(Answer(status=201, body={"data": achievement(**relations)}))
    created = v2.create(GAME, {"vendor_identifier": "first"})
    assert (created.versions, created.owner) == (versions, GAME)
    assert len(server.received) == 1


def test_an_explicit_none_is_sent_and_what_is_not_given_is_not(server: ScriptedServer, v2: Generation) -> None:
    server.script(Answer(body={"data": achievement()}))
    v2.update("A1", {"activity_properties": None, "show_before_earned": False})
    assert b'"attributes": {"activityProperties": null, "showBeforeEarned": false}' in server.received[0].body


def test_states_newer_than_this_program_are_taken_for_locked(server: ScriptedServer, v2: Generation) -> None:
    server.script(page([version("V1", 1, "SOMETHING_NEW")]))
    (found,) = v2.list_versions("A1")
    assert not found.state.is_editable
    assert found.state not in {VersionState.LIVE, VersionState.REPLACED_WITH_NEW_VERSION}


@pytest.mark.parametrize(
    ("attributes", "image"),
    [
        ({}, Image(id="I")),
        (
            {"assetDeliveryState": {"state": "COMPLETE", "errors": None}, "imageAsset": None, "uploadOperations": None},
            Image(id="I", state=ImageState.COMPLETE),
        ),
        (
            {"assetDeliveryState": {"state": "FAILED", "errors": [{"code": "C", "description": "Too small"}]}},
            Image(id="I", state=ImageState.FAILED, errors=("Too small",)),
        ),
        (
            {
                "fileName": "a.png",
                "fileSize": 9,
                "assetDeliveryState": {"state": "NEWER"},
                "imageAsset": {"templateUrl": "https://x/{w}x{h}bb.{f}", "width": 512, "height": 512},
            },
            Image(
                id="I",
                file_name="a.png",
                file_size=9,
                state=ImageState.UPLOAD_COMPLETE,
                template_url="https://x/{w}x{h}bb.{f}",
                width=512,
                height=512,
            ),
        ),
    ],
)
def test_an_image_is_read_whatever_is_null(
    server: ScriptedServer, v2: Generation, attributes: dict[str, Any], image: Image
) -> None:
    server.script(Answer(body={"data": resource("gameCenterAchievementImages", "I", attributes)}))
    assert v2.get_image("I") == image


@pytest.mark.parametrize("answer", [Answer(body={"data": None}), Answer(status=404, body={"errors": []})])
def test_a_text_without_image_has_none(server: ScriptedServer, v1: Generation, answer: Answer) -> None:
    server.script(answer)
    assert v1.find_image("L1") is None
    assert server.received[0].path == "/v1/gameCenterAchievementLocalizations/L1/gameCenterAchievementImage"


def test_a_created_thing_that_the_answer_does_not_show_is_rubbish(server: ScriptedServer, v2: Generation) -> None:
    server.script(Answer(status=201, body={"data": None}))
    with pytest.raises(Rubbish) as raised:
        v2.create_localization("V1", locale="fi", texts={"name": "N"})
    assert raised.value.outcome_unknown


def test_what_a_generation_can_not_do_is_said_without_a_request(
    server: ScriptedServer, v1: Generation, v2: Generation
) -> None:
    attempts = [
        lambda: v1.create_version("A1"),
        lambda: v2.create_release("D1", "A1"),
        lambda: v2.find_release("D1", "A1"),
        lambda: v2.list_releases("A1"),
        lambda: v2.list_releases_of(GAME),
        lambda: v2.delete_release("R1"),
    ]
    for attempt in attempts:
        with pytest.raises(Unsupported):
            attempt()
    assert server.received == []
    assert (v1.can_version, v1.can_release, v2.can_version, v2.can_release) == (False, True, True, False)
