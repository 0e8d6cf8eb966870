"""What can go wrong between us and Apple: one tree, in which each error knows two things.

May the same request be sent again, and what may the person read. How long to wait before it is sent again is not
known here (see `retry`). Apple's error document is kept whole.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from .naming import snake

Document = Mapping[str, Any]
KEY_REFUSED = "Apple does not accept the API key. Check it on the Team page: it may have been revoked."


class AppStoreError(Exception):
    """Something that Apple refused, or that did not get to Apple or back.

    `sentence` says what happened and what to do. `document` is Apple's whole error document, `codes` its codes with
    nested ones, `fields` sentences by attribute name (ours). `outcome_unknown` means that a write may have been applied
    all the same: look its natural key up before sending it again. `was_sent` is False when nothing left this machine,
    `status` 0 when no answer came.
    """

    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        sentence: str,
        *,
        status: int = 0,
        document: Document | None = None,
        outcome_unknown: bool = False,
        was_sent: bool = True,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.document: dict[str, Any] | None = dict(document) if document is not None else None
        self.outcome_unknown = outcome_unknown
        self.was_sent = was_sent
        errors = flat_errors(document)
        self.codes: tuple[str, ...] = tuple(text(error.get("code")) for error in errors)
        self.fields: dict[str, str] = {}
        for error in errors:
            if name := field_name(error):
                self.fields.setdefault(name, detail_of(error))

    def has_code(self, *prefixes: str) -> bool:
        """Whether any error has a code that begins so: codes are hierarchical ("Parsing the Error Response Code")."""
        return any(code == prefix or code.startswith(f"{prefix}.") for code in self.codes for prefix in prefixes)


class NotAuthorized(AppStoreError):
    """401: Apple does not accept the key."""


class Forbidden(AppStoreError):
    """403: the key is fine but its role does not allow this."""


class AgreementMissing(Forbidden):
    """403: somebody has to sign an agreement in App Store Connect first."""


class NotFound(AppStoreError):
    """404: Apple has no such thing."""


class BadRequest(AppStoreError):
    """400, 405, 406, 410, 415…: Apple does not understand the request."""


class Conflict(AppStoreError):
    """409 or 422: the request is understood but goes against Apple's rules."""


class Duplicate(Conflict):
    """There is one with this natural key already."""


class InAnotherSubmission(Duplicate):
    """The version is part of a review submission already."""


class InvalidState(Conflict):
    """The thing is in a state in which this can't be done."""


class InvalidAttribute(Conflict):
    """Apple does not accept a value; `fields` says which."""


class ReviewRefused(Conflict):
    """The version can't be reviewed yet; `reasons` are Apple's, one sentence each."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in Apple's words: the errors under `meta.associatedErrors`, without repeats."""
        nested = (error for outer in top_errors(self.document) for error in associated_errors(outer))
        return tuple(dict.fromkeys(detail_of(error) for error in nested))


class Unsupported(AppStoreError):
    """This generation of Apple's API has no such thing; nothing was sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, was_sent=False)


class RateLimited(AppStoreError):
    """429: not executed. `retry_after` is in seconds, None where Apple does not say."""

    is_retryable = True

    def __init__(self, *, retry_after: float | None = None, document: Document | None = None) -> None:
        super().__init__(
            "Apple asks to slow down: too many requests were sent with this key. Work goes on when Apple allows it.",
            status=429,
            document=document,
        )
        self.retry_after = retry_after


class BudgetExhausted(AppStoreError):
    """Our own count says that Apple would refuse; `until` is when to try again, in seconds since the epoch."""

    is_retryable = True

    def __init__(self, *, until: float) -> None:
        sentence = "This key's requests for the hour are used up. Work goes on when there are more."
        super().__init__(sentence, was_sent=False)
        self.until = until


class ServerError(AppStoreError):
    """5xx: trouble at Apple's."""

    is_retryable = True


class Unreachable(AppStoreError):
    """No answer: refused, timed out or dropped."""

    is_retryable = True


class Rubbish(AppStoreError):
    """An answer that can't be read: not JSON, cut off, or not what the API promises."""

    is_retryable = True


class UnsafeUrl(AppStoreError):
    """A URL that came from a server leads where it must not; nothing was sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, was_sent=False)


class UploadExpired(AppStoreError):
    """The address for the bytes of an image is valid no longer: reserve again."""


class UploadRefused(AppStoreError):
    """The server for images does not take the bytes."""


def text(value: object) -> str:
    """A value of Apple's as text of at most 500 characters, empty for none."""
    return str(value)[:500] if value is not None else ""


