"""Generation v1 (deprecated): texts hang on the achievement itself, and releases make it live."""

from typing import Any

from achievements_admin.domain.achievement import Owner, Release, Version, VersionState

from ..documents import Resource
from .base import ACHIEVEMENTS, INCLUDED, OWNERS, PAGE, Generation, linkage

RELEASES = "gameCenterAchievementReleases"


class V1(Generation):
    """`/v1/gameCenterAchievements`."""

    name = "v1"
    can_version = False
    can_release = True
    of_owner = "gameCenterAchievements"
    list_query = {
        "include": "localizations,releases,groupAchievement",
        "limit[localizations]": INCLUDED,
        "limit[releases]": INCLUDED,
    }
    get_query = {"include": "releases,groupAchievement", "limit[releases]": INCLUDED}
    text_parent = (ACHIEVEMENTS, "gameCenterAchievement")
    texts_path = "/v1/gameCenterAchievements/{}/localizations"
    image_of_text = "gameCenterAchievementImage"
    text_of_image = "gameCenterAchievementLocalization"

    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"data": data}

    def _versions(self, resource: Resource, *, with_texts: bool) -> tuple[Version, ...]:
        """The achievement as its own only version; its state follows from the releases."""
        releases = self._releases(resource)
        if any(release.live for release in releases):
            state = VersionState.LIVE
        elif releases:
            state = VersionState.READY_FOR_REVIEW
        else:
            state = VersionState.PREPARE_FOR_SUBMISSION
        texts = None
        if with_texts:
            if resource.is_cut("localizations"):
                texts = tuple(self.list_localizations(resource.id, with_images=False))
            else:
                texts = tuple(self._localization(one) for one in resource.many("localizations"))
        return (Version(id=resource.id, number=1, state=state, localizations=texts),)

    def _releases(self, resource: Resource) -> tuple[Release, ...]:
        if resource.is_cut("releases"):
            return tuple(self.list_releases(resource.id))
        return tuple(self._release(one, achievement_id=resource.id) for one in resource.many("releases"))

    def _release(self, resource: Resource, *, achievement_id: str = "") -> Release:
        return Release(
            id=resource.id,
            live=bool(resource.attributes.get("live")),
            detail_id=resource.related_id("gameCenterDetail"),
            achievement_id=resource.related_id("gameCenterAchievement") or achievement_id,
        )

    def list_releases(self, achievement_id: str) -> list[Release]:
        """All releases of an achievement, over all games that it belongs to."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/releases"
        return self._list_releases(path, "gameCenterDetail,gameCenterAchievement")

    def list_releases_of(self, owner: Owner) -> list[Release]:
        """All releases of a game."""
        path = f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/achievementReleases"
        return self._list_releases(path, "gameCenterDetail,gameCenterAchievement")

    def _list_releases(self, path: str, include: str) -> list[Release]:
        pages = self._transport.pages(path, {"limit": PAGE, "include": include})
        return [self._release(resource) for document in pages for resource in document]

    def get_release(self, release_id: str) -> Release:
        """One release."""
        query = {"include": "gameCenterDetail,gameCenterAchievement"}
        return self._release(self._transport.get(f"/v1/{RELEASES}/{release_id}", query).first)

    def create_release(self, detail_id: str, achievement_id: str) -> Release:
        """Attach an achievement to the next version of a game."""
        relationships = {
            "gameCenterDetail": linkage("gameCenterDetails", detail_id),
            "gameCenterAchievement": linkage(ACHIEVEMENTS, achievement_id),
        }
        document = self._post(RELEASES, {"data": {"type": RELEASES, "relationships": relationships}})
        return self._release(document.first, achievement_id=achievement_id)

    def delete_release(self, release_id: str) -> None:
        """Detach an achievement that is not live yet."""
        self._transport.write("DELETE", f"/v1/{RELEASES}/{release_id}")


