"""One wish for many achievements: what each of them would become. A field that is left alone stays alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .changes import TEXTS, Values, Wanted
from .validation import Problem

FINDABLE = ("reference_name", *TEXTS)
"""Where find and replace may look."""
FIND_MAX = 200


class PointsMode(StrEnum):
    """What happens to points."""

    KEEP = ""
    SET = "set"
    ADD = "add"
    MULTIPLY = "multiply"
    FIT = "fit"


class PropertiesMode(StrEnum):
    """What happens to activity properties: replaced as a whole, or some of them set."""

    KEEP = ""
    SET = "set"
    ADD = "add"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """A wish. None and empty text leave a field alone.

    `points` goes with `points_mode`: the number to set, to add, to multiply by, or the total that the chosen ones
    shall have together. `find` is looked for in `fields` (names of FINDABLE) of `locales` (none: all languages), as
    plain text, or as a regular expression where `is_pattern`. The texts of `copy_from` go to each locale of `copy_to`:
    to those that lack it, or with `copy_over` to all.
    """

    points_mode: PointsMode = PointsMode.KEEP
    points: float | None = None
    show_before_earned: bool | None = None
    repeatable: bool | None = None
    archived: bool | None = None
    properties_mode: PropertiesMode = PropertiesMode.KEEP
    activity_properties: Values | None = None
    find: str = ""
    replace: str = ""
    is_case_sensitive: bool = False
    is_pattern: bool = False
    fields: tuple[str, ...] = ("reference_name",)
    locales: tuple[str, ...] = ()
    copy_from: str = ""
    copy_to: tuple[str, ...] = ()
    copy_over: bool = False

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the wish itself."""
        found = []
        if self.points_mode and self.points is None:
            found.append(Problem("points", "Give a number for the points."))
        if self.points is not None and not self.points_mode:
            found.append(Problem("points_mode", "Say what to do with the number: set, add, multiply or fit."))
        if self.activity_properties and not self.properties_mode:
            found.append(Problem("properties_mode", "Say what to do with the activity properties: replace or add."))
        if self.properties_mode is PropertiesMode.ADD and not self.activity_properties:
            found.append(Problem("activity_properties", "Write at least one activity property to add."))
        if self.replace and not self.find:
            found.append(Problem("find", "Say what to look for."))
        if len(self.find) > FIND_MAX:
            found.append(Problem("find", f"Look for at most {FIND_MAX} characters."))
        if self.find and not self.fields:
            found.append(Problem("fields", "Say where to look: in reference names, names or descriptions."))
        if self.copy_to and not self.copy_from:
            found.append(Problem("copy_from", "Say which language to copy."))
        if self.copy_from and not set(self.copy_to) - {self.copy_from}:
            found.append(Problem("copy_to", f"Say which languages get the texts of {self.copy_from}."))
        if not (found or self.points_mode or self.properties_mode or self.find or self.copy_from or self._flags):
            found.append(Problem("", "Nothing is to be changed. Fill in at least one field."))
        return found

    @property
    def _flags(self) -> dict[str, bool]:
        named = {
            "show_before_earned": self.show_before_earned,
            "repeatable": self.repeatable,
            "archived": self.archived,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Present:
    """An achievement as it is: its attributes, and its texts by locale."""

    values: Values
    texts: Mapping[str, Values]


def wanted(present: Sequence[Present], edit: BulkEdit, substitute: Callable[[str], str]) -> list[Wanted]:
    """What each achievement would become: only what the wish names. `substitute` finds and replaces in one text."""
    points = _points([one.values["points"] for one in present], edit)
    return [
        Wanted(
            vendor_identifier=one.values["vendor_identifier"],
            attributes=_attributes(one.values, edit, substitute) | ({"points": points[place]} if points else {}),
            texts=_texts(one.texts, edit, substitute),
        )
        for place, one in enumerate(present)
    ]


def _attributes(values: Values, edit: BulkEdit, substitute: Callable[[str], str]) -> dict[str, Any]:
    found: dict[str, Any] = dict(edit._flags)
    if edit.properties_mode:
        kept = values["activity_properties"] if edit.properties_mode is PropertiesMode.ADD else {}
        found["activity_properties"] = {**kept, **(edit.activity_properties or {})}
    if edit.find and "reference_name" in edit.fields:
        found["reference_name"] = substitute(values["reference_name"])
    return found


def _texts(texts: Mapping[str, Values], edit: BulkEdit, substitute: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if edit.copy_from in texts:
        targets = set(edit.copy_to) - {edit.copy_from}
        for locale in targets if edit.copy_over else targets - set(texts):
            found[locale] = dict(texts[edit.copy_from])
    names = [name for name in TEXTS if edit.find and name in edit.fields]
    for locale in [*texts, *(locale for locale in found if locale not in texts)]:
        if names and (not edit.locales or locale in edit.locales):
            held = found.get(locale, texts.get(locale, {}))
            found[locale] = {**found.get(locale, {}), **{name: substitute(held[name]) for name in names}}
    return found


def _points(present: Sequence[int], edit: BulkEdit) -> list[int]:
    """New points for each achievement; empty when they stay."""
    if not edit.points_mode or edit.points is None:
        return []
    if edit.points_mode is PointsMode.SET:
        return [round(edit.points)] * len(present)
    if edit.points_mode is PointsMode.ADD:
        return [number + round(edit.points) for number in present]
    if edit.points_mode is PointsMode.MULTIPLY:
        return [round(number * edit.points) for number in present]
    return fit(present, total=round(edit.points))


def fit(points: Sequence[int], *, total: int) -> list[int]:
    """Scale whole numbers so that their sum is exactly `total`, each as near to its share as can be.

    What rounding leaves over goes to the largest remainders, the first of equals first.
    """
    if not points:
        return []
    weight = sum(points)
    shares = [number * total / weight if weight else total / len(points) for number in points]
    whole = [int(share) for share in shares]
    by_remainder = sorted(range(len(points)), key=lambda place: (whole[place] - shares[place], place))
    for place in by_remainder[: total - sum(whole)]:
        whole[place] += 1
    return whole
