"""What Apple would refuse, found before anything is sent: every problem at once, none raised."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import limits
from .achievement import VersionState
from .changes import TEXTS

# Characters seen in real identifiers; Apple publishes no set (the sibling page "Challenges": letters, digits, periods).
VENDOR_IDENTIFIER = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, on which field, and what to do about it."""

    field: str
    message: str


TEXT_WORDS = {
    "name": "name",
    "before_earned_description": "description before it is earned",
    "after_earned_description": "description after it is earned",
}
"""What a sentence calls the attributes of a text."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """What the rules need to know of the other achievements of a game or group."""

    vendor_identifier: str
    points: int
    archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is allowed for an existing achievement, and why not, from its versions and whether it has been live."""

    is_locked: bool
    has_been_live: bool
    is_in_submission: bool = False

    @property
    def why_points_are_frozen(self) -> str:
        """Why the points can't change now; empty when they can (iTunes partner FAQ)."""
        if self.has_been_live and limits.current().points_frozen_when_live:
            return "Apple freezes the points of an achievement that has been live."
        return self.why_locked

    @property
    def why_locked(self) -> str:
        """Why no attribute can change now; empty when it can."""
        if self.is_locked:
            return "Apple locks an achievement while a version of it is in review. Wait for the review or withdraw it."
        return ""

    @property
    def why_not_deletable(self) -> str:
        """Why Apple would refuse to delete it; empty when it would not."""
        if self.has_been_live:
            return "It has been live, and Apple never deletes such an achievement. Archive it instead."
        if self.is_locked or self.is_in_submission:
            return "It is part of a review submission. Take it out of the submission first."
        return ""

    @property
    def why_not_archivable(self) -> str:
        """Why it can't be archived; empty when it can."""
        if not self.has_been_live and limits.current().archive_needs_live:
            return "Only an achievement that has been live can be archived. Delete it if it is not needed."
        return self.why_locked


def standing(states: Iterable[str], *, has_been_live: bool) -> Standing:
    """The standing of an achievement whose versions are in these states."""
    known = {VersionState(state) for state in states if state in VersionState.__members__}
    return Standing(
        is_locked=any(state.is_in_review for state in known),
        has_been_live=has_been_live,
        is_in_submission=VersionState.READY_FOR_REVIEW in known,
    )


def attribute_problems(
    wanted: Mapping[str, Any],
    *,
    siblings: Sequence[Sibling],
    is_group: bool = False,
    base: Mapping[str, Any] | None = None,
    allowed: Standing | None = None,
) -> list[Problem]:
    """What is wrong with `wanted` attributes of an achievement.

    `siblings` are the *other* achievements of the same game or group. For an existing achievement `base` holds its
    present attributes: only what differs is judged, so that what is already at Apple never blocks an edit.
    """
    changed = {name: value for name, value in wanted.items() if base is None or base.get(name) != value}
    problems: list[Problem] = []
    if allowed and changed and allowed.why_locked:
        problems.append(Problem("", allowed.why_locked))
    if "reference_name" in changed:
        problems += _reference_name_problems(changed["reference_name"])
    if "vendor_identifier" in changed and base is None:
        problems += _vendor_identifier_problems(changed["vendor_identifier"], siblings=siblings, is_group=is_group)
    if "points" in changed:
        archived = bool(wanted.get("archived", (base or {}).get("archived", False)))
        problems += points_problems(changed["points"], siblings=siblings, is_group=is_group, is_archived=archived)
        if allowed and base is not None and not allowed.why_locked and allowed.why_points_are_frozen:
            problems.append(Problem("points", f"{allowed.why_points_are_frozen} They stay at {base['points']}."))
    if "activity_properties" in changed:
        problems += _activity_problems(changed["activity_properties"])
    if base is None and not is_group and len(siblings) >= limits.current().achievements_max:
        most = limits.current().achievements_max
        problems.append(
            Problem("", f"This game has {len(siblings)} achievements and Apple allows {most}. Delete a draft first.")
        )
    return problems


