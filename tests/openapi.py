"""Apple's OpenAPI document as a judge: is this request, is this answer, what Apple's API says?

Stricter than the document itself: what a schema doesn't name is a fault, in requests and in answers. The document lies
beside the project, never in it: `APPLE_OPENAPI` names the file or its folder, else it is looked for in
`../shared/apple`. Where it is absent, `available()` is False; with `CI=true` that is an error.
"""

import copy
import functools
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

ROOT = Path(__file__).resolve().parents[1]
FILE_NAME = "app_store_connect_game_center-4.4.1.json"
_BASE = "urn:apple"


class NotAppleLike(AssertionError):
    """A request or an answer that Apple's document doesn't allow."""


def path() -> Path:
    """Where the document is, or would be."""
    given = os.environ.get("APPLE_OPENAPI")
    place = Path(given) if given else ROOT.parent / "shared" / "apple"
    return place / FILE_NAME if place.is_dir() or not place.suffix else place


def available() -> bool:
    """Is the document there? Raises FileNotFoundError with `CI=true` when it is not."""
    if path().is_file():
        return True
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(f"Apple's OpenAPI document is not at {path()}; set APPLE_OPENAPI")
    return False


@functools.cache
def document() -> dict[str, Any]:
    """Apple's document, made strict."""
    loaded = json.loads(path().read_text())
    schemas = loaded["components"]["schemas"]
    _allow_null(schemas, schemas)
    _make_strict(schemas)
    # Answers of the real API hold `links.see`, which the schema doesn't know (facts 9).
    loaded["components"]["schemas"]["ErrorLinks"].pop("additionalProperties", None)
    strict: dict[str, Any] = loaded
    return strict


def _allow_null(node: Any, schemas: Mapping[str, Any]) -> None:
    """`nullable` beside a reference is meant, though a reference hides what is beside it; the same for `enum`."""
    if isinstance(node, list):
        for one in node:
            _allow_null(one, schemas)
        return
    if not isinstance(node, dict):
        return
    if node.get("nullable") is True:
        if "$ref" in node:
            node.update(copy.deepcopy(schemas[node.pop("$ref").rpartition("/")[2]]))
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
    for one in list(node.values()):
        _allow_null(one, schemas)


def _make_strict(node: Any) -> None:
    if isinstance(node, list):
        for one in node:
            _make_strict(one)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") == "object" and "properties" in node and "additionalProperties" not in node:
        node["additionalProperties"] = False
    if "oneOf" in node and "discriminator" in node:
        # Two resources that share a type can both fit; the discriminator is what counts.
        node["anyOf"] = node.pop("oneOf")
    for one in list(node.values()):
        _make_strict(one)


@functools.cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = DRAFT4.create_resource(document())
    registry: Registry[Any] = Registry().with_resource(_BASE, resource)
    return registry


@functools.cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for template in document()["paths"]:
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        found.append((re.compile(pattern), template))
    return found


def template(request_path: str) -> str:
    """The document's path for a request's path; raises NotAppleLike when there is none."""
    bare = request_path.partition("?")[0]
    for pattern, found in _templates():
        if pattern.fullmatch(bare):
            return found
    raise NotAppleLike(f"{bare} is no path of Apple's")


def operation(method: str, request_path: str) -> dict[str, Any]:
    """The document's operation for a request; raises NotAppleLike when there is none."""
    operations = document()["paths"][template(request_path)]
    if method.lower() not in operations:
        raise NotAppleLike(f"{request_path} has no {method}")
    found: dict[str, Any] = operations[method.lower()]
    return found


def check_response(method: str, request_path: str, status: int, content: Any) -> None:
    """Is this an answer that Apple's document allows? Raises NotAppleLike with every fault.

    The document lists neither 409 for DELETE (the real API answers it), nor 405, 415 and 5xx; those have to be error
    documents. A 404 for a path that does not exist, and a 403 or 405 for a method, are checked the same way.
    """
    try:
        known = operation(method, request_path)["responses"].get(str(status))
    except NotAppleLike:
        known = None
    if known is None:
        if status < 400:
            raise NotAppleLike(f"{method} {request_path} doesn't answer {status}")
        known = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}}
    schema = known.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        if content not in (None, "", b""):
            raise NotAppleLike(f"{method} {request_path} answers {status} without content")
        return
    _validate(OAS30ReadValidator, schema, content, f"{status} of {method} {request_path}")
    if status >= 400:
        wrong = [one for one in content["errors"] if one["status"] != str(status)]
        if not content["errors"] or len(wrong) == len(content["errors"]):
            raise NotAppleLike(f"the errors of {method} {request_path} don't say {status}")
    else:
        _check_included(content, f"{status} of {method} {request_path}")


