"""One wish for many: what is named changes, what is left alone stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from achievements_admin.domain.bulk import BulkEdit, PointsMode, fit, wanted

ROWS: list[dict[str, Any]] = [
    {"reference_name": "First light", "points": 10},
    {"reference_name": "first LIGHT again", "points": 25},
]


def test_an_empty_wish_is_a_problem_and_changes_nothing() -> None:
    assert BulkEdit().problems
    assert wanted(ROWS, BulkEdit()) == [{}, {}]


@pytest.mark.parametrize(
    ("mode", "number", "expected"),
    [
        (PointsMode.SET, 5, [5, 5]),
        (PointsMode.ADD, -5, [5, 20]),
        (PointsMode.MULTIPLY, 0.5, [5, 12]),
        (PointsMode.FIT, 100, [29, 71]),
    ],
)
def test_points_are_set_added_multiplied_or_fitted(mode: PointsMode, number: float, expected: list[int]) -> None:
    assert [row["points"] for row in wanted(ROWS, BulkEdit(points_mode=mode, points=number))] == expected


def test_find_and_replace_is_plain_text_in_any_case_unless_asked_otherwise() -> None:
    edit = BulkEdit(find="light", replace=r"dark \1")
    assert [row["reference_name"] for row in wanted(ROWS, edit)] == [r"First dark \1", r"first dark \1 again"]
    edit = BulkEdit(find="LIGHT", replace="x", is_case_sensitive=True)
    assert [row["reference_name"] for row in wanted(ROWS, edit)] == ["First light", "first x again"]
    assert wanted([{"reference_name": "a.b", "points": 1}], BulkEdit(find=".", replace=""))[0] == {
        "reference_name": "ab"
    }


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (BulkEdit(points_mode=PointsMode.SET), "points"),
        (BulkEdit(points=5), "points_mode"),
        (BulkEdit(replace="x"), "find"),
        (BulkEdit(find="x" * 201), "find"),
    ],
)
def test_half_a_wish_says_what_is_missing(edit: BulkEdit, field: str) -> None:
    assert field in [problem.field for problem in edit.problems]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=100), st.integers(0, 1000))
def test_fitted_points_have_exactly_the_total_and_keep_their_order(points: list[int], total: int) -> None:
    fitted = fit(points, total=total)
    assert sum(fitted) == total
    assert all(number >= 0 for number in fitted)
    if sum(points):
        assert all(abs(new - old * total / sum(points)) < 1 for old, new in zip(points, fitted, strict=True))