def points_problems(
    points: int, *, siblings: Sequence[Sibling], is_group: bool = False, is_archived: bool = False
) -> list[Problem]:
    """What is wrong with the points of one achievement beside its siblings (Help, "Achievements")."""
    rules = limits.current()
    problems = []
    if not rules.points_min <= points <= rules.points_max:
        problems.append(
            Problem("points", f"Points go from {rules.points_min} to {rules.points_max}; this has {points}.")
        )
    left = points_left(siblings)
    counts = rules.archived_points_count or not is_archived
    if not is_group and counts and points > left and points <= rules.points_max:
        problems.append(
            Problem(
                "points",
                f"A game has {rules.total_points_max:,} points in all and {left} are left; this has {points}. "
                "Lower it, or lower another achievement first.",
            )
        )
    return problems


def points_left(siblings: Iterable[Sibling]) -> int:
    """How many of a game's points the siblings leave."""
    rules = limits.current()
    used = sum(s.points for s in siblings if rules.archived_points_count or not s.archived)
    return max(0, rules.total_points_max - used)


def _reference_name_problems(name: str) -> list[Problem]:
    most = limits.current().reference_name_max
    if not name.strip():
        return [Problem("reference_name", "Give it a reference name. Only your team sees it.")]
    problems = []
    if len(name) > most:
        problems.append(
            Problem("reference_name", f"The reference name has {len(name)} characters; Apple takes {most}.")
        )
    if any(unicodedata.category(character) == "Cc" for character in name):
        problems.append(
            Problem(
                "reference_name",
                "The reference name holds a line break, a tab or another control character. Remove it.",
            )
        )
    return problems


def _vendor_identifier_problems(identifier: str, *, siblings: Sequence[Sibling], is_group: bool) -> list[Problem]:
    rules = limits.current()
    if not identifier:
        return [Problem("vendor_identifier", "Give it an identifier, such as first_win. It can never be changed.")]
    problems = []
    if len(identifier) > rules.vendor_identifier_max:
        problems.append(
            Problem(
                "vendor_identifier",
                f"The identifier has {len(identifier)} characters; Apple takes {rules.vendor_identifier_max}.",
            )
        )
    odd = sorted({character for character in identifier if not VENDOR_IDENTIFIER.fullmatch(character)})
    if odd:
        shown = ", ".join("a space" if character == " " else f"“{character}”" for character in odd[:5])
        problems.append(
            Problem(
                "vendor_identifier",
                f"The identifier holds {shown}. Use letters A–Z, digits, full stops, hyphens and underscores.",
            )
        )
    if is_group and not identifier.startswith(rules.group_prefix):
        problems.append(
            Problem("vendor_identifier", f"Identifiers of a group's achievements start with {rules.group_prefix}")
        )
    if any(sibling.vendor_identifier == identifier for sibling in siblings):
        problems.append(Problem("vendor_identifier", f"The identifier {identifier} is taken here. Choose another."))
    return problems


def text_problems(locale: str, wanted: Mapping[str, Any], *, base: Mapping[str, Any] | None = None) -> list[Problem]:
    """What is wrong with the texts of one language; of one that is there (`base`) only what differs is judged."""
    problems = [] if base is not None else _locale_problems(locale)
    rules = limits.current()
    for name in TEXTS:
        text = wanted.get(name, "" if base is None else base[name])
        if base is not None and text == base[name]:
            continue
        word, most = TEXT_WORDS[name], rules.name_max if name == "name" else rules.description_max
        if not text.strip():
            problems.append(
                Problem(name, f"The {word} in {locale} is empty. Apple wants all three texts of a language.")
            )
        if len(text) > most:
            problems.append(
                Problem(name, f"The {word} in {locale} has {len(text)} characters; Apple takes {most}. Shorten it.")
            )
        if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text):
            problems.append(Problem(name, f"The {word} in {locale} holds a control character. Remove it."))
    return problems


def _locale_problems(locale: str) -> list[Problem]:
    known = limits.current().locales.split()
    if locale in known:
        return []
    language = locale.replace("_", "-").split("-")[0].lower()
    near = [one for one in known if one.split("-")[0].lower() == language]
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Apple's codes are such as {', '.join(known[12:15])}."
    return [Problem("locale", f"Apple knows no language “{locale}”. {hint}")]


def _activity_problems(properties: Mapping[str, Any]) -> list[Problem]:
    if all(isinstance(key, str) and key.strip() and isinstance(value, str) for key, value in properties.items()):
        return []
    return [Problem("activity_properties", "Each activity property needs a name and a text as its value.")]