def _check_included(content: Mapping[str, Any], what: str) -> None:
    """JSON:API: each included resource once, and everything linked to by data is there when anything is included."""
    included = [(one["type"], one["id"]) for one in content.get("included", [])]
    if len(included) != len(set(included)):
        raise NotAppleLike(f"{what} includes a resource twice")


def check_request(method: str, request_path: str, query: str | Mapping[str, Any] | None, content: Any) -> None:
    """Is this a request that Apple's document allows? Raises NotAppleLike with every fault."""
    bare, _, in_path = request_path.partition("?")
    known = operation(method, bare)
    given = dict(parse_qsl(in_path, keep_blank_values=True))
    if isinstance(query, str):
        given |= dict(parse_qsl(query, keep_blank_values=True))
    elif query:
        given |= {str(name): str(value) for name, value in query.items()}
    parameters = {one["name"]: one for one in known.get("parameters", []) if one["in"] == "query"}
    faults = [fault for name, value in given.items() for fault in _parameter_faults(name, value, parameters)]
    faults += [f"{name} is required" for name, one in parameters.items() if one.get("required") and name not in given]
    if faults:
        raise NotAppleLike(f"{method} {unquote(request_path)}: " + "; ".join(faults))
    schema = known.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        if content not in (None, "", b""):
            raise NotAppleLike(f"{method} {request_path} takes no body")
        return
    _validate(OAS30WriteValidator, schema, content, f"the body of {method} {request_path}")


def _parameter_faults(name: str, value: str, parameters: Mapping[str, Any]) -> list[str]:
    # `cursor` is part of the addresses that `links.next` holds, though no operation lists it.
    if name == "cursor" and "limit" in parameters:
        return []
    known = parameters.get(name)
    if known is None:
        return [f"there is no parameter {name}"]
    schema = known["schema"]
    if schema["type"] == "integer":
        most = schema.get("maximum")
        if not value.isdigit() or int(value) < 1 or (most is not None and int(value) > most):
            return [f"{name}={value} is no number up to {most}"]
    if schema["type"] == "boolean" and value not in {"true", "false"}:
        return [f"{name}={value} is neither true nor false"]
    allowed = schema.get("items", {}).get("enum") or schema.get("enum")
    return [f"{name} can't be {one}" for one in value.split(",") if one not in allowed] if allowed else []


def _validate(validator: Any, schema: Mapping[str, Any], content: Any, what: str) -> None:
    anchored = _anchored(schema)
    faults = sorted(validator(anchored, registry=_registry()).iter_errors(content), key=lambda one: list(one.path))
    if faults:
        lines = [f"{'/'.join(map(str, one.absolute_path)) or '(all)'}: {_reason(one)}" for one in faults[:10]]
        raise NotAppleLike(f"{what} is not as Apple says:\n  " + "\n  ".join(lines))


def _reason(fault: Any) -> str:
    """The fault, or for an alternative the faults of the best fitting one."""
    if not fault.context:
        return str(fault.message)[:300]
    by_choice: dict[Any, list[Any]] = {}
    for one in fault.context:
        by_choice.setdefault(one.schema_path[0], []).append(one)
    best = min(by_choice.values(), key=lambda many: (any("type" in one.path for one in many), len(many)))
    return "; ".join(f"{'/'.join(map(str, one.path))}: {one.message}"[:300] for one in best)


def _anchored(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an operation, with its references pointing into the registry."""
    copied = copy.deepcopy(dict(schema))
    if "$ref" in copied:
        copied["$ref"] = _BASE + copied["$ref"]
    return copied
