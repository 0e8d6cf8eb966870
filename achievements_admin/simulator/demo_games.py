"""What the demo studio has at Apple: games of every kind, versions in every state, and some things left undone."""

from collections.abc import Sequence
from typing import Any

from . import demo_phrases as phrases
from .demo_phrases import LOCALES

Json = dict[str, Any]
_TIERS = (5, 10, 25, 50, 75, 100, 250, 500)
_FEAT_TIERS = {
    "chapters": (1, 2, 3, 4, 5, 6, 7, 8),
    "days": (3, 7, 14, 30, 60, 90, 180, 365),
    "wins": (10, 25, 50, 100, 250, 500),
    "flawless": (3, 5, 10, 20, 40, 80),
    "friends": (2, 3, 5, 8, 12, 20),
}
_ROUND = (5, 10, 15, 10)  # ten on average, so that a hundred of them make a thousand
_POINTS = (5, 10, 15, 20, 25, 10, 5, 20)


def _achievement(
    prefix: str, subject: str, tier: int, *, locales: Sequence[str], points: int, states: Sequence[str] = ("LIVE",)
) -> Json:
    """One achievement, complete in all its languages, with a version per state."""
    tiers = _FEAT_TIERS.get(subject, _TIERS)
    number = tiers[tier % len(tiers)]
    identifier = f"{prefix}.{subject.replace(' ', '_')}_{number}"
    english = phrases.texts(subject, number=number, tier=tier, locale="en-US")
    return {
        "reference_name": f"{english.name} - {english.before.rstrip('.')}",
        "vendor_identifier": identifier,
        "points": points,
        "show_before_earned": tier < 5,
        "repeatable": subject == "wins" and tier == 0,
        "versions": [
            {
                "state": state,
                "localizations": [_localization(identifier, subject, number, tier, code) for code in locales],
            }
            for state in states
        ],
    }


def _localization(identifier: str, subject: str, number: int, tier: int, locale: str) -> Json:
    texts = phrases.texts(subject, number=number, tier=tier, locale=locale)
    file_name = f"{identifier.replace('.', '-')}.png"
    return {
        "locale": locale,
        "name": texts.name,
        "before_earned_description": texts.before,
        "after_earned_description": texts.after,
        "image": {"file_name": file_name, "art": identifier},
    }


def _set(
    prefix: str, subjects: Sequence[str], count: int, *, locales: Sequence[str], points: Sequence[int]
) -> list[Json]:
    """Achievements tier by tier, the first tiers of all subjects first, until there are enough."""
    made: list[Json] = []
    for tier in range(len(_TIERS)):
        for subject in subjects:
            if len(made) < count and tier < len(_FEAT_TIERS.get(subject, _TIERS)):
                value = points[len(made) % len(points)]
                made.append(_achievement(prefix, subject, tier, locales=locales, points=value))
    return made


def _with_states(achievement: Json, *states: str) -> None:
    """Give it a version for each state; the newest has a slightly changed English text."""
    texts = achievement["versions"][0]["localizations"]
    achievement["versions"] = [{"state": state, "localizations": texts} for state in states]
    if len(states) > 1:
        first = {**texts[0], "after_earned_description": texts[0]["after_earned_description"] + " Splendid!"}
        achievement["versions"][-1]["localizations"] = [first, *texts[1:]]


def document() -> Json:
    """The studio as a seed: two teams, eight games, one group."""
    return {
        "teams": [
            {
                "name": "Northlight Studio",
                "groups": [_lantern_series()],
                "apps": [_lantern_keep(), _embers(), _tide_runner(), _paper_orchard(), _glass_harbor()],
            },
            {"name": "Northlight Labs", "groups": [], "apps": [_moss_and_marrow(), _comet_post(), _quiet_ledger()]},
        ]
    }


def _lantern_series() -> Json:
    """A group's achievements have no limit to their points, and identifiers of their own."""
    subjects = ("lanterns", "keys", "towers", "scrolls", "shields", "chapters")
    made = _set("grp.lantern", subjects, 34, locales=LOCALES[:8], points=_POINTS)
    _with_states(made[-1], "PREPARE_FOR_SUBMISSION")
    return {"reference_name": "Lantern Keep Series", "achievements": made}


