"""Everything that can go wrong between us and Apple, as one tree.

An error says whether the request may be tried again, whether it may have been carried out, and one sentence for a
person. Apple's error document is kept whole. Codes are hierarchical and matched by prefix over all errors of a
document, nested ones too (developer documentation, "Parsing the Error Response Code").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

JSON = Any


class AppStoreError(Exception):
    """The root. `outcome_unknown`: the request left and may have been carried out, so look before sending it again."""

    is_retryable = False
    sentence = "Apple could not be asked."

    def __init__(self, sentence: str = "", *, document: JSON = None, status: int = 0, outcome_unknown: bool = False) -> None:
        self.sentence = sentence or self.sentence
        self.document = document
        self.status = status
        self.outcome_unknown = outcome_unknown
        super().__init__(self.sentence)

    @property
    def codes(self) -> list[str]:
        """All codes of Apple's document."""
        return [str(error.get("code", "")) for error in all_errors(self.document)]

    @property
    def fields(self) -> dict[str, str]:
        """What Apple says of single attributes, by our names for them."""
        found: dict[str, str] = {}
        for error in all_errors(self.document):
            pointer = (error.get("source") or {}).get("pointer") or ""
            if "/attributes/" in pointer:
                found.setdefault(snake(pointer.rsplit("/", 1)[1]), said(error))
        return found


class Unreachable(AppStoreError):
    """No answer: refused, timed out or dropped."""

    is_retryable = True
    sentence = "Apple can't be reached just now. Check the network, or try again in a minute."


class Rubbish(AppStoreError):
    """An answer that is not the JSON it should be, or that was cut off."""

    is_retryable = True
    sentence = "Apple's answer could not be read. Try again in a minute; if it stays, look at Apple's system status."


class ServerError(AppStoreError):
    """5xx."""

    is_retryable = True
    sentence = "Apple had an internal error. Try again in a minute."


class RateLimited(AppStoreError):
    """429. Nothing was done; `retry_after` is in seconds, None where Apple did not say."""

    is_retryable = True
    sentence = "Apple's request limit is reached. Wait a little."

    def __init__(self, sentence: str = "", *, retry_after: float | None = None, **given: Any) -> None:
        super().__init__(sentence, **given)
        self.retry_after = retry_after


class BudgetExhausted(AppStoreError):
    """Our own budget says no before anything is sent; `until` is in seconds of the epoch."""

    is_retryable = True
    sentence = "The hour's requests to Apple are used up, or Apple asked to wait. This goes on by itself."

    def __init__(self, *, until: float) -> None:
        super().__init__()
        self.until = until


class NotAuthorized(AppStoreError):
    """401: the key or its token is not accepted."""

    sentence = "Apple does not accept the API key. It was revoked, or key ID and issuer ID don't belong to it. Connect the team again."


class Forbidden(AppStoreError):
    """403: the key's role does not cover it."""

    sentence = "Apple does not let this API key do that. Its role must be App Manager, Admin, Developer or Marketing."


class AgreementMissing(Forbidden):
    """403: somebody has to accept an agreement."""

    sentence = "A developer agreement is missing or has expired. The account holder can accept it in App Store Connect under Business."


class NotFound(AppStoreError):
    """404."""

    sentence = "Apple does not have it any more. Refresh to see what is there."


class BadRequest(AppStoreError):
    """400, 405, 406, 415, 422: we asked wrongly."""

    sentence = "Apple did not understand the request."


class Conflict(AppStoreError):
    """409: against Apple's rules, or against the state of things."""

    sentence = "Apple refused the change."


class Duplicate(Conflict):
    """409: something with this natural key is there already."""


class InvalidState(Conflict):
    """409: not now, in this state."""


class ReviewRefused(InvalidState):
    """409: can't be reviewed; the reasons are nested in `meta.associatedErrors`."""


class UnsafeUrl(AppStoreError):
    """An address that came from a server points where nothing of ours may go."""

    sentence = "Apple's answer pointed to an address that is not Apple's, so it was not followed."


def all_errors(document: JSON) -> Iterator[Mapping[str, Any]]:
    """Every error of a document, the nested ones after the one that holds them."""
    errors = document.get("errors") if isinstance(document, Mapping) else None
    for error in errors if isinstance(errors, Sequence) else ():
        if not isinstance(error, Mapping):
            continue
        yield error
        associated = (error.get("meta") or {}).get("associatedErrors") or {}
        for nested in associated.values() if isinstance(associated, Mapping) else ():
            yield from all_errors({"errors": nested})


def said(error: Mapping[str, Any]) -> str:
    """What one error of Apple's says."""
    text = str(error.get("detail") or error.get("title") or error.get("code") or "no reason given").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def snake(name: str) -> str:
    """`vendorIdentifier` as `vendor_identifier`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


DUPLICATES = ("ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", "STATE_ERROR.ALREADY_EXISTS")
STATES = ("STATE_ERROR", "ENTITY_ERROR.ATTRIBUTE.INVALID.INVALID_STATE")


def from_response(status: int, document: JSON, *, retry_after: float | None = None, is_unsafe: bool = False) -> AppStoreError:
    """The error that an answer stands for; after a 5xx an unsafe request may have been carried out all the same."""
    errors = list(all_errors(document))
    codes = [str(error.get("code", "")) for error in errors]
    reasons = " ".join(dict.fromkeys(said(error) for error in errors))
    given: dict[str, Any] = {"document": document, "status": status}
    if status == 429:
        return RateLimited(retry_after=retry_after, **given)
    if status >= 500:
        return ServerError(outcome_unknown=is_unsafe, **given)
    if status == 401:
        return NotAuthorized(**given)
    if status == 403:
        if any(code.startswith("FORBIDDEN.REQUIRED_AGREEMENTS") for code in codes):
            return AgreementMissing(**given)
        return Forbidden(f"{Forbidden.sentence} Apple says: {reasons}" if reasons else "", **given)
    if status == 404:
        return NotFound(**given)
    if status == 409:
        return _conflict(codes, reasons, errors, given)
    return BadRequest(f"{BadRequest.sentence} Apple says: {reasons or status}", **given)


def _conflict(
    codes: Sequence[str], reasons: str, errors: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> Conflict:
    sentence = f"Apple refused the change: {reasons}" if reasons else ""
    if any((error.get("meta") or {}).get("associatedErrors") for error in errors):
        return ReviewRefused(sentence, **given)
    if any(code.startswith(DUPLICATES) for code in codes):
        return Duplicate(sentence, **given)
    if any(code.startswith(STATES) for code in codes):
        return InvalidState(sentence, **given)
    return Conflict(sentence, **given)
