"""Generation v2: an achievement has versions, which are reviewed and replace each other."""

from typing import Any

from achievements_admin.domain.achievement import Version, VersionState

from ..documents import Resource
from .base import ACHIEVEMENTS, INCLUDED, PAGE, VERSIONS, Generation, linkage

# The only form of an identifier that Apple takes for a resource made in the same request.
INLINE = "${version}"


class V2(Generation):
    """`/v2/gameCenterAchievements`."""

    name = "v2"
    can_version = True
    can_release = False
    of_owner = "gameCenterAchievementsV2"
    list_query = {"include": "versions", "limit[versions]": INCLUDED}
    get_query = list_query
    text_parent = (VERSIONS, "version")
    texts_path = "/v2/gameCenterAchievementVersions/{}/localizations"
    image_of_text = "image"
    text_of_image = "localization"

    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        """A first version has to be made in the same request (schema GameCenterAchievementV2CreateRequest)."""
        data["relationships"]["versions"] = {"data": [{"type": VERSIONS, "id": INLINE}]}
        return {"data": data, "included": [{"type": VERSIONS, "id": INLINE}]}

    def _versions(self, resource: Resource, *, with_texts: bool) -> tuple[Version, ...]:
        if resource.is_cut("versions"):
            return tuple(self.list_versions(resource.id))
        return _in_order([_version(one) for one in resource.many("versions")])

    def list_versions(self, achievement_id: str) -> list[Version]:
        """All versions, the newest last; without texts."""
        path = f"/v2/{ACHIEVEMENTS}/{achievement_id}/versions"
        pages = self._transport.pages(path, {"limit": PAGE})
        return list(_in_order([_version(one) for document in pages for one in document]))

    def create_version(self, achievement_id: str) -> Version:
        """Open a new version; it can never be deleted, only reviewed."""
        relationships = {"achievement": linkage(ACHIEVEMENTS, achievement_id)}
        document = self._post(VERSIONS, {"data": {"type": VERSIONS, "relationships": relationships}})
        return _version(document.first)


def _version(resource: Resource) -> Version:
    state = resource.attributes.get("state") or VersionState.PREPARE_FOR_SUBMISSION
    return Version(id=resource.id, number=resource.attributes.get("version") or 1, state=VersionState(state))


def _in_order(versions: list[Version]) -> tuple[Version, ...]:
    return tuple(sorted(versions, key=lambda version: version.number))
