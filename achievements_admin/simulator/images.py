"""Images of both generations: reserved, committed, deleted (facts 8)."""

from typing import Any

from . import errors, localizations
from .bodies import Attribute, Link, Shape
from .calls import Answer, Call
from .errors import Refusal
from .progress import digest
from .records import Image, Localization, Version
from .schema import KINDS

_TYPE = "gameCenterAchievementImages"
_KNOWN = frozenset(KINDS[_TYPE].attributes)
_CREATE = {"fileSize": Attribute("integer", is_required=True), "fileName": Attribute("string", is_required=True)}
_PARENTS = {_TYPE: "gameCenterAchievementLocalization", f"{_TYPE}V2": "localization"}
_UPDATE = Shape(_TYPE, "UPDATE", {"uploaded": Attribute("boolean", is_nullable=True)}, {}, _KNOWN)


def reserve(kind: str) -> Any:
    """POST: a place for the bytes, and where to send them."""
    parent = _PARENTS[kind]
    shape = Shape(
        _TYPE, "CREATE", _CREATE, {parent: Link("gameCenterAchievementLocalizations", is_required=True)}, _KNOWN
    )

    def endpoint(call: Call) -> Answer:
        body = call.body(shape)
        localization = call.target(Localization, parent, body.links[parent])
        size, name = body.attributes["fileSize"], body.attributes["fileName"]
        if size <= 0 or (call.rules.image_bytes_max and size > call.rules.image_bytes_max):
            raise Refusal(errors.attribute_invalid("fileSize", f"{size} is not a valid file size"))
        if not name.lower().endswith((".png", ".jpg", ".jpeg")):
            raise Refusal(errors.attribute_invalid("fileName", "The file has to be a .png, .jpg or .jpeg"))
        _check_editable(call, localization, kind)
        if call.rules.second_image_refused and call.store.tables.image_of(localization.id) is not None:
            raise errors.already_exists("The given localization already has an image.")
        image = call.store.put(
            Image(
                id=call.store.new_id(),
                team=call.key.team,
                created=call.view.now,
                localization_id=localization.id,
                file_name=name,
                file_size=size,
            )
        )
        call.store.schedule(call.rules.reservation_seconds, "expire_reservation", image.id)
        return call.created(kind, image)

    return endpoint


def _check_editable(call: Call, localization: Localization, kind: str) -> None:
    version = call.found(Version, localization.version_id)
    localizations.check_editable(call, version, is_first_generation=not kind.endswith("V2"))


def commit(kind: str) -> Any:
    """PATCH {uploaded: true}: the bytes are there; processing begins."""

    def endpoint(call: Call) -> Answer:
        image = call.found(Image)
        if not call.body(_UPDATE).attributes.get("uploaded"):
            return call.updated(kind, image)
        title = f"{_TYPE} with id '{image.id}' is not in valid state."
        if image.state != "AWAITING_UPLOAD":
            raise errors.state_invalid(title, f"The image was already committed; it is {image.state}.")
        parts = call.store.parts.get(image.id, {})
        content = b"".join(parts[offset] for offset in sorted(parts))
        if len(content) != image.file_size and call.rules.commit_checks_bytes:
            text = f"{len(content)} of {image.file_size} bytes have been uploaded."
            raise errors.state_invalid(title, text)
        call.store.parts.pop(image.id, None)
        call.store.contents[image.id] = content
        image = call.store.change(image, state="UPLOAD_COMPLETE", content=image.id, sha256=digest(content))
        call.store.schedule(call.rules.image_processing_seconds, "process_image", image.id)
        return call.updated(kind, image)

    return endpoint


def delete(kind: str) -> Any:
    """DELETE: the way to replace an image is to delete it and to reserve another."""

    def endpoint(call: Call) -> Answer:
        image = call.found(Image)
        _check_editable(call, call.found(Localization, image.localization_id), kind)
        call.store.remove(image)
        return Answer(204)

    return endpoint
