"""Achievements over either generation of the API: everything that does not differ, and names for what does."""

import builtins
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from achievements_admin.appstore import values
from achievements_admin.appstore.documents import INCLUDED, PAGE, Document, Resource
from achievements_admin.appstore.errors import NotFound, Unsupported
from achievements_admin.appstore.naming import apple_attributes
from achievements_admin.appstore.transport import Params, Transport
from achievements_admin.appstore.uploads import Operation
from achievements_admin.domain.achievement import Achievement, Image, Localization, Owner, Release, Version

ACHIEVEMENTS = "gameCenterAchievements"
VERSIONS = "gameCenterAchievementVersions"
LOCALIZATIONS = "gameCenterAchievementLocalizations"
IMAGES = "gameCenterAchievementImages"
# Type of an owner, and the relation from an achievement to it.
OWNERS = {"detail": ("gameCenterDetails", "gameCenterDetail"), "group": ("gameCenterGroups", "gameCenterGroup")}

NO_VERSIONS = "This game's achievements have no versions of their own: they are released with a version of the game."
NO_RELEASES = "This game's achievements are not released one by one: their versions are submitted for review."


class Generation(ABC):
    """One generation. A version stands for the achievement itself where there are no versions."""

    name: ClassVar[str]
    can_version: ClassVar[bool]
    can_release: ClassVar[bool]
    # Relation under which an owner lists its achievements.
    of_owner: ClassVar[str]
    # What reading an achievement brings along at no further cost, and what a list can bring of texts.
    included: ClassVar[tuple[str, ...]]
    included_texts: ClassVar[tuple[str, ...]] = ()
    # What texts hang on (type, relation), and what an image is called there and back.
    text_parent: ClassVar[tuple[str, str]]
    image_of_text: ClassVar[str]
    text_of_image: ClassVar[str]

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # --- achievements ---

    def list(self, owner: Owner, *, with_texts: bool = False) -> list[Achievement]:
        """All achievements of a game or group with their versions, in the order in which players see them.

        One request per 200. Where the list can bring texts along (v1), `with_texts` asks for them, without images;
        elsewhere they are read per version, and `Version.localizations` is None.
        """
        relations = self.included + (self.included_texts if with_texts else ())
        path = f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/{self.of_owner}"
        pages = self._transport.get_pages(path, {**_include(relations), "limit": PAGE})
        return [
            self._achievement(page, each, owner=owner, with_texts=with_texts)
            for page in pages
            for each in page.resources
        ]

    def get(self, achievement_id: str) -> Achievement:
        """One achievement with its owner, versions and releases, in one request."""
        relations = (*self.included, *(relation for _, relation in OWNERS.values()))
        document = self._transport.get(f"/{self.name}/{ACHIEVEMENTS}/{achievement_id}", _include(relations))
        owners = (
            Owner(kind, found)  # type: ignore[arg-type]  # the keys of OWNERS are the kinds
            for kind, (_, relation) in OWNERS.items()
            if (found := document.resource.related_id(relation))
        )
        return self._achievement(document, document.resource, owner=next(owners, None))

    def find(self, owner: Owner, vendor_identifier: str) -> Achievement | None:
        """Look an achievement up by its natural key; Apple can't filter by it, so this is a list."""
        return next((each for each in self.list(owner) if each.vendor_identifier == vendor_identifier), None)

    def create(self, owner: Owner, attributes: Mapping[str, Any]) -> Achievement:
        """Create an achievement; it comes with its version where Apple's answer names it, else with none."""
        kind, relation = OWNERS[owner.kind]
        data = {
            "type": ACHIEVEMENTS,
            "attributes": apple_attributes(attributes),
            "relationships": {relation: linkage(kind, owner.id)},
        }
        document = self._transport.post(f"/{self.name}/{ACHIEVEMENTS}", self._creation(data))
        versions = self._first_versions(document.resource)
        return values.achievement(document.resource, owner=owner, versions=versions)

    def update(self, achievement_id: str, attributes: Mapping[str, Any]) -> Achievement:
        """Change attributes; what is not given stays, None clears. The answer has no versions, releases or owner."""
        return values.achievement(self._patch(ACHIEVEMENTS, achievement_id, attributes).resource)

    def delete(self, achievement_id: str) -> None:
        """Delete an achievement that has never been live."""
        self._transport.delete(f"/{self.name}/{ACHIEVEMENTS}/{achievement_id}")

    # --- versions and releases: see `can_version` and `can_release` ---

    @abstractmethod
    def list_versions(self, achievement_id: str) -> builtins.list[Version]:
        """All versions, the newest last, without texts."""

    def create_version(self, achievement_id: str) -> Version:
        """Open a new version; raises Unsupported. It can never be deleted, only reviewed."""
        raise Unsupported(NO_VERSIONS)

    def list_releases(self, achievement_id: str) -> builtins.list[Release]:
        """The releases of an achievement, over all games that it belongs to; raises Unsupported."""
        raise Unsupported(NO_RELEASES)

    def list_releases_of(self, owner: Owner) -> builtins.list[Release]:
        """All releases of a game; raises Unsupported."""
        raise Unsupported(NO_RELEASES)

    def find_release(self, detail_id: str, achievement_id: str) -> Release | None:
        """Look a release up by its natural key; raises Unsupported."""
        raise Unsupported(NO_RELEASES)

    def create_release(self, detail_id: str, achievement_id: str) -> Release:
        """Attach an achievement to the next version of a game; raises Unsupported."""
        raise Unsupported(NO_RELEASES)

    def delete_release(self, release_id: str) -> None:
        """Detach an achievement that is not live yet; raises Unsupported."""
        raise Unsupported(NO_RELEASES)

    # --- texts ---

    def list_localizations(self, version_id: str, *, with_images: bool = True) -> builtins.list[Localization]:
        """All texts of a version, with their images."""
        include = _include((self.image_of_text,)) if with_images else {}
        path = f"/{self.name}/{self.text_parent[0]}/{version_id}/localizations"
        pages = self._transport.get_pages(path, {**include, "limit": PAGE})
        return [self._localization(page, each) for page in pages for each in page.resources]

    def get_localization(self, localization_id: str) -> Localization:
        """One text with its image."""
        path = f"/{self.name}/{LOCALIZATIONS}/{localization_id}"
        document = self._transport.get(path, _include((self.image_of_text,)))
        return self._localization(document, document.resource)

    def find_localization(self, version_id: str, locale: str) -> Localization | None:
        """Look a text with its image up by its natural key."""
        return next((each for each in self.list_localizations(version_id) if each.locale == locale), None)

    def create_localization(self, version_id: str, *, locale: str, texts: Mapping[str, str]) -> Localization:
        """Add a language."""
        kind, relation = self.text_parent
        attributes = apple_attributes({"locale": locale, **texts})
        document = self._post(LOCALIZATIONS, attributes, {relation: linkage(kind, version_id)})
        return self._localization(document, document.resource)

    def update_localization(self, localization_id: str, texts: Mapping[str, str]) -> Localization:
        """Change texts; what is not given stays. The answer says nothing of the image."""
        document = self._patch(LOCALIZATIONS, localization_id, texts)
        return self._localization(document, document.resource)

    def delete_localization(self, localization_id: str) -> None:
        """Remove a language with its image."""
        self._transport.delete(f"/{self.name}/{LOCALIZATIONS}/{localization_id}")

    # --- images ---

    def reserve_image(
        self, localization_id: str, *, file_name: str, file_size: int
    ) -> tuple[Image, builtins.list[Operation]]:
        """Reserve room for an image of `file_size` bytes; returns it with the parts to upload."""
        attributes = {"fileName": file_name, "fileSize": file_size}
        document = self._post(IMAGES, attributes, {self.text_of_image: linkage(LOCALIZATIONS, localization_id)})
        operations = document.resource.attributes.get("uploadOperations") or []
        return values.image(document.resource), [Operation.from_apple(each) for each in operations]

    def commit_image(self, image_id: str) -> Image:
        """Say that all parts are there; Apple then looks at the picture."""
        return values.image(self._patch(IMAGES, image_id, {"uploaded": True}).resource)

    def get_image(self, image_id: str) -> Image:
        """One image with its state."""
        return values.image(self._transport.get(f"/{self.name}/{IMAGES}/{image_id}").resource)

    def find_image(self, localization_id: str) -> Image | None:
        """The image of a text, its natural key."""
        try:
            document = self._transport.get(f"/{self.name}/{LOCALIZATIONS}/{localization_id}/{self.image_of_text}")
        except NotFound:
            return None
        return values.image(document.resource_or_none) if document.resource_or_none else None

    def delete_image(self, image_id: str) -> None:
        """Remove an image."""
        self._transport.delete(f"/{self.name}/{IMAGES}/{image_id}")

    # --- order ---

    def get_order(self, owner: Owner) -> builtins.list[str]:
        """Identifiers in the order in which players see them."""
        pages = self._transport.get_pages(self._order_path(owner), {"limit": PAGE})
        return [each.id for page in pages for each in page.resources]

    def set_order(self, owner: Owner, achievement_ids: Sequence[str]) -> None:
        """Replace the order; all identifiers must be there."""
        data = [{"type": ACHIEVEMENTS, "id": each} for each in achievement_ids]
        self._transport.patch(self._order_path(owner), {"data": data})

    def _order_path(self, owner: Owner) -> str:
        return f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/relationships/{self.of_owner}"

    # --- what differs ---

    @abstractmethod
    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        """The body that creates an achievement."""

    @abstractmethod
    def _first_versions(self, created: Resource) -> tuple[Version, ...]:
        """The version of an achievement just created, as far as the answer names it."""

    @abstractmethod
    def _achievement(
        self, document: Document, resource: Resource, *, owner: Owner | None, with_texts: bool = False
    ) -> Achievement:
        """An achievement with its versions and releases; reads the rest of those that an answer cut off."""

    # --- shared ---

    def _post(self, kind: str, attributes: Mapping[str, Any], relationships: Mapping[str, Any]) -> Document:
        data: dict[str, Any] = {"type": kind, "relationships": dict(relationships)}
        if attributes:
            data["attributes"] = dict(attributes)
        return self._transport.post(f"/{self.name}/{kind}", {"data": data})

    def _patch(self, kind: str, resource_id: str, attributes: Mapping[str, Any]) -> Document:
        body = {"data": {"type": kind, "id": resource_id, "attributes": apple_attributes(attributes)}}
        return self._transport.patch(f"/{self.name}/{kind}/{resource_id}", body)

    def _localization(self, document: Document, resource: Resource) -> Localization:
        image = document.included(IMAGES, resource.related_id(self.image_of_text))
        return values.localization(resource, image=values.image(image) if image else None)


def _include(relations: Iterable[str]) -> Params:
    """The parameters that include relations, to-many ones with as many as Apple allows."""
    named = tuple(relations)
    limits = {f"limit[{relation}]": INCLUDED for relation in named if relation in TO_MANY}
    return {"include": ",".join(named), **limits}


TO_MANY = frozenset({"versions", "localizations", "releases"})


def linkage(kind: str, resource_id: str) -> dict[str, Any]:
    """A to-one relationship."""
    return {"data": {"type": kind, "id": resource_id}}
