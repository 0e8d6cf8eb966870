"""Generation v1 (deprecated): texts hang on the achievement itself, and a release makes it live."""

from collections.abc import Iterable
from typing import Any

from achievements_admin.appstore import values
from achievements_admin.appstore.documents import PAGE, Document, Resource
from achievements_admin.domain.achievement import Achievement, Localization, Owner, Release, Version, VersionState

from .base import ACHIEVEMENTS, LOCALIZATIONS, OWNERS, Generation, linkage

RELEASES = "gameCenterAchievementReleases"


class V1(Generation):
    """`/v1/gameCenterAchievements`."""

    name = "v1"
    can_version = False
    can_release = True
    of_owner = "gameCenterAchievements"
    included = ("groupAchievement", "releases")
    included_texts = ("localizations",)
    text_parent = (ACHIEVEMENTS, "gameCenterAchievement")
    image_of_text = "gameCenterAchievementImage"
    text_of_image = "gameCenterAchievementLocalization"

    def list_versions(self, achievement_id: str) -> list[Version]:
        """The achievement as its own only version."""
        return [*self.get(achievement_id).versions]

    def list_releases(self, achievement_id: str) -> list[Release]:
        """The releases of an achievement, over all games that it belongs to."""
        pages = self._transport.get_pages(
            f"/v1/{ACHIEVEMENTS}/{achievement_id}/releases", {"include": "gameCenterDetail", "limit": PAGE}
        )
        return [values.release(each, achievement_id=achievement_id) for page in pages for each in page.resources]

    def list_releases_of(self, owner: Owner) -> list[Release]:
        """All releases of a game."""
        path = f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/achievementReleases"
        pages = self._transport.get_pages(path, {"include": "gameCenterAchievement", "limit": PAGE})
        return [values.release(each, detail_id=owner.id) for page in pages for each in page.resources]

    def find_release(self, detail_id: str, achievement_id: str) -> Release | None:
        """Look a release up by its natural key."""
        path = f"/v1/{ACHIEVEMENTS}/{achievement_id}/releases"
        document = self._transport.get(path, {"filter[gameCenterDetail]": detail_id, "limit": PAGE})
        found = next(iter(document.resources), None)
        return values.release(found, detail_id=detail_id, achievement_id=achievement_id) if found else None

    def create_release(self, detail_id: str, achievement_id: str) -> Release:
        """Attach an achievement to the next version of a game."""
        relationships = {
            "gameCenterDetail": linkage("gameCenterDetails", detail_id),
            "gameCenterAchievement": linkage(ACHIEVEMENTS, achievement_id),
        }
        created = self._post(RELEASES, {}, relationships).resource
        return values.release(created, detail_id=detail_id, achievement_id=achievement_id)

    def delete_release(self, release_id: str) -> None:
        """Detach an achievement that is not live yet."""
        self._transport.delete(f"/v1/{RELEASES}/{release_id}")

    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"data": data}

    def _first_versions(self, created: Resource) -> tuple[Version, ...]:
        return (_version(created, (), texts=()),)

    def _achievement(
        self, document: Document, resource: Resource, *, owner: Owner | None, with_texts: bool = False
    ) -> Achievement:
        releases = self._releases(document, resource, owner)
        version = _version(resource, releases, texts=self._texts(document, resource) if with_texts else None)
        return values.achievement(resource, owner=owner, versions=(version,), releases=releases)

    def _releases(self, document: Document, resource: Resource, owner: Owner | None) -> tuple[Release, ...]:
        found = document.related(resource, "releases", RELEASES)
        if found is None:
            return tuple(self.list_releases(resource.id))
        # Releases of a game's own achievement are that game's.
        detail_id = owner.id if owner and owner.kind == "detail" else ""
        return tuple(values.release(each, detail_id=detail_id, achievement_id=resource.id) for each in found)

    def _texts(self, document: Document, resource: Resource) -> tuple[Localization, ...]:
        found = document.related(resource, "localizations", LOCALIZATIONS)
        if found is None:
            return tuple(self.list_localizations(resource.id, with_images=False))
        return tuple(values.localization(each) for each in found)


def _version(resource: Resource, releases: Iterable[Release], *, texts: tuple[Localization, ...] | None) -> Version:
    """The achievement as its own only version, whose state follows from its releases."""
    lives = [release.live for release in releases]
    state = VersionState.PREPARE_FOR_SUBMISSION
    if lives:
        state = VersionState.LIVE if any(lives) else VersionState.READY_FOR_REVIEW
    return Version(id=resource.id, state=state, localizations=texts)
