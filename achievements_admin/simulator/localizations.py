"""Versions and their texts, in both generations (facts 1.2, 2, 3)."""

from dataclasses import replace
from typing import Any

from . import achievements, errors
from .bodies import Attribute, Link, Shape
from .calls import Answer, Call
from .errors import Problem, refuse_if
from .records import EDITABLE_STATES, IN_REVIEW_STATES, Achievement, Localization, Version
from .schema import KINDS

_TEXT = Attribute("string", is_required=True)
_CREATE = {"locale": _TEXT, "name": _TEXT, "beforeEarnedDescription": _TEXT, "afterEarnedDescription": _TEXT}
_UPDATE = {name: Attribute("string", is_nullable=True) for name in _CREATE if name != "locale"}
_KNOWN = frozenset(KINDS["gameCenterAchievementLocalizations"].attributes)
_TYPE = "gameCenterAchievementLocalizations"
CREATE_V1 = Shape(
    _TYPE, "CREATE", _CREATE, {"gameCenterAchievement": Link("gameCenterAchievements", is_required=True)}, _KNOWN
)
CREATE_V2 = Shape(
    _TYPE, "CREATE", _CREATE, {"version": Link("gameCenterAchievementVersions", is_required=True)}, _KNOWN
)
UPDATE = Shape(_TYPE, "UPDATE", _UPDATE, {}, _KNOWN)
CREATE_VERSION = Shape(
    "gameCenterAchievementVersions",
    "CREATE",
    {},
    {"achievement": Link("gameCenterAchievements", is_required=True)},
    frozenset(KINDS["gameCenterAchievementVersions"].attributes),
)


def create_version(call: Call) -> Answer:
    """POST /v2/gameCenterAchievementVersions: one can be edited at a time, and it can't be deleted [R]."""
    body = call.body(CREATE_VERSION)
    achievement = call.target(Achievement, "achievement", body.links["achievement"])
    versions = call.store.tables.versions(achievement.id)
    unfinished = [one for one in versions if one.state in EDITABLE_STATES | IN_REVIEW_STATES]
    if unfinished and call.rules.one_editable_version:
        raise errors.state_invalid(
            f"gameCenterAchievements with id '{achievement.id}' is not in valid state.",
            f"Version {unfinished[-1].number} is in state {unfinished[-1].state}; finish it before you make another.",
        )
    newest = versions[-1]
    version = achievements.add_version(call, achievement, number=newest.number + 1)
    if call.rules.new_version_copies_localizations:
        _copy_localizations(call, newest, version)
    return call.created("gameCenterAchievementVersions", version)


def _copy_localizations(call: Call, newest: Version, version: Version) -> None:
    store = call.store
    for localization in store.tables.localizations(newest.id):
        copy = store.put(replace(localization, id=store.new_id(), version_id=version.id, created=call.view.now))
        image = store.tables.image_of(localization.id)
        if image is not None and image.state == "COMPLETE":
            content = image.content
            if content in store.contents:
                content = store.new_id()
                store.contents[content] = store.contents[image.content]
            store.put(
                replace(image, id=store.new_id(), localization_id=copy.id, content=content, created=call.view.now)
            )


def check_editable(call: Call, version: Version, *, is_first_generation: bool, is_new: bool = False) -> None:
    """Refuse what the version's state doesn't allow (facts 3.3)."""
    if version.state in EDITABLE_STATES:
        return
    # The first generation has no versions to make: a new language is live at once [R], the rest too [A].
    allowed = call.rules.v1_live_localization_is_live if is_new else call.rules.v1_live_text_editable
    if version.state == "LIVE" and is_first_generation and allowed:
        return
    raise errors.state_invalid(
        f"gameCenterAchievementVersions with id '{version.id}' is not in valid state.",
        f"The version can not be modified in the state {version.state}.",
    )