def top_errors(document: Document | None) -> list[Document]:
    """The entries of `errors`."""
    errors = (document or {}).get("errors")
    return [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []


def associated_errors(error: Document) -> list[Document]:
    """The errors of other resources that are the reason for this one (`meta.associatedErrors`)."""
    meta = error.get("meta")
    groups = meta.get("associatedErrors") if isinstance(meta, Mapping) else None
    lists = groups.values() if isinstance(groups, Mapping) else ()
    return [nested for group in lists if isinstance(group, list) for nested in group if isinstance(nested, Mapping)]


def flat_errors(document: Document | None) -> list[Document]:
    """All errors of a document, each followed by those nested in it."""
    found: list[Document] = []
    waiting = top_errors(document)
    while waiting and len(found) < 1000:
        error = waiting.pop(0)
        found.append(error)
        waiting[:0] = associated_errors(error)
    return found


def field_name(error: Document) -> str:
    """Our name of the attribute or relationship that an error points at, empty for none."""
    source = error.get("source")
    pointer = text(source.get("pointer")) if isinstance(source, Mapping) else ""
    is_of_field = pointer.startswith(("/data/attributes/", "/data/relationships/"))
    return snake(pointer.rpartition("/")[2]) if is_of_field else ""


def detail_of(error: Document) -> str:
    """Apple's own words for one error."""
    return text(error.get("detail")) or text(error.get("title")) or text(error.get("code")) or "no reason was given"


def refusal(
    status: int, document: Document | None, *, is_write: bool = False, retry_after: float | None = None
) -> AppStoreError:
    """The error for an answer of Apple's with a status of 300 or more."""
    if status == 429:
        return RateLimited(retry_after=retry_after, document=document)
    if status >= 500:
        sentence = "Apple has trouble at the moment. Try again in a few minutes."
        return ServerError(sentence, status=status, document=document, outcome_unknown=is_write)
    if status < 400:
        sentence = "Apple's answer was a redirect, which is not followed. Check the address of the API."
        return Rubbish(sentence, status=status, document=document, outcome_unknown=is_write)
    kind, template = _kind(AppStoreError("", document=document), status)
    reason = " ".join(_sentence(detail_of(error)) for error in _reasons(document, kind))
    if kind is Conflict and not reason:
        reason = "It gave no reason. Refresh to see what is there."
    return kind(template.format(reason=reason).strip(), status=status, document=document)


_DUPLICATE = ("ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", "STATE_ERROR.ALREADY_EXISTS")
AGREEMENT = "Apple waits for an agreement to be accepted: the account holder does that in App Store Connect, Business."
_AGREEMENTS = "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED"
_KINDS: dict[int, tuple[type[AppStoreError], str]] = {
    401: (NotAuthorized, KEY_REFUSED),
    403: (
        Forbidden,
        "The API key's role does not allow this. Use a key with more rights. {reason}",
    ),
    404: (NotFound, "Apple has no such thing any more. Refresh to see what is there. {reason}"),
}


def _kind(error: AppStoreError, status: int) -> tuple[type[AppStoreError], str]:
    """Class and sentence for a refusal: its codes decide, over all errors of the document, then its status."""
    if status == 403 and error.has_code(_AGREEMENTS):
        return AgreementMissing, AGREEMENT
    if status not in {409, 422}:
        return _KINDS.get(status, (BadRequest, "Apple did not understand the request. {reason}"))
    if error.has_code("STATE_ERROR.ITEM_PART_OF_ANOTHER_SUBMISSION"):
        return InAnotherSubmission, "This is part of a review submission already. Cancel that one first. {reason}"
    if error.has_code(*_DUPLICATE):
        return Duplicate, "Apple has one of these already. Refresh to see it. {reason}"
    if any(associated_errors(top) for top in top_errors(error.document)):
        return ReviewRefused, "This can't be reviewed yet. {reason}"
    if error.has_code("STATE_ERROR", "ENTITY_ERROR.ATTRIBUTE.INVALID.INVALID_STATE"):
        return InvalidState, "Apple does not allow this in the present state. {reason}"
    if error.has_code("ENTITY_ERROR"):
        return InvalidAttribute, "Apple does not accept this. {reason}"
    return Conflict, "Apple refused this. {reason}"


def _reasons(document: Document | None, kind: type[AppStoreError]) -> list[Document]:
    """The errors worth reading to a person: of a refused review those of the parts, else the topmost."""
    tops = top_errors(document)
    if kind is ReviewRefused:
        tops = [nested for top in tops for nested in associated_errors(top)]
    return list({detail_of(error): error for error in tops}.values())[:5]


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
