"""One wish for many achievements: what each of them would become. A field that is left alone stays alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .validation import Problem

# A pattern may be written by anybody, and some never end: backtracking is bounded by the length it works on.
PATTERN_MAX = 200


class PointsMode(StrEnum):
    """What happens to points."""

    KEEP = ""
    SET = "set"
    ADD = "add"
    MULTIPLY = "multiply"
    FIT = "fit"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """A wish. None and empty text leave a field alone.

    `points` goes with `points_mode`: the number to set, to add, to multiply by, or the total that the chosen ones
    shall have together. `find` is looked for in reference names, as plain text in any case unless `is_case_sensitive`.
    """

    points_mode: PointsMode = PointsMode.KEEP
    points: float | None = None
    show_before_earned: bool | None = None
    repeatable: bool | None = None
    archived: bool | None = None
    find: str = ""
    replace: str = ""
    is_case_sensitive: bool = False

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the wish itself."""
        found = []
        if self.points_mode and self.points is None:
            found.append(Problem("points", "Give a number for the points."))
        if self.points is not None and not self.points_mode:
            found.append(Problem("points_mode", "Say what to do with the number: set, add, multiply or fit."))
        if self.replace and not self.find:
            found.append(Problem("find", "Say what to look for."))
        if len(self.find) > PATTERN_MAX:
            found.append(Problem("find", f"Look for at most {PATTERN_MAX} characters."))
        if self.is_empty and not found:
            found.append(Problem("", "Nothing is to be changed. Fill in at least one field."))
        return found

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wished."""
        return self == BulkEdit(replace=self.replace, is_case_sensitive=self.is_case_sensitive)


def wanted(rows: Sequence[Mapping[str, Any]], edit: BulkEdit) -> list[dict[str, Any]]:
    """What each achievement would become: only the attributes that the wish names."""
    points = _points(rows, edit)
    return [_one(row, edit) | ({"points": points[place]} if points else {}) for place, row in enumerate(rows)]


def _one(row: Mapping[str, Any], edit: BulkEdit) -> dict[str, Any]:
    named: dict[str, Any] = {
        "show_before_earned": edit.show_before_earned,
        "repeatable": edit.repeatable,
        "archived": edit.archived,
    }
    found = {name: value for name, value in named.items() if value is not None}
    if edit.find:
        flags = 0 if edit.is_case_sensitive else re.IGNORECASE
        found["reference_name"] = re.sub(
            re.escape(edit.find), lambda match: edit.replace, row["reference_name"], flags=flags
        )
    return found


def _points(rows: Sequence[Mapping[str, Any]], edit: BulkEdit) -> list[int]:
    """New points for each row; empty when they stay."""
    if not edit.points_mode or edit.points is None:
        return []
    present = [row["points"] for row in rows]
    if edit.points_mode is PointsMode.SET:
        return [round(edit.points)] * len(rows)
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
