"""One team's App Store Connect: games, groups, submissions, and the generation for achievements."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from achievements_admin.domain.achievement import App, AppVersion, Detail, Group, Submission, SubmissionItem

from . import values
from .documents import INCLUDED, PAGE, Document, Resource
from .errors import NotFound
from .generations import GENERATIONS
from .generations.base import ACHIEVEMENTS, VERSIONS, Generation, linkage
from .naming import apple_attributes
from .transport import Counter, Params, Transport

APPS = "apps"
DETAILS = "gameCenterDetails"
GROUPS = "gameCenterGroups"
STORE_VERSIONS = "appStoreVersions"
APP_VERSIONS = "gameCenterAppVersions"
SUBMISSIONS = "reviewSubmissions"
ITEMS = "reviewSubmissionItems"
PLAYER_SUBMISSIONS = "gameCenterPlayerAchievementSubmissions"
# Without these a game comes with some forty relationships of links.
APP_FIELDS = "bundleId,gameCenterDetail,name,primaryLocale,sku"
APP_QUERY: Params = {"fields[apps]": APP_FIELDS, "include": "gameCenterDetail"}
GROUP_QUERY: Params = {"include": DETAILS, f"limit[{DETAILS}]": INCLUDED}


class AppStore:
    """The client. Every method is one request, or one per page of a list."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def achievements(self, generation: str) -> Generation:
        """The half of the API that differs between generations ("v1", "v2")."""
        return GENERATIONS[generation](self._transport)

    @property
    def requests_sent(self) -> int:
        """How many requests were sent since the beginning, each attempt counted."""
        return self._transport.requests_sent

    def counting(self) -> AbstractContextManager[Counter]:
        """Count the requests of this context, and of threads that run in a copy of it."""
        return self._transport.counting()

    def check(self) -> None:
        """Ask for one game, to see whether the key is accepted."""
        self._transport.get(f"/v1/{APPS}", {"fields[apps]": "name", "limit": 1})

    # --- games ---

    def list_apps(self, app_id: str | None = None, *, with_details: bool = True) -> list[App]:
        """All games of the team, or the one, with their Game Center details."""
        query = {**(APP_QUERY if with_details else {"fields[apps]": APP_FIELDS}), "limit": PAGE}
        if app_id:
            query["filter[id]"] = app_id
        return [values.app(each) for each in self._list(f"/v1/{APPS}", query)]

    def get_app(self, app_id: str) -> App:
        """One game with its Game Center detail."""
        return values.app(self._transport.get(f"/v1/{APPS}/{app_id}", APP_QUERY).resource)

    def get_detail(self, app_id: str) -> tuple[App | None, Detail] | None:
        """A game with its Game Center detail and group, in one request; None where Game Center is off."""
        try:
            document = self._transport.get(f"/v1/{APPS}/{app_id}/gameCenterDetail", {"include": "app,gameCenterGroup"})
        except NotFound:
            return None
        found = document.resource_or_none
        if found is None:
            return None
        app = document.included(APPS, app_id)
        return (values.app(app, detail_id=found.id) if app else None), _detail(document, found, app_id=app_id)

    def create_detail(self, app_id: str) -> Detail:
        """Turn Game Center on for a game."""
        document = self._post(DETAILS, relationships={"app": linkage(APPS, app_id)})
        return _detail(document, document.resource, app_id=app_id)

    def join_group(self, detail_id: str, group_id: str) -> Detail:
        """Put a game into a group; Apple offers no way back."""
        document = self._patch(DETAILS, detail_id, relationships={"gameCenterGroup": linkage(GROUPS, group_id)})
        detail = _detail(document, document.resource)
        return detail if detail.group else replace(detail, group=Group(id=group_id, reference_name=""))

    def list_app_versions(self, app_id: str) -> list[AppVersion]:
        """The versions of a game, with whether Game Center is on for each."""
        query: Params = {"include": "gameCenterAppVersion", "limit": PAGE}
        pages = self._transport.get_pages(f"/v1/{APPS}/{app_id}/appStoreVersions", query)
        return [
            values.app_version(each, switch=page.included(APP_VERSIONS, each.related_id("gameCenterAppVersion")))
            for page in pages
            for each in page.resources
        ]

    def attach_game_center(self, app_version: AppVersion) -> AppVersion:
        """Attach Game Center to a version of a game; then it can be switched on and off."""
        document = self._post(APP_VERSIONS, relationships={"appStoreVersion": linkage(STORE_VERSIONS, app_version.id)})
        return _with_switch(app_version, document.resource)

    def switch_game_center(self, app_version: AppVersion, *, is_enabled: bool) -> AppVersion:
        """Switch Game Center on or off for a version to which it is attached."""
        document = self._patch(APP_VERSIONS, app_version.game_center_app_version_id, {"enabled": is_enabled})
        return _with_switch(app_version, document.resource)

    # --- groups ---

    def list_groups(self) -> list[Group]:
        """All groups of the team with the details in them."""
        return [self._group(each) for each in self._list(f"/v1/{GROUPS}", {**GROUP_QUERY, "limit": PAGE})]

    def get_group(self, group_id: str) -> Group:
        """One group with the details in it."""
        return self._group(self._transport.get(f"/v1/{GROUPS}/{group_id}", GROUP_QUERY).resource)

    def list_group_details(self, group_id: str) -> list[Detail]:
        """The Game Center details of a group's games, with the games' identifiers."""
        pages = self._transport.get_pages(f"/v1/{GROUPS}/{group_id}/{DETAILS}", {"include": "app", "limit": PAGE})
        return [_detail(page, each) for page in pages for each in page.resources]

    def create_group(self, reference_name: str) -> Group:
        """Make a group. It has no natural key: after an unknown outcome a person has to look."""
        return values.group(self._post(GROUPS, {"reference_name": reference_name}).resource)

    def rename_group(self, group_id: str, reference_name: str) -> Group:
        """Give a group another name; the answer says nothing of its details."""
        return values.group(self._patch(GROUPS, group_id, {"reference_name": reference_name}).resource)

    def delete_group(self, group_id: str) -> None:
        """Delete a group."""
        self._transport.delete(f"/v1/{GROUPS}/{group_id}")

    def _group(self, resource: Resource) -> Group:
        """A group with all its details, also those that the answer left out."""
        ids = resource.related_ids(DETAILS)
        if ids is None or len(ids) < (resource.related_total(DETAILS) or 0):
            linked = self._list(f"/v1/{GROUPS}/{resource.id}/relationships/{DETAILS}", {"limit": PAGE})
            ids = tuple(each.id for each in linked)
        return values.group(resource, detail_ids=ids)

    # The mapping onto a group achievement exists in v1 alone and serves achievements of both generations.

    def get_group_achievement(self, achievement_id: str) -> str:
        """Identifier of the group achievement that an achievement is mapped onto; empty where there is none."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/relationships/groupAchievement"
        try:
            found = self._transport.get(path).resource_or_none
        except NotFound:
            return ""
        return found.id if found else ""

    def set_group_achievement(self, achievement_id: str, group_achievement_id: str) -> None:
        """Map an achievement onto a group achievement; Apple offers no way back."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/relationships/groupAchievement"
        self._transport.patch(path, linkage(ACHIEVEMENTS, group_achievement_id))

    # --- review ---

    def list_submissions(self, app_id: str, *, platform: str = "", states: Iterable[str] = ()) -> list[Submission]:
        """The review submissions of a game, without their items: Apple includes those without what they are about."""
        filters = {"filter[app]": app_id, "filter[platform]": platform, "filter[state]": ",".join(states)}
        query: Params = {"limit": PAGE, **{name: value for name, value in filters.items() if value}}
        return [values.submission(each, app_id=app_id) for each in self._list(f"/v1/{SUBMISSIONS}", query)]

    def list_apps_in_review(self, states: Iterable[str]) -> dict[str, list[Submission]]:
        """Submissions in these states by game, made here or elsewhere: one request for 200 games."""
        wanted = tuple(states)
        query: Params = {
            "filter[reviewSubmissions.state]": ",".join(wanted),
            "fields[apps]": SUBMISSIONS,
            "include": SUBMISSIONS,
            f"limit[{SUBMISSIONS}]": INCLUDED,
            "limit": PAGE,
        }
        found: dict[str, list[Submission]] = {}
        for page in self._transport.get_pages(f"/v1/{APPS}", query):
            for app in page.resources:
                included = page.related(app, SUBMISSIONS, SUBMISSIONS)
                if included is None:
                    rest: Params = {"filter[state]": ",".join(wanted), "limit": PAGE}
                    included = self._list(f"/v1/{APPS}/{app.id}/{SUBMISSIONS}", rest)
                submissions = (values.submission(each, app_id=app.id) for each in included)
                found[app.id] = [each for each in submissions if each.state in wanted]
        return found

    def get_submission(self, submission_id: str) -> Submission:
        """One submission with the game that it belongs to."""
        return values.submission(self._transport.get(f"/v1/{SUBMISSIONS}/{submission_id}", {"include": "app"}).resource)

    def list_submission_items(self, submission_id: str) -> list[SubmissionItem]:
        """What a submission holds. No sparse fields: asking for the state alone would drop what it is about."""
        query: Params = {"include": "gameCenterAchievementVersion,appStoreVersion", "limit": PAGE}
        pages = self._transport.get_pages(f"/v1/{SUBMISSIONS}/{submission_id}/items", query)
        return [
            values.submission_item(
                each, reviewed=page.included(VERSIONS, each.related_id("gameCenterAchievementVersion"))
            )
            for page in pages
            for each in page.resources
        ]

    def create_submission(self, app_id: str, *, platform: str) -> Submission:
        """Open a draft submission."""
        document = self._post(SUBMISSIONS, {"platform": platform}, {"app": linkage(APPS, app_id)})
        return values.submission(document.resource, app_id=app_id)

    def add_submission_item(
        self, submission_id: str, *, version_id: str = "", app_version_id: str = ""
    ) -> SubmissionItem:
        """Put an achievement version, or a version of the game, into a draft submission."""
        thing = {"appStoreVersion": linkage(STORE_VERSIONS, app_version_id)}
        if version_id:
            thing = {"gameCenterAchievementVersion": linkage(VERSIONS, version_id)}
        document = self._post(ITEMS, relationships={"reviewSubmission": linkage(SUBMISSIONS, submission_id), **thing})
        return replace(values.submission_item(document.resource), version_id=version_id, app_version_id=app_version_id)

    def remove_submission_item(self, item_id: str) -> None:
        """Take something out of a draft submission."""
        self._transport.delete(f"/v1/{ITEMS}/{item_id}")

    def resolve_submission_item(self, item_id: str) -> SubmissionItem:
        """Say that what was rejected is mended."""
        return values.submission_item(self._patch(ITEMS, item_id, {"resolved": True}).resource)

    def withdraw_submission_item(self, item_id: str) -> SubmissionItem:
        """Take something out of a submission that was handed in."""
        return values.submission_item(self._patch(ITEMS, item_id, {"removed": True}).resource)

    def submit(self, submission_id: str) -> Submission:
        """Hand a draft in for review."""
        return values.submission(self._patch(SUBMISSIONS, submission_id, {"submitted": True}).resource)

    def cancel_submission(self, submission_id: str) -> Submission:
        """Ask Apple to cancel; that takes effect later."""
        return values.submission(self._patch(SUBMISSIONS, submission_id, {"canceled": True}).resource)

    # --- players ---

    def submit_progress(self, attributes: Mapping[str, Any]) -> str:
        """Report progress of a player; it is real, and has no natural key. Returns Apple's identifier.

        Needs `vendor_identifier`, `percentage_achieved`, `bundle_id`, `scoped_player_id`, and takes `pre_released`,
        `submitted_date`, `challenge_ids` (schema GameCenterPlayerAchievementSubmissionCreateRequest).
        """
        return self._post(PLAYER_SUBMISSIONS, attributes).resource.id

    # --- shared ---

    def _list(self, path: str, query: Params) -> list[Resource]:
        return [each for page in self._transport.get_pages(path, query) for each in page.resources]

    def _post(
        self, kind: str, attributes: Mapping[str, Any] | None = None, relationships: Mapping[str, Any] | None = None
    ) -> Document:
        return self._transport.post(f"/v1/{kind}", {"data": _data({"type": kind}, attributes, relationships)})

    def _patch(
        self,
        kind: str,
        resource_id: str,
        attributes: Mapping[str, Any] | None = None,
        relationships: Mapping[str, Any] | None = None,
    ) -> Document:
        data = _data({"type": kind, "id": resource_id}, attributes, relationships)
        return self._transport.patch(f"/v1/{kind}/{resource_id}", {"data": data})


def _detail(document: Document, resource: Resource, *, app_id: str = "") -> Detail:
    group = document.included(GROUPS, resource.related_id("gameCenterGroup"))
    return values.detail(resource, app_id=app_id, group=values.group(group) if group else None)


def _with_switch(app_version: AppVersion, switch: Resource) -> AppVersion:
    is_enabled = bool(switch.attributes.get("enabled"))
    return replace(app_version, game_center_app_version_id=switch.id, is_game_center_enabled=is_enabled)


def _data(
    data: Mapping[str, Any], attributes: Mapping[str, Any] | None, relationships: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The body's `data`; what is not given is left out."""
    parts = {"attributes": attributes and apple_attributes(attributes), "relationships": relationships}
    return {**data, **{name: part for name, part in parts.items() if part}}
