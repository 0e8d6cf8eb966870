"""One team's App Store Connect: games, groups, submissions, and the generation for achievements."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from achievements_admin.domain.achievement import (
    App,
    AppVersion,
    Detail,
    Group,
    Submission,
    SubmissionItem,
)

from .documents import Document, Resource
from .errors import NotFound
from .generations import GENERATIONS
from .generations.base import ACHIEVEMENTS, INCLUDED, PAGE, VERSIONS, Generation, answered, camel, linkage
from .transport import Count, Transport

DETAILS = "gameCenterDetails"
GROUPS = "gameCenterGroups"
APP_VERSIONS = "gameCenterAppVersions"
SUBMISSIONS = "reviewSubmissions"
ITEMS = "reviewSubmissionItems"
PLAYER_SUBMISSIONS = "gameCenterPlayerAchievementSubmissions"


class AppStore:
    """The client. Every method is one request, or one per page of a list."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def achievements(self, generation: str) -> Generation:
        """The half of the API that differs between generations."""
        return GENERATIONS[generation](self._transport)

    def counting(self) -> AbstractContextManager[Count]:
        """Count the requests that leave meanwhile."""
        return self._transport.counting()

    # --- games ---

    def check(self) -> None:
        """Ask for one game, to see whether the key is accepted."""
        self._transport.get("/v1/apps", {"limit": 1})

    def list_apps(self) -> list[App]:
        """All games of the team with their Game Center details."""
        query = {"include": "gameCenterDetail", "limit": PAGE}
        return [_app(one) for document in self._transport.pages("/v1/apps", query) for one in document]

    def list_apps_in_review(self, states: Iterable[str]) -> dict[str, list[Submission]]:
        """Submissions in these states by game, made here or elsewhere: one request for 200 games."""
        query = {
            "filter[reviewSubmissions.state]": ",".join(states),
            "include": "reviewSubmissions",
            "limit[reviewSubmissions]": INCLUDED,
            "limit": PAGE,
        }
        return {
            app.id: [_submission(one, app_id=app.id) for one in app.many("reviewSubmissions")]
            for document in self._transport.pages("/v1/apps", query)
            for app in document
        }

    def get_app(self, app_id: str) -> App:
        """One game with its Game Center detail."""
        return _app(self._transport.get(f"/v1/apps/{app_id}", {"include": "gameCenterDetail"}).first)

    def get_detail(self, app_id: str) -> tuple[App | None, Detail] | None:
        """A game with its Game Center detail and group in one request; None where Game Center is off."""
        try:
            document = self._transport.get(f"/v1/apps/{app_id}/gameCenterDetail", {"include": "app,gameCenterGroup"})
        except NotFound:
            return None
        if not document.resources:
            return None
        app = document.first.one("app")
        return (_app(app, detail_id=document.first.id) if app else None), _detail(document.first, app_id=app_id)

    def create_detail(self, app_id: str) -> Detail:
        """Turn Game Center on for a game."""
        return _detail(self._post(DETAILS, relationships={"app": linkage("apps", app_id)}).first, app_id=app_id)

    def join_group(self, detail_id: str, group_id: str) -> Detail:
        """Put a game into a group; Apple offers no way back."""
        body = {"data": {"type": DETAILS, "id": detail_id, "relationships": {"gameCenterGroup": linkage(GROUPS, group_id)}}}
        return _detail(answered(self._transport.write("PATCH", f"/v1/{DETAILS}/{detail_id}", body)).first)

    def list_app_versions(self, app_id: str) -> list[AppVersion]:
        """The versions of a game, with whether Game Center is on for each."""
        query = {"include": "gameCenterAppVersion", "limit": PAGE}
        pages = self._transport.pages(f"/v1/apps/{app_id}/appStoreVersions", query)
        return [_app_version(one) for document in pages for one in document]

    def enable_game_center(self, app_version_id: str) -> str:
        """Attach Game Center to a version of a game; returns the identifier of the attachment."""
        return self._post(APP_VERSIONS, relationships={"appStoreVersion": linkage("appStoreVersions", app_version_id)}).first.id

    def switch_game_center(self, game_center_app_version_id: str, *, is_enabled: bool) -> None:
        """Switch Game Center on or off for a version to which it is attached."""
        self._patch(APP_VERSIONS, game_center_app_version_id, {"enabled": is_enabled})

    # --- groups ---

    def list_groups(self) -> list[Group]:
        """All groups of the team with the details in them."""
        query = {"include": "gameCenterDetails", "limit[gameCenterDetails]": INCLUDED, "limit": PAGE}
        return [self._group(one) for document in self._transport.pages(f"/v1/{GROUPS}", query) for one in document]

    def get_group(self, group_id: str) -> Group:
        """One group with the details in it."""
        query = {"include": "gameCenterDetails", "limit[gameCenterDetails]": INCLUDED}
        return self._group(self._transport.get(f"/v1/{GROUPS}/{group_id}", query).first)

    def create_group(self, reference_name: str) -> Group:
        """Make a group. It has no natural key: after an unknown outcome a person has to look."""
        return self._group(self._post(GROUPS, attributes={"referenceName": reference_name}).first)

    def rename_group(self, group_id: str, reference_name: str) -> Group:
        """Give a group another name."""
        return self._group(self._patch(GROUPS, group_id, {"referenceName": reference_name}).first)

    def delete_group(self, group_id: str) -> None:
        """Delete a group."""
        self._transport.write("DELETE", f"/v1/{GROUPS}/{group_id}")

    def _group(self, resource: Resource) -> Group:
        detail_ids = resource.related_ids("gameCenterDetails")
        if resource.is_cut("gameCenterDetails"):
            path = f"/v1/{GROUPS}/{resource.id}/relationships/gameCenterDetails"
            detail_ids = [one.id for page in self._transport.pages(path, {"limit": PAGE}) for one in page]
        return Group(
            id=resource.id,
            reference_name=resource.attributes.get("referenceName") or "",
            detail_ids=tuple(detail_ids),
        )

    # The mapping onto a group achievement exists in v1 alone and serves achievements of both generations.

    def get_group_achievement(self, achievement_id: str) -> str:
        """Identifier of the group achievement that an achievement is mapped onto; empty where there is none."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/relationships/groupAchievement"
        try:
            found = self._transport.get(path).resources
        except NotFound:
            return ""
        return found[0].id if found else ""

    def set_group_achievement(self, achievement_id: str, group_achievement_id: str) -> None:
        """Map an achievement onto a group achievement; Apple offers no way back."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/relationships/groupAchievement"
        self._transport.write("PATCH", path, linkage(ACHIEVEMENTS, group_achievement_id))

    # --- review ---

    def list_submissions(self, app_id: str, *, platform: str = "", states: Iterable[str] = ()) -> list[Submission]:
        """The review submissions of a game, with their items."""
        query: dict[str, str | int] = {"filter[app]": app_id, "include": "items", "limit[items]": INCLUDED, "limit": PAGE}
        if platform:
            query["filter[platform]"] = platform
        if wanted := ",".join(states):
            query["filter[state]"] = wanted
        pages = self._transport.pages(f"/v1/{SUBMISSIONS}", query)
        return [_submission(one, app_id=app_id) for document in pages for one in document]

    def get_submission(self, submission_id: str) -> Submission:
        """One submission with the game that it belongs to."""
        return _submission(self._transport.get(f"/v1/{SUBMISSIONS}/{submission_id}", {"include": "app"}).first)

    def list_submission_items(self, submission_id: str) -> list[SubmissionItem]:
        """What a submission holds. No sparse fields: asking for the state alone would drop what it is about."""
        query = {"include": "gameCenterAchievementVersion,appStoreVersion", "limit": PAGE}
        pages = self._transport.pages(f"/v1/{SUBMISSIONS}/{submission_id}/items", query)
        return [_item(one) for document in pages for one in document]

    def create_submission(self, app_id: str, *, platform: str) -> Submission:
        """Open a draft submission."""
        document = self._post(
            SUBMISSIONS, attributes={"platform": platform}, relationships={"app": linkage("apps", app_id)}
        )
        return _submission(document.first, app_id=app_id)

    def add_submission_item(self, submission_id: str, *, version_id: str = "", app_version_id: str = "") -> SubmissionItem:
        """Put an achievement version, or a version of the game, into a draft submission."""
        thing = (
            {"gameCenterAchievementVersion": linkage(VERSIONS, version_id)}
            if version_id
            else {"appStoreVersion": linkage("appStoreVersions", app_version_id)}
        )
        relationships = {"reviewSubmission": linkage(SUBMISSIONS, submission_id), **thing}
        return _item(self._post(ITEMS, relationships=relationships).first)

    def remove_submission_item(self, item_id: str) -> None:
        """Take something out of a draft submission."""
        self._transport.write("DELETE", f"/v1/{ITEMS}/{item_id}")

    def resolve_submission_item(self, item_id: str) -> SubmissionItem:
        """Say that what was rejected is mended."""
        return _item(self._patch(ITEMS, item_id, {"resolved": True}).first)

    def withdraw_submission_item(self, item_id: str) -> SubmissionItem:
        """Take something out of a submission that was handed in."""
        return _item(self._patch(ITEMS, item_id, {"removed": True}).first)

    def submit(self, submission_id: str) -> Submission:
        """Hand a draft in for review."""
        return _submission(self._patch(SUBMISSIONS, submission_id, {"submitted": True}).first)

    def cancel_submission(self, submission_id: str) -> Submission:
        """Ask Apple to cancel; that takes effect later."""
        return _submission(self._patch(SUBMISSIONS, submission_id, {"canceled": True}).first)

    # --- players ---

    def submit_progress(self, attributes: Mapping[str, Any]) -> str:
        """Report progress of a player: `vendor_identifier`, `percentage_achieved`, `bundle_id`, `scoped_player_id`,
        and optionally `pre_released`, `submitted_date`, `challenge_ids`. It is real, and has no natural key."""
        return self._post(PLAYER_SUBMISSIONS, attributes={camel(name): value for name, value in attributes.items()}).first.id

    def _post(
        self, type_: str, *, attributes: Mapping[str, Any] | None = None, relationships: Mapping[str, Any] | None = None
    ) -> Document:
        data: dict[str, Any] = {"type": type_}
        if attributes:
            data["attributes"] = dict(attributes)
        if relationships:
            data["relationships"] = dict(relationships)
        return answered(self._transport.write("POST", f"/v1/{type_}", {"data": data}))

    def _patch(self, type_: str, id_: str, attributes: Mapping[str, Any]) -> Document:
        body = {"data": {"type": type_, "id": id_, "attributes": dict(attributes)}}
        return answered(self._transport.write("PATCH", f"/v1/{type_}/{id_}", body))