def _lantern_keep() -> Json:
    """In a group; two of its own were mapped onto the group's before the rest was."""
    own = _set("lantern", ("ravens", "lanterns", "keys"), 6, locales=LOCALES[:6], points=_POINTS)
    for one, group in zip(own[1:3], ("grp.lantern.lanterns_5", "grp.lantern.keys_5"), strict=True):
        one["group_achievement"] = group
    return {
        "id": "1590001001",
        "name": "Lantern Keep",
        "bundle_id": "com.northlight.lanternkeep",
        "sku": "NL-LANTERN-01",
        "group": "Lantern Keep Series",
        "versions": [
            {"version_string": "2.3.1", "state": "READY_FOR_DISTRIBUTION"},
            {"version_string": "2.4.0", "state": "PREPARE_FOR_SUBMISSION"},
        ],
        "achievements": own,
    }


def _embers() -> Json:
    own = _set("embers", ("embers",), 5, locales=LOCALES[:6], points=_POINTS)
    _with_states(own[4], "PREPARE_FOR_SUBMISSION")
    return {
        "id": "1590001002",
        "name": "Lantern Keep: Embers",
        "bundle_id": "com.northlight.lanternkeep.embers",
        "sku": "NL-LANTERN-02",
        "group": "Lantern Keep Series",
        "versions": [{"version_string": "1.1.0", "state": "READY_FOR_DISTRIBUTION"}],
        "achievements": own,
    }


def _tide_runner() -> Json:
    """Full: a hundred achievements with a thousand points."""
    subjects = (
        *("shells", "pearls", "boats", "anchors", "dolphins", "islands", "corals", "starfish", "maps"),
        *("chapters", "days", "wins", "flawless", "friends"),
    )
    made = _set("tide", subjects, 100, locales=LOCALES, points=_ROUND)
    made[96]["archived"] = True
    return {
        "id": "1590001003",
        "name": "Tide Runner",
        "bundle_id": "com.northlight.tiderunner",
        "sku": "NL-TIDE-01",
        "versions": [
            {"version_string": "3.0.2", "state": "REPLACED_WITH_NEW_VERSION"},
            {"version_string": "3.1.0", "state": "READY_FOR_DISTRIBUTION"},
        ],
        "achievements": made,
    }


def _paper_orchard() -> Json:
    """Versions in every state, with the submissions that brought them there."""
    subjects = ("apples", "seeds", "paper cranes", "bees", "baskets", "blossoms", "chapters", "flawless")
    made = _set("orchard", subjects, 42, locales=LOCALES[:10], points=_POINTS)
    states = {
        20: ("LIVE", "PREPARE_FOR_SUBMISSION"),
        21: ("PREPARE_FOR_SUBMISSION",),
        22: ("REPLACED_WITH_NEW_VERSION", "LIVE"),
        23: ("LIVE", "READY_FOR_REVIEW"),
        24: ("READY_FOR_REVIEW",),
        25: ("LIVE", "WAITING_FOR_REVIEW"),
        26: ("WAITING_FOR_REVIEW",),
        27: ("IN_REVIEW",),
        28: ("LIVE", "IN_REVIEW"),
        29: ("LIVE", "REJECTED"),
        30: ("ACCEPTED",),
        31: ("DEVELOPER_REJECTED",),
        32: ("PENDING_RELEASE",),
        33: ("LIVE", "PENDING_RELEASE"),
        34: ("REPLACED_WITH_NEW_VERSION", "REPLACED_WITH_NEW_VERSION", "LIVE", "PREPARE_FOR_SUBMISSION"),
    }
    for place, chosen in states.items():
        _with_states(made[place], *chosen)
    for one in made[35:38]:
        one["archived"] = True
    names = [one["vendor_identifier"] for one in made]

    def submission(state: str, *items: tuple[int, str], date: str = "", platform: str = "IOS", **more: Any) -> Json:
        listed = [{"achievement": names[place], "state": item} for place, item in items]
        first = [more["app_version"]] if "app_version" in more else []
        return {"state": state, "platform": platform, "submitted_date": date or None, "items": first + listed}

    ready = "READY_FOR_REVIEW"
    return {
        "id": "1590001004",
        "name": "Paper Orchard",
        "bundle_id": "com.northlight.paperorchard",
        "sku": "NL-ORCHARD-01",
        "versions": [
            {"version_string": "1.6.0", "state": "READY_FOR_DISTRIBUTION"},
            {"version_string": "1.7.0", "state": "PENDING_DEVELOPER_RELEASE", "release_type": "MANUAL"},
            {"version_string": "1.6.0", "state": "READY_FOR_DISTRIBUTION", "platform": "TV_OS"},
        ],
        "achievements": made,
        "submissions": [
            submission("COMPLETE", (22, "APPROVED"), date="2026-09-14T10:12:00+00:00"),
            submission(
                "COMPLETE",
                (32, "APPROVED"),
                (33, "APPROVED"),
                date="2026-11-17T08:30:00+00:00",
                app_version={"app_version": "1.7.0", "state": "APPROVED"},
            ),
            submission("UNRESOLVED_ISSUES", (29, "REJECTED"), (30, "ACCEPTED"), date="2026-11-19T15:45:00+00:00"),
            submission("IN_REVIEW", (27, ready), (28, ready), date="2026-11-22T09:05:00+00:00"),
            submission(
                "WAITING_FOR_REVIEW", (25, ready), (26, ready), date="2026-11-23T16:20:00+00:00", platform="TV_OS"
            ),
            submission(ready, (23, ready), (24, ready)),
        ],
    }


