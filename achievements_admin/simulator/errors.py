"""Apple's error documents: one constructor for each answer that has been seen or documented (facts 9)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Source = Mapping[str, str]


@dataclass(slots=True)
class Problem:
    """One entry of `errors`. `code` is hierarchical, and the only field meant for programs [D]."""

    status: int
    code: str
    title: str
    detail: str
    source: Source | None = None
    links: Mapping[str, str] | None = None
    associated: dict[str, list["Problem"]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The entry as JSON; `status` is a string."""
        entry: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "status": str(self.status),
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
        }
        if self.source:
            entry["source"] = dict(self.source)
        if self.links:
            entry["links"] = dict(self.links)
        if self.associated:
            associated = {path: [one.document() for one in many] for path, many in self.associated.items()}
            entry["meta"] = {"associatedErrors": associated}
        return entry


class Refusal(Exception):
    """A request that is answered with an error document. Several problems are reported at once, as Apple does."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].detail)
        self.problems = problems
        self.status = problems[0].status
        self.retry_after: float | None = None  # seconds, where the answer says so

    def document(self) -> dict[str, Any]:
        """The whole error document."""
        return {"errors": [problem.document() for problem in self.problems]}


def refuse_if(problems: Sequence[Problem]) -> None:
    """Raise a Refusal when there are problems."""
    if problems:
        raise Refusal(*problems)


def not_authorized() -> Refusal:
    """[R] verbatim: a missing, bad, expired or revoked token."""
    return Refusal(
        Problem(
            401,
            "NOT_AUTHORIZED",
            "Authentication credentials are missing or invalid.",
            "Provide a properly configured and signed bearer token, and make sure that it has not expired. "
            "Learn more about Generating Tokens for API Requests "
            "https://developer.apple.com/go/?id=api-generating-tokens",
        )
    )


def forbidden() -> Refusal:
    """[M] the key's role does not allow it."""
    return Refusal(
        Problem(
            403,
            "FORBIDDEN_ERROR",
            "This request is forbidden for security reasons",
            "The API key in use does not allow this request",
        )
    )


def agreement_missing() -> Refusal:
    """[R] verbatim: the account holder has to sign something."""
    return Refusal(
        Problem(
            403,
            "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
            "A required agreement is missing or has expired.",
            "This request requires an in-effect agreement that has not been signed or has expired.",
            links={"see": "/business"},
        )
    )


def operation_not_allowed(what: str, operation: str, allowed: Sequence[str]) -> Refusal:
    """[R] pattern: a relationship or resource that does not know this operation."""
    plural = "Allowed operation is" if len(allowed) == 1 else "Allowed operations are"
    return Refusal(
        Problem(
            403,
            "FORBIDDEN_ERROR",
            "The given operation is not allowed",
            f"The {what} does not allow '{operation}'. {plural}: {', '.join(allowed)}",
        )
    )


def not_found(resource: str, identifier: str) -> Refusal:
    """[R] title, [M] detail."""
    return Refusal(
        Problem(
            404,
            "NOT_FOUND",
            "The specified resource does not exist",
            f"There is no resource of type '{resource}' with id '{identifier}'",
        )
    )


def path_not_found(path: str) -> Refusal:
    """A path that the API does not have."""
    return Refusal(
        Problem(
            404, "PATH_ERROR", "The URL path is not valid", f"The resource '{path.split('?', 1)[0]}' does not exist"
        )
    )


def method_not_allowed(method: str) -> Refusal:
    """[D] 405 is among the answers."""
    return Refusal(
        Problem(
            405,
            "METHOD_NOT_ALLOWED",
            "The request method is not valid for the resource path.",
            f"The request method used for this request is not valid for the resource path: {method}",
        )
    )


def unsupported_media_type(given: str) -> Refusal:
    """[D] 415 is among the answers."""
    return Refusal(
        Problem(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The content type of the request is not supported",
            f"The content type '{given}' is not supported; use 'application/json'",
        )
    )


def not_acceptable() -> Refusal:
    """[D] 406 is among the answers."""
    return Refusal(Problem(406, "NOT_ACCEPTABLE", "Not Acceptable", "This API answers with JSON."))


