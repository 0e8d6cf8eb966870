"""Achievements of both generations: made, changed, deleted, by Apple's rules and limits (facts 1.1, 2, 3)."""

import re
from dataclasses import replace
from typing import Any

from . import bodies, errors
from .bodies import Attribute, Body, Link, Shape
from .calls import Answer, Call
from .errors import Problem, Refusal, refuse_if
from .records import Achievement, Detail, Group, Item, Version
from .schema import KINDS, group_achievements
from .store import Tables

_TEXT, _NUMBER, _SWITCH = (Attribute(one, is_required=True) for one in ("string", "integer", "boolean"))
_CREATE = {
    "referenceName": _TEXT,
    "vendorIdentifier": _TEXT,
    "points": _NUMBER,
    "showBeforeEarned": _SWITCH,
    "repeatable": _SWITCH,
    "activityProperties": Attribute("map", is_nullable=True),
}
_UPDATE = {
    "referenceName": Attribute("string", is_nullable=True),
    "points": Attribute("integer", is_nullable=True),
    "showBeforeEarned": Attribute("boolean", is_nullable=True),
    "repeatable": Attribute("boolean", is_nullable=True),
    "archived": Attribute("boolean", is_nullable=True),
    "activityProperties": Attribute("map", is_nullable=True),
}
_KNOWN = frozenset(KINDS["gameCenterAchievements"].attributes)
_OWNERS = {"gameCenterDetail": Link("gameCenterDetails"), "gameCenterGroup": Link("gameCenterGroups")}
_FIELDS = {
    "referenceName": "reference_name",
    "points": "points",
    "showBeforeEarned": "show_before_earned",
    "repeatable": "repeatable",
    "archived": "archived",
    "activityProperties": "activity_properties",
}
CREATE_V1 = Shape("gameCenterAchievements", "CREATE", _CREATE, _OWNERS, _KNOWN)
CREATE_V2 = Shape(
    "gameCenterAchievements",
    "CREATE",
    _CREATE,
    {**_OWNERS, "versions": Link("gameCenterAchievementVersions", is_required=True, is_many=True)},
    _KNOWN,
    inlines="gameCenterAchievementVersions",
)
UPDATE = Shape("gameCenterAchievements", "UPDATE", _UPDATE, {}, _KNOWN)


def create_first_generation(call: Call) -> Answer:
    """POST /v1/gameCenterAchievements: the achievement is its own only version."""
    return call.created("gameCenterAchievements", _create(call, call.body(CREATE_V1)))


def create(call: Call) -> Answer:
    """POST /v2/gameCenterAchievements, with its first version inline [R]."""
    body = call.body(CREATE_V2)
    if len(body.linked["versions"]) != 1:
        raise Refusal(errors.relationship_invalid("versions", "Exactly one version must be provided"))
    includes = ("versions",) if call.rules.creation_names_version else ()
    return call.created("gameCenterAchievementsV2", _create(call, body), includes=includes)


def _create(call: Call, body: Body) -> Achievement:
    owners = [name for name in _OWNERS if name in body.links]
    if len(owners) != 1:
        raise (
            Refusal(errors.relationship_required("gameCenterDetail"))
            if not owners
            else Refusal(
                errors.relationship_invalid(
                    "gameCenterGroup", "Provide a gameCenterDetail or a gameCenterGroup, not both"
                )
            )
        )
    detail_id = group_id = None
    if owners[0] == "gameCenterDetail":
        detail_id = call.target(Detail, "gameCenterDetail", body.links["gameCenterDetail"]).id
    else:
        group_id = call.target(Group, "gameCenterGroup", body.links["gameCenterGroup"]).id
    given = body.attributes
    properties = given.get("activityProperties")
    achievement = Achievement(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        detail_id=detail_id,
        group_id=group_id,
        reference_name=given["referenceName"],
        vendor_identifier=given["vendorIdentifier"],
        points=given["points"],
        show_before_earned=given["showBeforeEarned"],
        repeatable=given["repeatable"],
        activity_properties=None if properties is None else tuple(sorted(properties.items())),
    )
    refuse_if([*_value_problems(call, achievement), *_identifier_problems(call, achievement)])
    _check_not_taken(call, achievement)
    refuse_if(_total_problems(call, achievement, is_new=True))
    call.store.put(achievement)
    call.store.used_identifiers.add((owner_of(achievement), achievement.vendor_identifier))
    add_version(call, achievement, number=1)
    return achievement


