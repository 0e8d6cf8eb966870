"""Wanted against what is: the smallest change, with its key, and nothing where nothing differs."""

from hypothesis import given
from hypothesis import strategies as st

from achievements_admin.domain.changes import ATTRIBUTES, Change, Kind, creation, deletion, update

BASE = {
    "reference_name": "First win",
    "vendor_identifier": "first_win",
    "points": 10,
    "show_before_earned": True,
    "repeatable": False,
    "archived": False,
    "activity_properties": {},
}
VALUES = {
    "reference_name": st.text(),
    "points": st.integers(0, 100),
    "show_before_earned": st.booleans(),
    "repeatable": st.booleans(),
    "archived": st.booleans(),
    "activity_properties": st.dictionaries(st.text(), st.text(), max_size=3),
}


def test_an_update_names_only_what_differs() -> None:
    change = update("apps/1", apple_id="A", base=BASE, wanted={**BASE, "points": 20})
    assert change is not None
    assert (change.before, change.after) == ({"points": 10}, {"points": 20})
    assert change.key == "apps/1/achievements/first_win"


def test_no_difference_is_no_change() -> None:
    assert update("apps/1", apple_id="A", base=BASE, wanted=BASE) is None


def test_a_creation_carries_no_archived_flag_since_apple_takes_none() -> None:
    change = creation("groups/7", BASE)
    assert change.kind is Kind.CREATE
    assert "archived" not in (change.after or {})
    assert change.key == "groups/7/achievements/first_win"


def test_a_deletion_keeps_everything_that_was() -> None:
    assert deletion("apps/1", apple_id="A", base=BASE).before == BASE


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_before_with_after_laid_over_it_is_what_was_wanted(wanted: dict[str, object]) -> None:
    change = update("apps/1", apple_id="A", base=BASE, wanted=wanted)
    after = {**BASE, **(change.after or {})} if change else BASE
    assert after == {**BASE, **wanted}
    assert not change or {**after, **(change.before or {})} == BASE


@given(st.fixed_dictionaries({name: VALUES.get(name, st.just("x")) for name in ATTRIBUTES}))
def test_a_change_survives_json(values: dict[str, object]) -> None:
    change = creation("apps/1", values)
    assert Change.from_json(change.as_json()) == change
