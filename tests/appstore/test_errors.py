"""Apple's refusals by class, and what a person reads: every row of what is known of its errors."""

from typing import Any

import pytest

from achievements_admin.appstore.errors import (
    AgreementMissing,
    AppStoreError,
    BadRequest,
    Conflict,
    Duplicate,
    Forbidden,
    InAnotherSubmission,
    InvalidAttribute,
    InvalidState,
    NotAuthorized,
    NotFound,
    RateLimited,
    ReviewRefused,
    ServerError,
    refusal,
)

from .conftest import errors

ATTRIBUTE = "ENTITY_ERROR.ATTRIBUTE"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "NOT_AUTHORIZED", NotAuthorized),
        (403, "FORBIDDEN_ERROR", Forbidden),
        (403, "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", AgreementMissing),
        (404, "NOT_FOUND", NotFound),
        (400, "PARAMETER_ERROR.INVALID", BadRequest),
        (400, "ENTITY_INVALID", BadRequest),
        (405, "METHOD_NOT_ALLOWED", BadRequest),
        (410, "GONE", BadRequest),
        (415, "UNSUPPORTED_MEDIA_TYPE", BadRequest),
        (409, f"{ATTRIBUTE}.REQUIRED", InvalidAttribute),
        (409, f"{ATTRIBUTE}.INVALID", InvalidAttribute),
        (409, f"{ATTRIBUTE}.INVALID.DUPLICATE", Duplicate),
        (409, f"{ATTRIBUTE}.INVALID.DUPLICATE.DIFFERENT_ACCOUNT", Duplicate),
        (409, f"{ATTRIBUTE}.INVALID.INVALID_STATE", InvalidState),
        (409, "ENTITY_ERROR.RELATIONSHIP.REQUIRED", InvalidAttribute),
        (409, "ENTITY_ERROR.RELATIONSHIP.INVALID", InvalidAttribute),
        (409, "ENTITY_ERROR.INCLUDED.INVALID_ID", InvalidAttribute),
        (409, "STATE_ERROR.ENTITY_STATE_INVALID", InvalidState),
        (409, "STATE_ERROR.ITEM_PART_OF_ANOTHER_SUBMISSION", InAnotherSubmission),
        (409, "STATE_ERROR.ALREADY_EXISTS", Duplicate),
        (409, "SOMETHING_NEW", Conflict),
        (422, f"{ATTRIBUTE}.INVALID", InvalidAttribute),
        (429, "RATE_LIMIT_EXCEEDED", RateLimited),
        (500, "UNEXPECTED_ERROR", ServerError),
        (503, "UNEXPECTED_ERROR", ServerError),
    ],
)
def test_a_refusal_is_told_by_status_and_code(status: int, code: str, kind: type[AppStoreError]) -> None:
    document = errors({"status": str(status), "code": code, "detail": "Details."})
    error = refusal(status, document)
    assert type(error) is kind
    assert (error.status, error.codes, error.document) == (status, (code,), document)
    assert error.is_retryable is (kind in {RateLimited, ServerError})
    assert not error.outcome_unknown


def test_a_write_that_met_a_server_error_may_have_been_applied() -> None:
    assert refusal(500, None, is_write=True).outcome_unknown
    assert not refusal(429, None, is_write=True).outcome_unknown
    assert not refusal(409, None, is_write=True).outcome_unknown


def test_a_code_is_matched_by_whole_parts() -> None:
    error = refusal(409, errors({"code": "STATE_ERRORS_GALORE"}))
    assert type(error) is Conflict
    assert not error.has_code("STATE_ERROR")


def test_a_duplicate_is_found_behind_another_error() -> None:
    document = errors(
        {"code": "ENTITY_ERROR.RELATIONSHIP.INVALID", "detail": "Cannot find it."},
        {"code": f"{ATTRIBUTE}.INVALID.DUPLICATE", "detail": "Already used."},
    )
    assert isinstance(refusal(409, document), Duplicate)


def test_sentences_belong_to_our_field_names() -> None:
    document = errors(
        {
            "code": f"{ATTRIBUTE}.INVALID",
            "detail": "points must be between 0 and 100",
            "source": {"pointer": "/data/attributes/points"},
        },
        {
            "code": f"{ATTRIBUTE}.REQUIRED",
            "detail": "Missing.",
            "source": {"pointer": "/data/attributes/vendorIdentifier"},
        },
        {
            "code": "ENTITY_ERROR.RELATIONSHIP.INVALID",
            "detail": "Cannot find gameCenterDetails 'X'",
            "source": {"pointer": "/data/relationships/gameCenterDetail"},
        },
        {"code": "ENTITY_ERROR.INCLUDED.INVALID_ID", "source": {"pointer": "/included/0/id"}},
        {"code": "PARAMETER_ERROR.INVALID", "source": {"parameter": "filter[x]"}},
    )
    assert refusal(409, document).fields == {
        "points": "points must be between 0 and 100",
        "vendor_identifier": "Missing.",
        "game_center_detail": "Cannot find gameCenterDetails 'X'",
    }


NESTED = errors(
    {
        "code": "STATE_ERROR.ENTITY_STATE_INVALID",
        "detail": "This resource cannot be reviewed, please check associated errors to see why.",
        "meta": {
            "associatedErrors": {
                "/v2/gameCenterAchievementLocalizations/L1": [
                    {"code": "ENTITY_ERROR.RELATIONSHIP.REQUIRED", "detail": "You must provide an image"}
                ],
                "/v2/gameCenterAchievementLocalizations/L2": [
                    {"code": "ENTITY_ERROR.RELATIONSHIP.REQUIRED", "detail": "You must provide an image"},
                    {"code": f"{ATTRIBUTE}.REQUIRED", "title": "A name is missing."},
                ],
            }
        },
    }
)


def test_the_reasons_of_a_refused_review_are_read_from_inside() -> None:
    error = refusal(409, NESTED)
    assert isinstance(error, ReviewRefused)
    assert error.reasons == ("You must provide an image", "A name is missing.")
    assert "You must provide an image. A name is missing." in error.sentence
    assert error.has_code("ENTITY_ERROR.RELATIONSHIP")


def test_a_nested_code_counts_as_well() -> None:
    inner = {"/v1/x": [{"code": "STATE_ERROR.ITEM_PART_OF_ANOTHER_SUBMISSION", "detail": "Elsewhere."}]}
    document = errors({"code": "STATE_ERROR.ENTITY_STATE_INVALID", "meta": {"associatedErrors": inner}})
    assert isinstance(refusal(409, document), InAnotherSubmission)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 409, 418, 422, 429, 500, 503])
@pytest.mark.parametrize(
    "document",
    [None, {}, {"errors": None}, {"errors": "no"}, {"errors": [None, 3]}, {"errors": [{"source": "x", "meta": []}]}],
)
def test_a_refusal_without_a_proper_document_still_speaks(status: int, document: dict[str, Any] | None) -> None:
    error = refusal(status, document)
    assert error.sentence.endswith(".")
    assert len(error.sentence) > 20
    assert str(error) == error.sentence


def test_errors_nested_in_themselves_come_to_an_end() -> None:
    inner: dict[str, Any] = {"code": "X"}
    inner["meta"] = {"associatedErrors": {"/x": [inner]}}
    assert len(refusal(409, errors(inner)).codes) == 1000


def test_braces_in_apples_words_are_left_as_they_are() -> None:
    assert "{x}" in refusal(409, errors({"code": "ENTITY_ERROR", "detail": "bad {x}"})).sentence


def test_what_is_known_of_retry_after_goes_along() -> None:
    error = refusal(429, None, retry_after=7.0)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7.0