def parameter_invalid(name: str, detail: str) -> Problem:
    """[D] the form of a parameter error."""
    return Problem(
        400, "PARAMETER_ERROR.INVALID", "A parameter has an invalid value", detail, source={"parameter": name}
    )


def parameter_illegal(name: str) -> Problem:
    """A parameter that the endpoint does not have."""
    return Problem(
        400,
        "PARAMETER_ERROR.ILLEGAL",
        "A parameter is not allowed",
        f"The parameter '{name}' can not be used with this request",
        source={"parameter": name},
    )


def parameter_required(name: str) -> Problem:
    """[S] some filters are required."""
    return Problem(
        400,
        "PARAMETER_ERROR.REQUIRED",
        "A required parameter is missing",
        f"The parameter '{name}' must be provided with this request",
        source={"parameter": name},
    )


def json_invalid() -> Refusal:
    """[R] code and title."""
    return Refusal(Problem(400, "ENTITY_INVALID", "JSON processing failed", "The request entity is not valid JSON"))


def document_unprocessable(detail: str) -> Refusal:
    """JSON, but no document of this API."""
    return Refusal(
        Problem(
            422,
            "ENTITY_UNPROCESSABLE",
            "The request entity is not a valid request document object",
            detail,
        )
    )


def _entity(code: str, title: str, detail: str, pointer: str) -> Problem:
    return Problem(409, f"ENTITY_ERROR.{code}", title, detail, source={"pointer": pointer})


def attribute_required(name: str) -> Problem:
    """[R] detail, [M] title."""
    return _entity(
        "ATTRIBUTE.REQUIRED",
        "The provided entity is missing a required attribute",
        f"You must provide a value for the attribute '{name}' with this request",
        f"/data/attributes/{name}",
    )


def attribute_unknown(name: str, resource: str) -> Problem:
    """[M] an attribute that the resource does not have."""
    return _entity(
        "ATTRIBUTE.UNKNOWN",
        "The provided entity includes an unknown attribute",
        f"'{name}' is not an attribute on the resource '{resource}'",
        f"/data/attributes/{name}",
    )


def attribute_not_allowed(name: str, operation: str) -> Problem:
    """[M] an attribute that the resource has, but not in this request."""
    return _entity(
        "ATTRIBUTE.NOT_ALLOWED",
        "An attribute in the provided entity is not allowed",
        f"The attribute '{name}' can not be included in a '{operation}' request",
        f"/data/attributes/{name}",
    )


def attribute_type(name: str, wanted: str) -> Problem:
    """[M] a value of another JSON type."""
    return _entity(
        "ATTRIBUTE.TYPE",
        "An attribute in the provided entity has the wrong type",
        f"The attribute '{name}' must be of type {wanted}",
        f"/data/attributes/{name}",
    )


def attribute_invalid(name: str, detail: str) -> Problem:
    """[D] code, [I] texts."""
    return _entity("ATTRIBUTE.INVALID", "An attribute value is invalid.", detail, f"/data/attributes/{name}")


def attribute_too_long(name: str, longest: int) -> Problem:
    """[M] code, [I] text."""
    return _entity(
        "ATTRIBUTE.INVALID.TOO_LONG",
        "An attribute value is too long.",
        f"The value for the attribute '{name}' may not be longer than {longest} characters.",
        f"/data/attributes/{name}",
    )


def attribute_state(name: str) -> Problem:
    """[R] code, [M] text: not in this state."""
    return _entity(
        "ATTRIBUTE.INVALID.INVALID_STATE",
        "An attribute value is not acceptable for the current resource state.",
        f"The attribute '{name}' can not be modified in the current state.",
        f"/data/attributes/{name}",
    )


def duplicate(name: str, detail: str, *, second: bool = False) -> Refusal:
    """[R] a natural key is taken; `second` puts it behind another error, as has been verified live."""
    taken = _entity(
        "ATTRIBUTE.INVALID.DUPLICATE",
        "The provided entity includes an attribute with a value that has already been used",
        detail,
        f"/data/attributes/{name}",
    )
    if not second:
        return Refusal(taken)
    return Refusal(relationship_invalid("gameCenterDetail", "The relationship is not valid for this entity"), taken)


