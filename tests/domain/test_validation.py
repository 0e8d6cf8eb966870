"""Every problem at once, each on its field, with what to do."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from achievements_admin.domain import limits
from achievements_admin.domain.validation import Sibling, attribute_problems, points_left, standing

GOOD = {
    "reference_name": "First win",
    "vendor_identifier": "first_win",
    "points": 10,
    "show_before_earned": True,
    "repeatable": False,
    "activity_properties": {},
}
NO_ONE: list[Sibling] = []


@pytest.fixture
def default_limits() -> Iterator[None]:
    yield
    limits.use({})


def problems(**changed: object) -> dict[str, str]:
    found = attribute_problems({**GOOD, **changed}, siblings=NO_ONE)
    return {problem.field: problem.message for problem in found}


def test_a_good_achievement_has_no_problems() -> None:
    assert problems() == {}


def test_all_problems_are_found_at_once() -> None:
    assert set(problems(reference_name="", vendor_identifier="a b", points=101)) == {
        "reference_name",
        "vendor_identifier",
        "points",
    }


@pytest.mark.parametrize("identifier", ["Ähre", "a b", "a/b", "emoji😀", "<b>"])
def test_odd_characters_in_an_identifier_are_named(identifier: str) -> None:
    odd = next(c for c in identifier if not (c.isascii() and (c.isalnum() or c in "._-")))
    assert ("a space" if odd == " " else odd) in problems(vendor_identifier=identifier)["vendor_identifier"]


def test_an_identifier_of_101_characters_is_too_long_and_one_of_100_is_not() -> None:
    assert "101" in problems(vendor_identifier="a" * 101)["vendor_identifier"]
    assert problems(vendor_identifier="a" * 100) == {}


def test_emoji_and_right_to_left_text_are_fine_in_a_reference_name() -> None:
    assert problems(reference_name="🏆 الفوز الأول <b>") == {}


def test_a_line_break_in_a_reference_name_is_refused() -> None:
    assert "line break" in problems(reference_name="a\nb")["reference_name"]


@pytest.mark.parametrize("points", [-1, 101, 10**9])
def test_points_outside_apples_range_are_refused(points: int) -> None:
    assert "from 0 to 100" in problems(points=points)["points"]


def test_points_over_the_total_say_how_many_are_left() -> None:
    siblings = [Sibling(f"a{n}", 100, False) for n in range(9)] + [Sibling("last", 95, False)]
    (problem,) = attribute_problems({**GOOD, "points": 10}, siblings=siblings)
    assert problem.field == "points"
    assert "5 are left" in problem.message


def test_a_group_has_no_total_but_its_prefix() -> None:
    siblings = [Sibling(f"grp.a{n}", 100, False) for n in range(10)]
    (problem,) = attribute_problems(GOOD, siblings=siblings, is_group=True)
    assert "grp." in problem.message
    assert attribute_problems({**GOOD, "vendor_identifier": "grp.x"}, siblings=siblings, is_group=True) == []


def test_achievement_101_is_refused() -> None:
    siblings = [Sibling(f"a{n}", 1, False) for n in range(100)]
    (problem,) = attribute_problems(GOOD, siblings=siblings)
    assert "Apple allows 100" in problem.message


def test_a_taken_identifier_is_refused() -> None:
    (problem,) = attribute_problems(GOOD, siblings=[Sibling("first_win", 5, False)])
    assert "taken" in problem.message


def test_what_is_at_apple_already_never_blocks_an_edit_of_something_else() -> None:
    base = {**GOOD, "reference_name": "x" * 400, "vendor_identifier": "odd name", "archived": False}
    assert attribute_problems({**base, "points": 5}, siblings=NO_ONE, base=base) == []


def test_points_of_a_live_achievement_are_frozen() -> None:
    base = {**GOOD, "archived": False}
    live = standing(["LIVE"], has_been_live=True)
    (problem,) = attribute_problems({**base, "points": 5}, siblings=NO_ONE, base=base, allowed=live)
    assert "stay at 10" in problem.message
    assert attribute_problems({**base, "reference_name": "New"}, siblings=NO_ONE, base=base, allowed=live) == []


def test_a_version_in_review_locks_every_attribute() -> None:
    base = {**GOOD, "archived": False}
    locked = standing(["LIVE", "IN_REVIEW"], has_been_live=True)
    assert attribute_problems({**base, "reference_name": "New"}, siblings=NO_ONE, base=base, allowed=locked)
    assert attribute_problems(base, siblings=NO_ONE, base=base, allowed=locked) == []


def test_a_draft_can_be_deleted_a_live_one_archived_and_neither_the_other_way_round() -> None:
    draft, live = standing(["PREPARE_FOR_SUBMISSION"], has_been_live=False), standing(["LIVE"], has_been_live=True)
    assert (bool(draft.why_not_deletable), bool(draft.why_not_archivable)) == (False, True)
    assert (bool(live.why_not_deletable), bool(live.why_not_archivable)) == (True, False)
    assert "submission" in standing(["READY_FOR_REVIEW"], has_been_live=False).why_not_deletable


def test_limits_can_be_changed_and_unknown_ones_are_refused(default_limits: None) -> None:
    limits.use({"points_max": 50})
    assert "from 0 to 50" in problems(points=60)["points"]
    with pytest.raises(ValueError, match="no_such_limit"):
        limits.use({"no_such_limit": 1})


@given(st.lists(st.integers(0, 100), max_size=30))
def test_points_left_and_used_make_the_total_or_nothing_is_left(points: list[int]) -> None:
    left = points_left([Sibling(str(n), one, False) for n, one in enumerate(points)])
    assert left == max(0, 1000 - sum(points))


@given(st.text(max_size=120))
def test_any_text_as_identifier_is_either_fine_or_named_as_a_problem(identifier: str) -> None:
    fine = 1 <= len(identifier) <= 100 and all(c.isascii() and (c.isalnum() or c in "._-") for c in identifier)
    assert (problems(vendor_identifier=identifier) == {}) == fine