def _glass_harbor() -> Json:
    """Kept with the first generation: releases, live and waiting, and no second versions."""
    made = _set(
        "harbor", ("bottles", "mirrors", "gulls", "prisms", "chapters"), 31, locales=LOCALES[:5], points=_POINTS
    )
    for one in made[:26]:
        one["release"] = "live"
    for one in made[26:29]:
        one["release"] = "waiting"
    for one in made[26:]:
        _with_states(one, "PREPARE_FOR_SUBMISSION")
    return {
        "id": "1590001005",
        "name": "Glass Harbor",
        "bundle_id": "com.northlight.glassharbor",
        "sku": "NL-HARBOR-01",
        "versions": [
            {"version_string": "1.2.0", "state": "READY_FOR_DISTRIBUTION"},
            {"version_string": "1.3.0", "state": "PREPARE_FOR_SUBMISSION"},
        ],
        "achievements": made,
    }


def _moss_and_marrow() -> Json:
    """Unfinished work: languages and images missing, a text too long, an image that failed."""
    subjects = ("mushrooms", "feathers", "stones", "beetles", "roots", "foxes", "days", "wins")
    made = _set("moss", subjects, 48, locales=LOCALES, points=_POINTS)
    for one in made[24:]:
        _with_states(one, "PREPARE_FOR_SUBMISSION")
    for place in (24, 25, 26, 30):
        _localizations(made[place])[5:] = []
    for place in (27, 28):
        for text in _localizations(made[place])[7:]:
            text["image"] = False
    _localizations(made[29])[:] = []
    # Longer than what Apple's dialog takes today: such texts exist from earlier days.
    _localizations(made[31])[1]["before_earned_description"] = (
        "Sammle so viele Pilze, Federn, Steine und Wurzeln, wie du nur tragen kannst, und bringe sie alle wohlbehalten "
        "vor dem ersten Frost zurück in die alte Hütte am Rand des Moores."
    )
    failed = {"code": "IMAGE_INCORRECT_DIMENSIONS", "text": "The image has to be 512x512 or 1024x1024 pixels."}
    image = _localizations(made[32])[0]["image"]
    image.update({"state": "FAILED", "errors": [[failed["code"], failed["text"]]], "file_name": "old-icon-300.png"})
    made[4]["archived"] = True
    return {
        "id": "1590002001",
        "name": "Moss & Marrow",
        "bundle_id": "com.northlightlabs.mossmarrow",
        "sku": "NLL-MOSS-01",
        "versions": [
            {"version_string": "0.9.4", "state": "READY_FOR_DISTRIBUTION"},
            {"version_string": "1.0.0", "state": "PREPARE_FOR_SUBMISSION"},
        ],
        "achievements": made,
    }


def _localizations(achievement: Json) -> list[Json]:
    found: list[Json] = achievement["versions"][-1]["localizations"]
    return found


def _comet_post() -> Json:
    """Brand new: Game Center is on, and there is nothing in it."""
    return {
        "id": "1590002002",
        "name": "Comet Post",
        "bundle_id": "com.northlightlabs.cometpost",
        "sku": "NLL-COMET-01",
        "versions": [{"version_string": "1.0", "state": "PREPARE_FOR_SUBMISSION"}],
    }


def _quiet_ledger() -> Json:
    """A game without Game Center."""
    return {
        "id": "1590002003",
        "name": "Quiet Ledger",
        "bundle_id": "com.northlightlabs.quietledger",
        "sku": "NLL-LEDGER-01",
        "game_center": False,
        "versions": [{"version_string": "2.2.0", "state": "READY_FOR_DISTRIBUTION"}],
    }