def relationship_required(name: str) -> Problem:
    """[M]."""
    return _entity(
        "RELATIONSHIP.REQUIRED",
        "The provided entity is missing a required relationship",
        f"You must provide a value for the relationship '{name}' with this request",
        f"/data/relationships/{name}",
    )


def relationship_unknown(name: str, resource: str) -> Problem:
    """[M] a relationship that the request does not have."""
    return _entity(
        "RELATIONSHIP.UNKNOWN",
        "The provided entity includes an unknown relationship",
        f"'{name}' is not a relationship on the resource '{resource}'",
        f"/data/relationships/{name}",
    )


def relationship_invalid(name: str, detail: str) -> Problem:
    """[R] verbatim code and title."""
    return _entity(
        "RELATIONSHIP.INVALID",
        "The provided entity includes a relationship with an invalid value",
        detail,
        f"/data/relationships/{name}",
    )


def linkage_invalid(detail: str, pointer: str = "/data") -> Problem:
    """[I] a linkage request whose list is not acceptable."""
    return _entity(
        "RELATIONSHIP.INVALID", "The provided entity includes a relationship with an invalid value", detail, pointer
    )


def included_id_invalid(identifier: str, index: int) -> Problem:
    """[R] verbatim."""
    return _entity(
        "INCLUDED.INVALID_ID",
        "The provided entity id is invalid",
        f"The provided included entity id '{identifier}' has invalid format",
        f"/included/{index}/id",
    )


def included_missing(identifier: str) -> Problem:
    """[M] an inline resource that is linked and not included, or the other way round."""
    return _entity(
        "INCLUDED.INVALID_ID",
        "The provided entity id is invalid",
        f"The entity with id '{identifier}' must be both linked and included",
        "/included",
    )


def type_mismatch(given: object, wanted: str) -> Problem:
    """[M]."""
    return _entity(
        "TYPE.INVALID",
        "The provided entity has an invalid type",
        f"The resource type '{given}' is not valid here; expected '{wanted}'",
        "/data/type",
    )


def id_mismatch(given: object, wanted: str) -> Problem:
    """[M]."""
    return _entity(
        "ID.INVALID",
        "The provided entity has an invalid id",
        f"The resource id '{given}' does not match the id '{wanted}' in the path",
        "/data/id",
    )


def state_invalid(title: str, detail: str, associated: dict[str, list[Problem]] | None = None) -> Refusal:
    """[R] the form; the reasons of a refused review hide in `meta.associatedErrors`."""
    return Refusal(Problem(409, "STATE_ERROR.ENTITY_STATE_INVALID", title, detail, associated=associated or {}))


def state_of_another(code: str, detail: str) -> Refusal:
    """[R] e.g. ITEM_PART_OF_ANOTHER_SUBMISSION."""
    return Refusal(
        Problem(
            409,
            f"STATE_ERROR.{code}",
            "The request cannot be fulfilled because of the state of another resource.",
            detail,
        )
    )


def already_exists(detail: str) -> Refusal:
    """[R] code and title."""
    return Refusal(Problem(409, "STATE_ERROR.ALREADY_EXISTS", "Resource already exists.", detail))


def rate_limited(retry_after: float | None = None) -> Refusal:
    """[R] verbatim."""
    refusal = Refusal(
        Problem(
            429,
            "RATE_LIMIT_EXCEEDED",
            "The request rate limit has been reached.",
            "We've received too many requests for this API. Please wait and try again or slow down your request rate.",
        )
    )
    refusal.retry_after = retry_after
    return refusal


def unexpected(status: int = 500) -> Refusal:
    """[M] the server's own fault."""
    if status == 503:
        return Refusal(
            Problem(
                503, "SERVICE_UNAVAILABLE", "The service is unavailable.", "The service is temporarily unavailable."
            )
        )
    return Refusal(
        Problem(
            status,
            "UNEXPECTED_ERROR",
            "An unexpected error occurred.",
            "An unexpected error occurred on the server side.",
        )
    )
