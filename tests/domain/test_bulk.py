"""One wish for many: what is named changes, what is left alone stays."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from achievements_admin.domain.bulk import BulkEdit, PointsMode, Present, PropertiesMode, fit, wanted
from achievements_admin.domain.changes import Wanted

TEXTS = {"name": "Light", "before_earned_description": "Find the light", "after_earned_description": "Found"}
VALUES = {"vendor_identifier": "a", "reference_name": "First light", "points": 10, "activity_properties": {"x": "1"}}
OTHER = {"vendor_identifier": "b", "reference_name": "Second", "points": 25, "activity_properties": {}}
ROWS = [
    Present(VALUES, {"en-US": TEXTS, "de-DE": TEXTS | {"name": "Licht"}}),
    Present(OTHER, {"en-US": TEXTS}),
]


def become(edit: BulkEdit) -> list[Wanted]:
    """What the rows become, where every found text is replaced by capitals."""
    return wanted(ROWS, edit, lambda text: text.replace(edit.find, edit.find.upper()) if edit.find else text)


def test_an_empty_wish_is_a_problem_and_changes_nothing() -> None:
    assert BulkEdit().problems
    assert become(BulkEdit()) == [Wanted(vendor_identifier="a"), Wanted(vendor_identifier="b")]


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
    assert [one.attributes["points"] for one in become(BulkEdit(points_mode=mode, points=number))] == expected


def test_find_looks_only_where_it_is_told_to() -> None:
    first, _ = become(BulkEdit(find="light", fields=("reference_name",)))
    assert (first.attributes, first.texts) == ({"reference_name": "First LIGHT"}, {})
    first, _ = become(BulkEdit(find="ight", fields=("name",)))
    assert first.attributes == {}
    assert first.texts == {"en-US": {"name": "LIGHT"}, "de-DE": {"name": "Licht"}}
    first, _ = become(BulkEdit(find="ight", fields=("name",), locales=("de-DE",)))
    assert list(first.texts) == ["de-DE"]


def test_a_language_is_copied_to_those_that_lack_it_or_over_all() -> None:
    edit = BulkEdit(copy_from="en-US", copy_to=("en-GB", "de-DE"))
    first, second = become(edit)
    assert first.texts == {"en-GB": TEXTS}
    assert second.texts == {"en-GB": TEXTS, "de-DE": TEXTS}
    first, _ = become(replace(edit, copy_over=True))
    assert first.texts == {"en-GB": TEXTS, "de-DE": TEXTS}
    first, _ = become(replace(edit, find="Found", fields=("after_earned_description",)))
    assert first.texts["en-GB"] == TEXTS | {"after_earned_description": "FOUND"}


def test_activity_properties_are_replaced_or_added_to() -> None:
    edit = BulkEdit(properties_mode=PropertiesMode.ADD, activity_properties={"y": "2"})
    assert [one.attributes["activity_properties"] for one in become(edit)] == [{"x": "1", "y": "2"}, {"y": "2"}]
    edit = BulkEdit(properties_mode=PropertiesMode.SET)
    assert [one.attributes["activity_properties"] for one in become(edit)] == [{}, {}]


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (BulkEdit(points_mode=PointsMode.SET), "points"),
        (BulkEdit(points=5), "points_mode"),
        (BulkEdit(replace="x"), "find"),
        (BulkEdit(find="x" * 201), "find"),
        (BulkEdit(find="x", fields=()), "fields"),
        (BulkEdit(copy_from="en-US"), "copy_to"),
        (BulkEdit(copy_from="en-US", copy_to=("en-US",)), "copy_to"),
        (BulkEdit(copy_to=("en-US",)), "copy_from"),
        (BulkEdit(activity_properties={"x": "1"}), "properties_mode"),
        (BulkEdit(properties_mode=PropertiesMode.ADD), "activity_properties"),
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
