"""Query parameters, strictly: whatever the endpoint does not have is refused with 400, as Apple does (facts 5, 9)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from .errors import Problem, parameter_illegal, parameter_invalid, parameter_required, refuse_if
from .schema import Kind

PAGE_DEFAULT = 50  # [R] seen in bodies
PAGE_MAX = 200  # [S]
INCLUDED_DEFAULT = 10
INCLUDED_MAX = 50  # [S]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: which values it takes, and whether the list insists on it."""

    values: frozenset[str] | None = None
    is_required: bool = False


@dataclass(slots=True)
class Query:
    """The parameters of one request, understood."""

    fields: dict[str, frozenset[str]] = field(default_factory=dict)
    includes: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    limit: int = PAGE_DEFAULT
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    offset: int = 0
    after: str = ""

    def included_limit(self, name: str) -> int:
        """How many of a to-many relationship come along."""
        return self.limits.get(name, INCLUDED_DEFAULT)


EMPTY = Query()


def split(text: str) -> list[tuple[str, str]]:
    """Names and values of a query string; commas within a value stay."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def cursor(offset: int, after: str) -> str:
    """An opaque place in a list: how far, and after which entry."""
    return base64.urlsafe_b64encode(json.dumps([offset, after]).encode()).decode().rstrip("=")


def parse(
    text: str,
    *,
    kind: Kind | None,
    is_list: bool,
    filters: Mapping[str, Filter] | None = None,
    sorts: frozenset[str] = frozenset(),
) -> Query:
    """Understand a query string, or refuse it with everything that is wrong with it.

    `kind` is None for linkages, which take a limit and nothing else.
    """
    query, problems = Query(), []
    filters = filters or {}
    seen: set[str] = set()
    for name, value in split(text):
        if name in seen:
            problems.append(parameter_invalid(name, f"The parameter '{name}' is given more than once"))
            continue
        seen.add(name)
        problem = _take(query, name, value, kind=kind, is_list=is_list, filters=filters, sorts=sorts)
        if problem is not None:
            problems.append(problem)
    for name, rule in filters.items():
        if rule.is_required and not query.filters.get(name):
            problems.append(parameter_required(f"filter[{name}]" if "[" not in name else name))
    refuse_if(problems)
    return query


def _take(
    query: Query,
    name: str,
    value: str,
    *,
    kind: Kind | None,
    is_list: bool,
    filters: Mapping[str, Filter],
    sorts: frozenset[str],
) -> Problem | None:
    """One parameter; what is wrong with it, or None."""
    head, _, inner = name.partition("[")
    inner = inner.removesuffix("]")
    if name == "limit" and is_list:
        return _limit(query, value)
    if name == "cursor" and is_list:
        return _cursor(query, value)
    if name == "sort" and sorts:
        query.sort = tuple(value.split(","))
        wrong = [one for one in query.sort if one not in sorts]
        return parameter_invalid(name, f"'{wrong[0]}' is not a valid sort") if wrong else None
    if head == "filter" and inner:
        return _filter(query, name, inner, value, filters)
    if head == "exists" and inner and name in filters:
        query.filters[name] = (value,)
        return None if value in {"true", "false"} else parameter_invalid(name, f"'{value}' is not true or false")
    if kind is None:
        return parameter_illegal(name)
    if name == "include":
        query.includes = tuple(dict.fromkeys(value.split(",")))
        wrong = [one for one in query.includes if one not in kind.includes]
        return parameter_invalid(name, f"'{wrong[0]}' is not a valid relationship name") if wrong else None
    if head == "fields" and inner:
        return _fields(query, name, inner, value, kind)
    if head == "limit" and inner:
        return _included_limit(query, name, inner, value, kind)
    return parameter_illegal(name)


def _number(name: str, value: str, most: int) -> int | Problem:
    if not value.isdigit() or not 1 <= int(value) <= most:
        return parameter_invalid(name, f"'{value}' is not a valid limit; it must be between 1 and {most}")
    return int(value)


def _limit(query: Query, value: str) -> Problem | None:
    number = _number("limit", value, PAGE_MAX)
    if isinstance(number, Problem):
        return number
    query.limit = number
    return None


def _included_limit(query: Query, name: str, inner: str, value: str, kind: Kind) -> Problem | None:
    relation = kind.relations.get(inner)
    if relation is None or not relation.many or not relation.includable:
        return parameter_illegal(name)
    number = _number(name, value, INCLUDED_MAX)
    if isinstance(number, Problem):
        return number
    query.limits[inner] = number
    return None


def _cursor(query: Query, value: str) -> Problem | None:
    try:
        offset, after = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        query.offset, query.after = int(offset), str(after)
    except (binascii.Error, ValueError, TypeError):
        return parameter_invalid("cursor", f"'{value}' is not a valid cursor for this request")
    return None


def _filter(query: Query, name: str, inner: str, value: str, filters: Mapping[str, Filter]) -> Problem | None:
    rule = filters.get(inner)
    if rule is None:
        return parameter_invalid(name, f"'{inner}' is not a valid filter type")
    values = tuple(value.split(","))
    wrong = [one for one in values if rule.values is not None and one not in rule.values]
    if wrong:
        return parameter_invalid(name, f"'{wrong[0]}' is not a valid value for the filter '{inner}'")
    query.filters[inner] = values
    return None


def _fields(query: Query, name: str, inner: str, value: str, kind: Kind) -> Problem | None:
    if inner not in kind.field_types:
        return parameter_invalid(name, f"'{inner}' is not a valid resource type for this request")
    known = kind.field_types[inner]
    names = frozenset(one for one in value.split(",") if one)
    if known is not None and not names <= known:
        return parameter_invalid(name, f"'{sorted(names - known)[0]}' is not a valid field name")
    query.fields[inner] = names
    return None
