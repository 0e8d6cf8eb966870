"""The reads, which are all alike: an instance, what it is related to, the linkages, and three collections (facts 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import errors, queries
from .calls import Answer, Call
from .queries import Filter
from .records import Record
from .rendering import Document, linkage_page
from .schema import KINDS, View

Endpoint = Callable[[Call], Answer]
Test = Callable[[View, Any, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list can be asked for."""

    filters: Mapping[str, Filter] = field(default_factory=dict)
    tests: Mapping[str, Test] = field(default_factory=dict)
    sorts: frozenset[str] = frozenset()


PLAIN = Listing()


def instance(kind: str, record: type[Record]) -> Endpoint:
    """GET of one thing by its identifier."""

    def read(call: Call) -> Answer:
        found = call.found(record)
        query = queries.parse(call.query, kind=KINDS[kind], is_list=False)
        return Answer(200, Document(call.view, query).single(KINDS[kind], found, call.self_link))

    return read


def related_one(parent: str, record: type[Record], relation: str, kind: str) -> Endpoint:
    """GET of what a thing has one of."""

    def read(call: Call) -> Answer:
        found = call.found(record)
        query = queries.parse(call.query, kind=KINDS[kind], is_list=False)
        targets = KINDS[parent].relations[relation].targets(call.view, found)
        if not targets:
            return _missing(call, kind)
        target = call.store.tables.rows[KINDS[kind].table][targets[0]]
        return Answer(200, Document(call.view, query).single(KINDS[kind], target, call.self_link))

    return read


def linkage_one(parent: str, record: type[Record], relation: str, kind: str) -> Endpoint:
    """GET of the identifier of what a thing has one of."""

    def read(call: Call) -> Answer:
        found = call.found(record)
        queries.parse(call.query, kind=None, is_list=False)
        targets = KINDS[parent].relations[relation].targets(call.view, found)
        if not targets:
            return _missing(call, kind)
        linkage = {"type": KINDS[kind].type, "id": targets[0]}
        return Answer(200, {"data": linkage, "links": _relationship_links(call, found, parent, relation)})

    return read


def _relationship_links(call: Call, found: Record, parent: str, relation: str) -> dict[str, str]:
    # [S] the document's links for a to-one linkage are `self` alone.
    return {"self": f"{call.view.base}{KINDS[parent].path}/{found.id}/relationships/{relation}"}


def _missing(call: Call, kind: str) -> Answer:
    """404, or `data: null` by a rule: both have been reported (facts 2)."""
    if call.rules.missing_related_is_null:
        return Answer(200, {"data": None, "links": {"self": call.self_link}})
    raise errors.not_found(KINDS[kind].type, f"of {call.identifier}")


def related_many(parent: str, record: type[Record], relation: str, kind: str, listing: Listing = PLAIN) -> Endpoint:
    """GET of the list of what a thing has many of; lists may lag behind the writes."""

    def read(call: Call) -> Answer:
        found = call.found(record)
        query = queries.parse(call.query, kind=KINDS[kind], is_list=True, filters=listing.filters)
        older = call.lists.tables.rows[record.table].get(found.id)
        targets = KINDS[parent].relations[relation].targets(call.lists, older) if older is not None else ()
        chosen = _filtered(call.lists, kind, targets, query.filters, listing)
        return Answer(200, Document(call.lists, query).page(KINDS[kind], chosen, call.path, call.query))

    return read


def linkage_many(parent: str, record: type[Record], relation: str, kind: str) -> Endpoint:
    """GET of the identifiers of what a thing has many of."""

    def read(call: Call) -> Answer:
        found = call.found(record)
        query = queries.parse(call.query, kind=None, is_list=True)
        older = call.lists.tables.rows[record.table].get(found.id)
        targets = KINDS[parent].relations[relation].targets(call.lists, older) if older is not None else ()
        return Answer(200, linkage_page(call.lists, query, KINDS[kind].type, targets, call.path, call.query))

    return read


def collection(kind: str, listing: Listing) -> Endpoint:
    """GET of all of a kind that the key's team has."""

    def read(call: Call) -> Answer:
        query = queries.parse(call.query, kind=KINDS[kind], is_list=True, filters=listing.filters, sorts=listing.sorts)
        rows = call.lists.tables.rows[KINDS[kind].table]
        own = tuple(one.id for one in rows.values() if one.team == call.key.team)
        chosen = _filtered(call.lists, kind, own, query.filters, listing)
        for sort in reversed(query.sort):
            name = sort.lstrip("-")
            ordered = sorted(chosen, key=_attribute(rows, name), reverse=sort.startswith("-"))
            chosen = tuple(ordered)
        return Answer(200, Document(call.lists, query).page(KINDS[kind], chosen, call.path, call.query))

    return read


def _filtered(
    view: View, kind: str, identifiers: tuple[str, ...], filters: Mapping[str, tuple[str, ...]], listing: Listing
) -> tuple[str, ...]:
    if not filters:
        return identifiers
    rows = view.tables.rows[KINDS[kind].table]
    return tuple(
        one
        for one in identifiers
        if all(listing.tests[name](view, rows[one], values) for name, values in filters.items())
    )


def _attribute(rows: Mapping[str, Any], name: str) -> Callable[[str], str]:
    return lambda identifier: str(rows[identifier].attributes()[name])
