"""Achievements over either generation of the API: everything that does not differ, and names for what does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from achievements_admin.domain.achievement import (
    Achievement,
    Image,
    ImageState,
    Localization,
    Owner,
    Release,
    Version,
)

from ..documents import Document, Resource
from ..errors import NotFound, Rubbish
from ..transport import Transport
from ..uploads import Operation

ACHIEVEMENTS = "gameCenterAchievements"
VERSIONS = "gameCenterAchievementVersions"
LOCALIZATIONS = "gameCenterAchievementLocalizations"
IMAGES = "gameCenterAchievementImages"
PAGE = 200
INCLUDED = 50
OWNERS = {"detail": ("gameCenterDetails", "gameCenterDetail"), "group": ("gameCenterGroups", "gameCenterGroup")}


class Generation(ABC):
    """One generation. `version` stands for the achievement itself where there are no versions."""

    name: ClassVar[str]
    can_version: ClassVar[bool]
    can_release: ClassVar[bool]
    # Relation under which an owner lists its achievements, and what such a list can include at no further cost.
    of_owner: ClassVar[str]
    list_query: ClassVar[Mapping[str, str | int]]
    get_query: ClassVar[Mapping[str, str | int]]
    # What texts hang on (type, relation, path of its list), and what an image is called there and back.
    text_parent: ClassVar[tuple[str, str]]
    texts_path: ClassVar[str]
    image_of_text: ClassVar[str]
    text_of_image: ClassVar[str]

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # --- achievements ---

    def list(self, owner: Owner, *, with_texts: bool = True) -> list[Achievement]:
        """All achievements of a game or group, in the order in which players see them; with their versions.

        One request per 200. Where the list can bring texts along (v1), `with_texts` asks for them.
        """
        path = f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/{self.of_owner}"
        query = {**(self.list_query if with_texts else self.get_query), "limit": PAGE}
        return [
            self._achievement(resource, owner=owner, with_texts=with_texts)
            for document in self._transport.pages(path, query)
            for resource in document
        ]

    def get(self, achievement_id: str) -> Achievement:
        """One achievement with its versions or releases, in one request."""
        document = self._transport.get(f"/{self.name}/{ACHIEVEMENTS}/{achievement_id}", self.get_query)
        return self._achievement(document.first, with_texts=False)

    def find(self, owner: Owner, vendor_identifier: str) -> Achievement | None:
        """Look an achievement up by its natural key; Apple can't filter by it, so this is a list."""
        found = self.list(owner, with_texts=False)
        return next((one for one in found if one.vendor_identifier == vendor_identifier), None)

    def create(self, owner: Owner, attributes: Mapping[str, Any]) -> Achievement:
        """Create an achievement; what is editable of it comes back as its version where Apple says so."""
        type_, relation = OWNERS[owner.kind]
        body = self._creation(
            {
                "type": ACHIEVEMENTS,
                "attributes": to_apple(attributes),
                "relationships": {relation: linkage(type_, owner.id)},
            }
        )
        return self._achievement(self._post(ACHIEVEMENTS, body).first, owner=owner, with_texts=False)

    def update(self, achievement_id: str, attributes: Mapping[str, Any]) -> Achievement:
        """Change attributes; what is not given stays, None clears."""
        document = self._patch(ACHIEVEMENTS, achievement_id, to_apple(attributes))
        return self._achievement(document.first, with_texts=False, is_bare=True)

    def delete(self, achievement_id: str) -> None:
        """Delete an achievement that has never been live."""
        self._transport.write("DELETE", f"/{self.name}/{ACHIEVEMENTS}/{achievement_id}")

    # --- texts ---

    def list_localizations(self, version_id: str, *, with_images: bool = True) -> "list[Localization]":
        """All texts of a version, with their images."""
        query: dict[str, str | int] = {"limit": PAGE}
        if with_images:
            query["include"] = self.image_of_text
        pages = self._transport.pages(self.texts_path.format(version_id), query)
        return [self._localization(resource) for document in pages for resource in document]

    def get_localization(self, localization_id: str) -> Localization:
        """One text with its image."""
        path = f"/{self.name}/{LOCALIZATIONS}/{localization_id}"
        return self._localization(self._transport.get(path, {"include": self.image_of_text}).first)

    def find_localization(self, version_id: str, locale: str) -> Localization | None:
        """Look a text up by its natural key."""
        return next((one for one in self.list_localizations(version_id) if one.locale == locale), None)

    def create_localization(self, version_id: str, *, locale: str, texts: Mapping[str, str]) -> Localization:
        """Add a language."""
        type_, relation = self.text_parent
        body = {
            "data": {
                "type": LOCALIZATIONS,
                "attributes": {"locale": locale, **to_apple(texts)},
                "relationships": {relation: linkage(type_, version_id)},
            }
        }
        return self._localization(self._post(LOCALIZATIONS, body).first)

    def update_localization(self, localization_id: str, texts: Mapping[str, str]) -> Localization:
        """Change texts; what is not given stays."""
        return self._localization(self._patch(LOCALIZATIONS, localization_id, to_apple(texts)).first)

    def delete_localization(self, localization_id: str) -> None:
        """Remove a language with its image."""
        self._transport.write("DELETE", f"/{self.name}/{LOCALIZATIONS}/{localization_id}")

    # --- images ---

    def reserve_image(
        self, localization_id: str, *, file_name: str, file_size: int
    ) -> "tuple[Image, list[Operation]]":
        """Reserve room for an image; returns it with the parts to upload."""
        body = {
            "data": {
                "type": IMAGES,
                "attributes": {"fileName": file_name, "fileSize": file_size},
                "relationships": {self.text_of_image: linkage(LOCALIZATIONS, localization_id)},
            }
        }
        resource = self._post(IMAGES, body).first
        operations = resource.attributes.get("uploadOperations") or []
        return self._image(resource), [Operation.from_apple(one) for one in operations]

    def commit_image(self, image_id: str) -> Image:
        """Say that all parts are there; Apple then looks at the picture."""
        return self._image(self._patch(IMAGES, image_id, {"uploaded": True}).first)

    def get_image(self, image_id: str) -> Image:
        """One image with its state."""
        return self._image(self._transport.get(f"/{self.name}/{IMAGES}/{image_id}").first)

    def find_image(self, localization_id: str) -> Image | None:
        """The image of a text, its natural key."""
        path = f"/{self.name}/{LOCALIZATIONS}/{localization_id}/{self.image_of_text}"
        try:
            found = self._transport.get(path).resources
        except NotFound:
            return None
        return self._image(found[0]) if found else None

    def delete_image(self, image_id: str) -> None:
        """Remove an image."""
        self._transport.write("DELETE", f"/{self.name}/{IMAGES}/{image_id}")

    # --- order ---

    def get_order(self, owner: Owner) -> "list[str]":
        """Identifiers in the order in which players see them."""
        return [resource.id for page in self._transport.pages(self._order_path(owner), {"limit": PAGE}) for resource in page]

    def set_order(self, owner: Owner, achievement_ids: "list[str]") -> None:
        """Replace the order; all identifiers must be there."""
        data = [{"type": ACHIEVEMENTS, "id": one} for one in achievement_ids]
        self._transport.write("PATCH", self._order_path(owner), {"data": data})

    def _order_path(self, owner: Owner) -> str:
        return f"/v1/{OWNERS[owner.kind][0]}/{owner.id}/relationships/{self.of_owner}"

    # --- what differs ---

    @abstractmethod
    def _creation(self, data: dict[str, Any]) -> dict[str, Any]:
        """The body that creates an achievement."""

    @abstractmethod
    def _versions(self, resource: Resource, *, with_texts: bool) -> tuple[Version, ...]:
        """The versions of an achievement, from what came with it."""

    def _releases(self, resource: Resource) -> tuple[Release, ...]:
        """The releases of an achievement; none where there are no releases."""
        return ()

    # --- shared ---

    def _post(self, type_: str, body: Mapping[str, Any]) -> Document:
        return answered(self._transport.write("POST", f"/{self.name}/{type_}", body))

    def _patch(self, type_: str, id_: str, attributes: Mapping[str, Any]) -> Document:
        body = {"data": {"type": type_, "id": id_, "attributes": dict(attributes)}}
        return answered(self._transport.write("PATCH", f"/{self.name}/{type_}/{id_}", body))

    def _achievement(
        self, resource: Resource, *, with_texts: bool, owner: Owner | None = None, is_bare: bool = False
    ) -> Achievement:
        """`is_bare`: the answer says nothing of versions and releases, so none are taken from it."""
        given = resource.attributes
        return Achievement(
            id=resource.id,
            reference_name=given.get("referenceName") or "",
            vendor_identifier=given.get("vendorIdentifier") or "",
            points=given.get("points") or 0,
            show_before_earned=bool(given.get("showBeforeEarned")),
            repeatable=bool(given.get("repeatable")),
            archived=bool(given.get("archived")),
            activity_properties=given.get("activityProperties") or {},
            owner=owner,
            group_achievement_id=resource.related_id("groupAchievement"),
            versions=() if is_bare else self._versions(resource, with_texts=with_texts),
            releases=() if is_bare else self._releases(resource),
        )

    def _localization(self, resource: Resource) -> Localization:
        given = resource.attributes
        image = resource.one(self.image_of_text)
        return Localization(
            id=resource.id,
            locale=given.get("locale") or "",
            name=given.get("name") or "",
            before_earned_description=given.get("beforeEarnedDescription") or "",
            after_earned_description=given.get("afterEarnedDescription") or "",
            image=self._image(image) if image else None,
        )

    def _image(self, resource: Resource) -> Image:
        given = resource.attributes
        delivery = given.get("assetDeliveryState") or {}
        asset = given.get("imageAsset") or {}
        state = delivery.get("state") or ImageState.AWAITING_UPLOAD
        errors = [str(one.get("description") or one.get("code") or "") for one in delivery.get("errors") or []]
        return Image(
            id=resource.id,
            file_name=given.get("fileName") or "",
            file_size=given.get("fileSize") or 0,
            state=ImageState(state),
            template_url=asset.get("templateUrl") or "",
            width=asset.get("width") or 0,
            height=asset.get("height") or 0,
            errors=tuple(errors),
        )


def to_apple(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes by Apple's names: `reference_name` becomes `referenceName`."""
    return {camel(name): value for name, value in attributes.items()}


def camel(name: str) -> str:
    """`vendor_identifier` as `vendorIdentifier`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def linkage(type_: str, id_: str) -> dict[str, Any]:
    """A to-one relationship."""
    return {"data": {"type": type_, "id": id_}}


def answered(document: Document | None) -> Document:
    """The document of an answer that must have one."""
    if document is None:
        raise Rubbish
    return document