def _app(resource: Resource, *, detail_id: str = "") -> App:
    given = resource.attributes
    return App(
        id=resource.id,
        name=given.get("name") or "",
        bundle_id=given.get("bundleId") or "",
        sku=given.get("sku") or "",
        primary_locale=given.get("primaryLocale") or "",
        detail_id=resource.related_id("gameCenterDetail") or detail_id,
    )


def _detail(resource: Resource, *, app_id: str = "") -> Detail:
    group = resource.one("gameCenterGroup")
    return Detail(
        id=resource.id,
        app_id=resource.related_id("app") or app_id,
        group=Group(id=group.id, reference_name=group.attributes.get("referenceName") or "") if group else None,
        arcade_enabled=bool(resource.attributes.get("arcadeEnabled")),
    )


def _app_version(resource: Resource) -> AppVersion:
    attached = resource.one("gameCenterAppVersion")
    given = resource.attributes
    return AppVersion(
        id=resource.id,
        platform=given.get("platform") or "",
        version_string=given.get("versionString") or "",
        state=given.get("appVersionState") or given.get("appStoreState") or "",
        game_center_app_version_id=attached.id if attached else "",
        is_game_center_enabled=bool(attached and attached.attributes.get("enabled")),
    )


def _submission(resource: Resource, *, app_id: str = "") -> Submission:
    given = resource.attributes
    items = resource.many("items")
    return Submission(
        id=resource.id,
        app_id=resource.related_id("app") or app_id,
        platform=given.get("platform") or "",
        state=given.get("state") or "",
        submitted=given.get("submittedDate") or "",
        items=tuple(_item(one) for one in items) if items else None,
    )


def _item(resource: Resource) -> SubmissionItem:
    return SubmissionItem(
        id=resource.id,
        state=resource.attributes.get("state") or "",
        version_id=resource.related_id("gameCenterAchievementVersion"),
        app_version_id=resource.related_id("appStoreVersion"),
    )
