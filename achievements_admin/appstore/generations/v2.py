"""Generation v2: an achievement has versions, which are reviewed and replace each other."""

from typing import Any

from achievements_admin.appstore import values
from achievements_admin.appstore.documents import PAGE, Document, Resource
from achievements_admin.domain.achievement import Achievement, Owner, Version

from .base import ACHIEVEMENTS, VERSIONS, Generation, linkage

# The only form of an identifier that Apple takes for a resource made in the same request.
INLINE = "${version}"


class V2(Generation):
    """`/v2/gameCenterAchievements`."""

    name = "v2"
    can_version = True
    can_release = False
    of_owner = "gameCenterAchievementsV2"
    included = ("versions",)
    text_parent = (VERSIONS, "version")
    image_of_text = "image"
    text_of_image = "localization"

    def list_versions(self, achievement_id: str) -> list[Version]:
        """All versions, the newest last, without texts."""
        pages = self._transport.get_pages(f"/v2/{ACHIEVEMENTS}/{achievement_id}/versions", {"limit": PAGE})
        return _in_order([values.version(each) for page in pages for each in page.resources])

    def create_version(self, achievement_id: str) -> Version:
        """Open a new version; it can never be deleted, only reviewed."""
        return values.version(self._post(VERSIONS, {}, {"achievement": linkage(ACHIEVEMENTS, achievement_id)}).resource)

    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        """A first version has to be made in the same request (schema GameCenterAchievementV2CreateRequest)."""
        version = {"type": VERSIONS, "id": INLINE}
        relationships = {**data["relationships"], "versions": {"data": [version]}}
        return {"data": {**data, "relationships": relationships}, "included": [version]}

    def _first_versions(self, created: Resource) -> tuple[Version, ...]:
        """A new achievement's version is its first and editable: its identifier is all that the answer need say."""
        return tuple(Version(id=each) for each in created.related_ids("versions") or ())

    def _achievement(
        self, document: Document, resource: Resource, *, owner: Owner | None, with_texts: bool = False
    ) -> Achievement:
        found = document.related(resource, "versions", VERSIONS)
        listed = self.list_versions(resource.id) if found is None else _in_order([values.version(v) for v in found])
        return values.achievement(resource, owner=owner, versions=tuple(listed))


def _in_order(versions: list[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.number)