def add_version(call: Call, achievement: Achievement, *, number: int) -> Version:
    """A version that can be edited."""
    return call.store.put(
        Version(
            id=call.store.new_id(),
            team=achievement.team,
            created=call.view.now,
            achievement_id=achievement.id,
            number=number,
        )
    )


def owner_of(achievement: Achievement) -> str:
    """The detail or group whose namespace the vendor identifier is in."""
    return achievement.group_id or achievement.detail_id or ""


def _value_problems(call: Call, achievement: Achievement) -> list[Problem]:
    rules, problems = call.rules, []
    if not achievement.reference_name.strip():
        problems.append(errors.attribute_required("referenceName"))
    if len(achievement.reference_name) > rules.reference_name_max:
        problems.append(errors.attribute_too_long("referenceName", rules.reference_name_max))
    if not rules.points_min <= achievement.points <= rules.points_max:
        text = f"points must be between {rules.points_min} and {rules.points_max}"
        problems.append(errors.attribute_invalid("points", text))
    return problems


def _identifier_problems(call: Call, achievement: Achievement) -> list[Problem]:
    rules, identifier, problems = call.rules, achievement.vendor_identifier, []
    if len(identifier) > rules.vendor_identifier_max:
        problems.append(errors.attribute_too_long("vendorIdentifier", rules.vendor_identifier_max))
    if not re.fullmatch(rules.vendor_identifier_pattern, identifier):
        text = "The vendor identifier may only contain letters, digits, periods, underscores and hyphens."
        problems.append(errors.attribute_invalid("vendorIdentifier", text))
    if achievement.group_id and rules.group_prefix_required and not identifier.startswith("grp."):
        text = "The vendor identifier of a group's achievement must start with 'grp.'."
        problems.append(errors.attribute_invalid("vendorIdentifier", text))
    return problems


def siblings(tables: Tables, achievement: Achievement) -> list[Achievement]:
    """The achievements of the same detail or group."""
    if achievement.group_id:
        return tables.children(Achievement, "group_id", achievement.group_id)
    return tables.children(Achievement, "detail_id", achievement.detail_id or "")


def _check_not_taken(call: Call, achievement: Achievement) -> None:
    identifier = achievement.vendor_identifier
    is_taken = any(one.vendor_identifier == identifier for one in siblings(call.store.tables, achievement))
    was_taken = (owner_of(achievement), identifier) in call.store.used_identifiers
    if is_taken or (was_taken and not call.rules.vendor_identifier_reusable_after_delete):
        detail = f"The vendor identifier '{identifier}' has already been used."
        raise errors.duplicate("vendorIdentifier", detail, second=call.rules.duplicate_error_second)


def _total_problems(call: Call, achievement: Achievement, *, is_new: bool) -> list[Problem]:
    """What the whole game would have: 100 achievements and 1,000 points; a group has no such limits [H]."""
    if achievement.group_id:
        return []
    others = [one for one in siblings(call.store.tables, achievement) if one.id != achievement.id]
    if is_new and len(others) >= call.rules.achievements_per_app:
        text = f"The limit of {call.rules.achievements_per_app} achievements for this app has been reached."
        return [errors.relationship_invalid("gameCenterDetail", text)]
    counted = [one.points for one in (*others, achievement) if call.rules.archived_points_count or not one.archived]
    if sum(counted) > call.rules.total_points_max:
        text = f"The total of points for this app is {sum(counted)}; it may not exceed {call.rules.total_points_max}."
        return [errors.attribute_invalid("points", text)]
    return []


def update(kind: str) -> Any:
    """PATCH of an achievement; the same in both generations but for the document that comes back."""

    def endpoint(call: Call) -> Answer:
        achievement = call.found(Achievement)
        given = call.body(UPDATE).attributes
        changed = _changed(achievement, given)
        refuse_if([*_state_problems(call, achievement, changed), *_value_problems(call, changed)])
        if changed.points > achievement.points or (achievement.archived and not changed.archived):
            refuse_if(_total_problems(call, changed, is_new=False))
        if changed != achievement:
            call.store.put(changed)
        return call.updated(kind, changed)

    return endpoint


def _changed(achievement: Achievement, given: dict[str, Any]) -> Achievement:
    """With the given values. `null` clears what can be empty [R]; the rest has to have a value [I]."""
    cleared = [name for name, value in given.items() if value is None and name != "activityProperties"]
    refuse_if([errors.attribute_required(name) for name in cleared])
    values = {_FIELDS[name]: value for name, value in given.items()}
    if values.get("activity_properties") is not None:
        values["activity_properties"] = tuple(sorted(values["activity_properties"].items()))
    return replace(achievement, **values)


