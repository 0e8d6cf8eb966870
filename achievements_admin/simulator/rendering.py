"""Records as JSON:API documents: sparse fieldsets, links, includes with their caps, and pages (facts 5, 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Refusal, parameter_invalid
from .queries import Query, cursor, split
from .records import Image
from .schema import KINDS, Kind, Relation, View

Json = dict[str, Any]


@dataclass(slots=True)
class Document:
    """A document in the making: included resources are collected once each."""

    view: View
    query: Query
    included: dict[tuple[str, str], Json] = field(default_factory=dict)

    def resource(self, kind: Kind, record: Any, *, is_primary: bool = True) -> Json:
        """One resource; only a primary one shows included relationships."""
        wanted = self.query.fields.get(kind.type)
        attributes = image_attributes(self.view, record) if isinstance(record, Image) else record.attributes()
        if wanted is not None:
            attributes = {name: value for name, value in attributes.items() if name in wanted}
        if not self.view.rules.nulls_for_empty:
            # [S] no attribute is nullable, so that what is not there is left out, unless the rule says otherwise [R].
            attributes = {name: value for name, value in attributes.items() if value is not None}
        href = f"{self.view.base}{kind.path}/{record.id}"
        relationships: Json = {}
        for relation in kind.relations.values():
            is_included = is_primary and relation.name in self.query.includes
            is_wanted = wanted is None or relation.name in wanted
            if is_wanted or is_included:
                shown = self._relationship(relation, record, href, is_included=is_included)
                if shown and is_wanted:
                    relationships[relation.name] = shown
        entry: Json = {"type": kind.type, "id": record.id}
        if attributes:
            entry["attributes"] = attributes
        if relationships:
            entry["relationships"] = relationships
        entry["links"] = {"self": href}
        return entry

    def _relationship(self, relation: Relation, record: Any, href: str, *, is_included: bool) -> Json:
        shown: Json = {}
        if is_included:
            targets = relation.targets(self.view, record)
            limit = self.query.included_limit(relation.name)
            if relation.many:
                shown["meta"] = {"paging": {"total": len(targets), "limit": limit}}
                shown["data"] = [self._linkage(relation, one) for one in targets[:limit]]
            elif targets:
                shown["data"] = self._linkage(relation, targets[0])
            elif self.view.rules.nulls_for_empty:
                shown["data"] = None
        if relation.linked:
            shown["links"] = {
                "self": f"{href}/relationships/{relation.name}",
                "related": f"{href}/{relation.name}",
            }
        return shown

    def _linkage(self, relation: Relation, identifier: str) -> Json:
        target = KINDS[relation.target]
        key = (target.type, identifier)
        if key not in self.included:
            record = self.view.tables.rows[target.table][identifier]
            self.included[key] = self.resource(target, record, is_primary=False)
        return {"type": target.type, "id": identifier}

    def _finish(self, body: Json) -> Json:
        if self.query.includes:
            body["included"] = list(self.included.values())
        return body

    def single(self, kind: Kind, record: Any, self_link: str) -> Json:
        """A document of one resource."""
        return self._finish({"data": self.resource(kind, record), "links": {"self": self_link}})

    def page(self, kind: Kind, identifiers: Sequence[str], path: str, text: str) -> Json:
        """A page of a list; `path` and `text` are the request's path and query string."""
        rows = self.view.tables.rows[kind.table]
        shown, links, meta = paged(self.view, self.query, identifiers, path, text)
        entries = [self.resource(kind, rows[one]) for one in shown]
        return self._finish({"data": entries, "links": links, "meta": meta})


def paged(
    view: View, query: Query, identifiers: Sequence[str], path: str, text: str
) -> tuple[Sequence[str], Json, Json]:
    """The identifiers of the page, its links and its meta. A cursor stays good when entries before it go away."""
    start = query.offset
    if query.after:
        if query.after in identifiers:
            start = identifiers.index(query.after) + 1
        elif start > len(identifiers):
            raise Refusal(parameter_invalid("cursor", "The cursor is not valid for this request"))
    shown = identifiers[start : start + query.limit]
    here = f"{view.base}{path}" + (f"?{text}" if text else "")
    links = {"self": here}
    meta: Json = {"paging": {"total": len(identifiers), "limit": query.limit}}
    others = [part for part in text.split("&") if part and split(part)[0][0] != "cursor"]
    if start:
        links["first"] = f"{view.base}{path}" + ("?" + "&".join(others) if others else "")
    if start + len(shown) < len(identifiers):
        place = cursor(start + len(shown), shown[-1])
        links["next"] = f"{view.base}{path}?{'&'.join([f'cursor={place}', *others])}"
        meta["paging"]["nextCursor"] = place
    return shown, links, meta


def linkage_page(view: View, query: Query, kind_type: str, identifiers: Sequence[str], path: str, text: str) -> Json:
    """A page of a to-many linkage."""
    shown, links, meta = paged(view, query, identifiers, path, text)
    return {"data": [{"type": kind_type, "id": one} for one in shown], "links": links, "meta": meta}


def image_attributes(view: View, image: Image) -> Json:
    """An image with its upload operations while they are awaited, and its asset once it is complete (facts 8)."""
    is_awaited = image.state == "AWAITING_UPLOAD"
    errors = [{"code": code, "description": description} for code, description in image.errors]
    delivery: Json = {"state": image.state, "errors": errors, "warnings": []}
    if view.rules.nulls_for_empty:
        delivery = {"state": image.state, "errors": errors or None, "warnings": None}
    asset = None
    if image.state == "COMPLETE":
        template = f"{view.base}/_assets/{image.id}/{{w}}x{{h}}bb.{{f}}"
        asset = {"templateUrl": template, "width": image.width, "height": image.height}
    return {
        "fileSize": image.file_size,
        "fileName": image.file_name,
        "imageAsset": asset,
        "uploadOperations": upload_operations(view, image) if is_awaited else [],
        "assetDeliveryState": delivery,
    }


def upload_operations(view: View, image: Image) -> list[Json]:
    """Where the parts of an image go: exactly this method, these headers, these bytes (facts 8)."""
    size = view.rules.upload_part_bytes
    count = max(1, -(-image.file_size // size))
    return [
        {
            "method": "PUT",
            "url": view.upload_url(image.id, number),
            "offset": number * size,
            "length": min(size, image.file_size - number * size),
            "requestHeaders": [{"name": "Content-Type", "value": content_type(image.file_name)}],
        }
        for number in range(count)
    ]


def content_type(file_name: str) -> str:
    """The type that the upload has to say."""
    return "image/png" if file_name.lower().endswith(".png") else "image/jpeg"
