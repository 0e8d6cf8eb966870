"""Request bodies, strictly: a table of what each may hold, and every fault of a body reported at once (facts 9)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import errors
from .errors import Problem, refuse_if

LOCAL_ID = re.compile(r"\$\{[^}]+\}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a request: its JSON type, and whether it may be left out or null."""

    type: str
    is_required: bool = False
    is_nullable: bool = False
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship of a request: the type it points to."""

    type: str
    is_required: bool = False
    is_many: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What a request body may hold."""

    type: str
    operation: str  # CREATE or UPDATE, for the wording
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    known_attributes: frozenset[str] = frozenset()  # of the resource, though not of this request
    inlines: str = ""  # the type of resources made along with it


@dataclass(slots=True)
class Body:
    """A request body, understood."""

    attributes: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    linked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    included: list[dict[str, Any]] = field(default_factory=list)


def load(content: bytes) -> Any:
    """JSON, or the refusal for what is none."""
    try:
        return json.loads(content)
    except ValueError:
        raise errors.json_invalid() from None


def parse(content: bytes, shape: Shape, *, identifier: str | None = None) -> Body:
    """Understand a body, or refuse it with everything that is wrong with it."""
    document = load(content)
    resource = document.get("data") if isinstance(document, dict) else None
    if not isinstance(resource, dict):
        raise errors.document_unprocessable("The document must have a 'data' object")
    problems: list[Problem] = []
    unknown = sorted(set(document) - {"data", "included"}) + sorted(
        set(resource) - {"type", "id", "attributes", "relationships"}
    )
    if unknown or ("included" in document and not shape.inlines):
        raise errors.document_unprocessable(f"Unexpected member '{(unknown or ['included'])[0]}'")
    if resource.get("type") != shape.type:
        problems.append(errors.type_mismatch(resource.get("type"), shape.type))
    if identifier is not None and resource.get("id") != identifier:
        problems.append(errors.id_mismatch(resource.get("id"), identifier))
    body = Body()
    attributes = resource.get("attributes", {})
    relationships = resource.get("relationships", {})
    if not isinstance(attributes, dict) or not isinstance(relationships, dict):
        raise errors.document_unprocessable("'attributes' and 'relationships' must be objects")
    problems += _attributes(body, attributes, shape)
    problems += _links(body, relationships, shape)
    if shape.inlines:
        problems += _included(body, document.get("included", []), shape)
    refuse_if(problems)
    return body


def _attributes(body: Body, given: Mapping[str, Any], shape: Shape) -> list[Problem]:
    problems = []
    for name, value in given.items():
        rule = shape.attributes.get(name)
        if rule is None:
            if name in shape.known_attributes:
                problems.append(errors.attribute_not_allowed(name, shape.operation))
            else:
                problems.append(errors.attribute_unknown(name, shape.type))
        elif value is None and not rule.is_nullable:
            problems.append(errors.attribute_required(name))
        elif value is not None and not _is_of_type(value, rule.type):
            problems.append(errors.attribute_type(name, rule.type))
        elif value is not None and rule.values is not None and value not in rule.values:
            problems.append(
                errors.attribute_invalid(name, f"'{value}' is not a valid value for the attribute '{name}'")
            )
        else:
            body.attributes[name] = value
    missing = [name for name, rule in shape.attributes.items() if rule.is_required and name not in given]
    return problems + [errors.attribute_required(name) for name in missing]


def _is_of_type(value: Any, wanted: str) -> bool:
    if wanted == "boolean":
        return isinstance(value, bool)
    if wanted == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted == "map":
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if wanted == "strings":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _links(body: Body, given: Mapping[str, Any], shape: Shape) -> list[Problem]:
    problems = []
    for name, relationship in given.items():
        rule = shape.links.get(name)
        if rule is None:
            problems.append(errors.relationship_unknown(name, shape.type))
            continue
        target = relationship.get("data") if isinstance(relationship, dict) else None
        if target is None:
            # [S] `data: null` is in no schema: leaving a relationship empty is not offered.
            problems.append(errors.relationship_required(name))
            continue
        many = target if isinstance(target, list) else [target]
        if isinstance(target, list) != rule.is_many or not all(_is_linkage(one) for one in many):
            problems.append(errors.relationship_invalid(name, "The relationship's data has the wrong form"))
        elif any(one["type"] != rule.type for one in many):
            wrong = next(one["type"] for one in many if one["type"] != rule.type)
            problems.append(errors.relationship_invalid(name, f"'{wrong}' is not a valid type for '{name}'"))
        elif rule.is_many:
            body.linked[name] = tuple(one["id"] for one in many)
        else:
            body.links[name] = target["id"]
    missing = [name for name, rule in shape.links.items() if rule.is_required and name not in given]
    return problems + [errors.relationship_required(name) for name in missing]


def _is_linkage(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"type", "id"}
        and isinstance(value["type"], str)
        and isinstance(value["id"], str)
    )


def _included(body: Body, included: Any, shape: Shape) -> list[Problem]:
    """Resources made inline: their ids are local, `${…}`, and each is linked and included [R]."""
    if not isinstance(included, list) or not all(isinstance(one, dict) for one in included):
        raise errors.document_unprocessable("'included' must be a list of objects")
    problems = []
    linked = [identifier for many in body.linked.values() for identifier in many]
    for number, one in enumerate(included):
        if one.get("type") != shape.inlines or set(one) - {"type", "id", "relationships"}:
            raise errors.document_unprocessable(f"'included' holds something else than {shape.inlines}")
        identifier = str(one.get("id", ""))
        if not LOCAL_ID.fullmatch(identifier):
            problems.append(errors.included_id_invalid(identifier, number))
        elif identifier not in linked:
            problems.append(errors.included_missing(identifier))
    given = {one.get("id") for one in included}
    problems += [errors.included_missing(one) for one in linked if one not in given]
    body.included = included
    return problems


def parse_linkage(content: bytes, kind: str, *, is_many: bool) -> tuple[str, ...]:
    """Understand a linkage body: the identifiers, in order."""
    document = load(content)
    if not isinstance(document, dict) or set(document) != {"data"}:
        raise errors.document_unprocessable("The document must have 'data' and nothing else")
    linkage = document["data"]
    many = linkage if isinstance(linkage, list) else [linkage]
    if isinstance(linkage, list) != is_many or not all(_is_linkage(one) for one in many):
        raise errors.document_unprocessable("'data' is not a linkage of this relationship")
    refuse_if([errors.type_mismatch(one["type"], kind) for one in many if one["type"] != kind])
    return tuple(one["id"] for one in many)