def is_live(tables: Tables, achievement_id: str) -> bool:
    """Has any version gone live?"""
    return any(one.state in {"LIVE", "REPLACED_WITH_NEW_VERSION"} for one in tables.versions(achievement_id))


def _state_problems(call: Call, achievement: Achievement, changed: Achievement) -> list[Problem]:
    """What the states of the versions don't let change (facts 3.3)."""
    tables, problems = call.store.tables, []
    states = {one.state for one in tables.versions(achievement.id)}
    was_live = is_live(tables, achievement.id)
    frozen = states & {"WAITING_FOR_REVIEW", "IN_REVIEW", "ACCEPTED", "PENDING_RELEASE"}
    for name, field in _FIELDS.items():
        if getattr(achievement, field) == getattr(changed, field):
            continue
        if (
            (frozen and name != "archived")
            or (name == "points" and was_live and call.rules.points_frozen_when_live)
            or (name == "archived" and not was_live and call.rules.archive_needs_live)
        ):
            problems.append(errors.attribute_state(name))
    return problems


def delete(call: Call) -> Answer:
    """DELETE: what was never live and is in no submission goes, with all that belongs to it (facts 2)."""
    achievement = call.found(Achievement)
    tables = call.store.tables
    title = f"gameCenterAchievements with id '{achievement.id}' is not in valid state."
    if is_live(tables, achievement.id) and call.rules.live_undeletable:
        raise errors.state_invalid(title, "An achievement that has gone live can't be removed; archive it instead.")
    in_review = ("READY_FOR_REVIEW", "WAITING_FOR_REVIEW", "IN_REVIEW", "ACCEPTED", "PENDING_RELEASE")
    for version in tables.versions(achievement.id):
        open_items = [one for one in tables.children(Item, "target_id", version.id) if one.state != "REMOVED"]
        if version.state in in_review or (open_items and version.state == "PREPARE_FOR_SUBMISSION"):
            raise errors.state_invalid(title, "The achievement is part of a review submission.")
    for one in tables.all(Achievement):
        if one.group_achievement_id == achievement.id:
            raise errors.state_invalid(title, "Another achievement is mapped onto this one.")
    call.store.remove(achievement)
    return Answer(204)


def link_group_achievement(call: Call) -> Answer:
    """PATCH …/relationships/groupAchievement: a game's achievement becomes the group's; there is no way back [S]."""
    achievement = call.found(Achievement)
    (identifier,) = bodies.parse_linkage(call.content, "gameCenterAchievements", is_many=False)
    group_achievement = call.store.tables.get(Achievement, identifier)
    detail = call.store.tables.get(Detail, achievement.detail_id)
    if group_achievement is None or group_achievement.team != call.key.team or not group_achievement.group_id:
        raise Refusal(errors.linkage_invalid(f"Cannot find gameCenterAchievements '{identifier}' of a group"))
    if detail is None or detail.group_id != group_achievement.group_id:
        raise Refusal(errors.linkage_invalid("The app is not a member of the group of this achievement"))
    call.store.change(achievement, group_achievement_id=identifier)
    return Answer(204)


def order(parent: str) -> Any:
    """PATCH …/relationships/gameCenterAchievements(V2) of a detail or group: all of it, in order (facts 2)."""

    def endpoint(call: Call) -> Answer:
        owner = call.found(Detail) if parent == "detail_id" else call.found(Group)
        wanted = bodies.parse_linkage(call.content, "gameCenterAchievements", is_many=True)
        own = call.store.tables.children_ids(Achievement, parent, owner.id)
        # A group lists what its games brought along, too; its own alone are a full list as well [I].
        listed = group_achievements(call.view, owner) if isinstance(owner, Group) else own
        if len(set(wanted)) != len(wanted) or set(wanted) - set(listed):
            raise Refusal(errors.linkage_invalid("The list names an achievement twice, or one that is not here"))
        missing = [one for one in listed if one not in wanted]
        if missing and set(wanted) != set(own) and call.rules.restrict_order_to_full_list:
            text = f"The list must name all {len(listed)} achievements; {len(missing)} are missing"
            raise Refusal(errors.linkage_invalid(text))
        if isinstance(owner, Group):
            call.store.reorder_group(owner.id, (*wanted, *missing))
        else:
            call.store.reorder(parent, owner.id, (*wanted, *missing))
        return Answer(204)

    return endpoint