def _problems(call: Call, texts: dict[str, str | None]) -> list[Problem]:
    problems = []
    for name, value in texts.items():
        longest = call.rules.name_max if name == "name" else call.rules.description_max
        if value is not None and len(value) > longest:
            problems.append(errors.attribute_too_long(name, longest))
        elif (value is not None and not value.strip()) or (value is None and not call.rules.null_clears_text):
            problems.append(errors.attribute_required(name))
    return problems


def _create(call: Call, version: Version, given: dict[str, Any], *, is_first_generation: bool) -> Localization:
    locale = given["locale"]
    problems = _problems(call, {name: given[name] for name in _UPDATE})
    if not call.rules.allows_locale(locale):
        problems.append(errors.attribute_invalid("locale", f"'{locale}' is not a valid locale"))
    refuse_if(problems)
    check_editable(call, version, is_first_generation=is_first_generation, is_new=True)
    if any(one.locale == locale for one in call.store.tables.localizations(version.id)):
        text = f"Entity with locale: {locale} already exists. Try updating."
        raise errors.duplicate("locale", text, second=call.rules.duplicate_error_second)
    return call.store.put(
        Localization(
            id=call.store.new_id(),
            team=call.key.team,
            created=call.view.now,
            version_id=version.id,
            locale=locale,
            name=given["name"],
            before_earned_description=given["beforeEarnedDescription"],
            after_earned_description=given["afterEarnedDescription"],
        )
    )


def create_first_generation(call: Call) -> Answer:
    """POST /v1/gameCenterAchievementLocalizations; on a live achievement the language is live at once [R]."""
    body = call.body(CREATE_V1)
    achievement = call.target(Achievement, "gameCenterAchievement", body.links["gameCenterAchievement"])
    version = call.store.tables.first_generation_version(achievement.id)
    made = _create(call, version, body.attributes, is_first_generation=True)
    return call.created("gameCenterAchievementLocalizations", made)


def create(call: Call) -> Answer:
    """POST /v2/gameCenterAchievementLocalizations."""
    body = call.body(CREATE_V2)
    version = call.target(Version, "version", body.links["version"])
    made = _create(call, version, body.attributes, is_first_generation=False)
    return call.created("gameCenterAchievementLocalizationsV2", made)


_FIELDS = {
    "name": "name",
    "beforeEarnedDescription": "before_earned_description",
    "afterEarnedDescription": "after_earned_description",
}


def update(kind: str) -> Any:
    """PATCH of a localization."""

    def endpoint(call: Call) -> Answer:
        localization = call.found(Localization)
        given = call.body(UPDATE).attributes
        refuse_if(_problems(call, given))
        check_editable(call, _version(call, localization), is_first_generation=not kind.endswith("V2"))
        # `null` is read as "clear this field" [R].
        values: dict[str, Any] = {_FIELDS[name]: value if value is not None else "" for name, value in given.items()}
        changed = replace(localization, **values)
        if changed != localization:
            call.store.put(changed)
        return call.updated(kind, changed)

    return endpoint


def _version(call: Call, localization: Localization) -> Version:
    return call.found(Version, localization.version_id)


def delete(*, is_first_generation: bool) -> Any:
    """DELETE of a localization, with its image; the last one stays [R]."""

    def endpoint(call: Call) -> Answer:
        localization = call.found(Localization)
        version = _version(call, localization)
        title = f"gameCenterAchievementLocalizations with id '{localization.id}' is not in valid state."
        if version.state == "LIVE" and is_first_generation and not call.rules.v1_live_localization_deletable:
            raise errors.state_invalid(title, "A language of a live achievement can't be removed.")
        check_editable(call, version, is_first_generation=is_first_generation)
        others = [one for one in call.store.tables.localizations(version.id) if one.id != localization.id]
        if not others and not call.rules.last_localization_deletable:
            raise errors.state_invalid(title, "The last localization can't be removed.")
        call.store.remove(localization)
        return Answer(204)

    return endpoint
