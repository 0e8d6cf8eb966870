"""Review submissions and their items (facts 3.4)."""

from . import errors, progress
from .bodies import Attribute, Link, Shape
from .calls import Answer, Call
from .errors import Problem, Refusal
from .records import Achievement, App, AppStoreVersion, Detail, Item, Release, Submission, Version
from .schema import KEPT_REVIEWABLE, KINDS, REVIEWABLE

PLATFORMS = frozenset({"IOS", "MAC_OS", "TV_OS", "VISION_OS"})
_SWITCH = Attribute("boolean", is_nullable=True)
_PLATFORM = Attribute("string", is_nullable=True, values=PLATFORMS)
_KNOWN = frozenset(KINDS["reviewSubmissions"].attributes)
CREATE = Shape("reviewSubmissions", "CREATE", {"platform": _PLATFORM}, {"app": Link("apps", is_required=True)}, _KNOWN)
UPDATE = Shape(
    "reviewSubmissions", "UPDATE", {"platform": _PLATFORM, "submitted": _SWITCH, "canceled": _SWITCH}, {}, _KNOWN
)
CREATE_ITEM = Shape(
    "reviewSubmissionItems",
    "CREATE",
    {},
    {
        "reviewSubmission": Link("reviewSubmissions", is_required=True),
        **{name: Link(target) for name, target in REVIEWABLE.items()},
    },
    frozenset({"state"}),
)
UPDATE_ITEM = Shape(
    "reviewSubmissionItems", "UPDATE", {"resolved": _SWITCH, "removed": _SWITCH}, {}, frozenset({"state"})
)
_ADDABLE = ("PREPARE_FOR_SUBMISSION", "REJECTED", "DEVELOPER_REJECTED")
_CANCELLABLE = ("WAITING_FOR_REVIEW", "IN_REVIEW", "UNRESOLVED_ISSUES")


def create(call: Call) -> Answer:
    """POST /v1/reviewSubmissions: a draft."""
    body = call.body(CREATE)
    app = call.target(App, "app", body.links["app"])
    platform = body.attributes.get("platform") or "IOS"
    if call.rules.one_draft_submission:
        for one in call.store.tables.children(Submission, "app_id", app.id):
            if one.state == "READY_FOR_REVIEW" and one.platform == platform:
                raise errors.already_exists(
                    f"The app already has a reviewSubmission {one.id} in state READY_FOR_REVIEW."
                )
    made = Submission(
        id=call.store.new_id(), team=call.key.team, created=call.view.now, app_id=app.id, platform=platform
    )
    return call.created("reviewSubmissions", call.store.put(made))


def _title(submission: Submission) -> str:
    return f"reviewSubmissions with id '{submission.id}' is not in valid state."


def update(call: Call) -> Answer:
    """PATCH /v1/reviewSubmissions/{id}: another platform for the draft, submit, or cancel."""
    submission = call.found(Submission)
    given = call.body(UPDATE).attributes
    if given.get("platform"):
        if submission.state != "READY_FOR_REVIEW":
            raise errors.state_invalid(_title(submission), "The platform can be switched in a draft only.")
        submission = call.store.change(submission, platform=given["platform"])
    if given.get("submitted"):
        submission = _submit(call, submission)
    if given.get("canceled"):
        submission = _cancel(call, submission)
    return call.updated("reviewSubmissions", submission)


def _items(call: Call, submission: Submission) -> list[Item]:
    return [one for one in call.store.tables.children(Item, "submission_id", submission.id) if one.state != "REMOVED"]


def _submit(call: Call, submission: Submission) -> Submission:
    items = _items(call, submission)
    if submission.state not in {"READY_FOR_REVIEW", "UNRESOLVED_ISSUES"}:
        raise errors.state_invalid(_title(submission), f"The submission is {submission.state}.")
    if not items:
        raise errors.state_invalid(_title(submission), "The submission has no items.")
    if any(one.state == "REJECTED" for one in items):
        raise errors.state_invalid(_title(submission), "The submission has rejected items; resolve or remove them.")
    for version in progress.submitted_versions(call.store, submission):
        _check_complete(call, version)
    has_app_version = any(one.target == "appStoreVersion" for one in items)
    if (
        call.rules.first_components_need_app_version
        and not has_app_version
        and not progress.live_components(call.store, submission.app_id)
    ):
        text = "The first Game Center components of an app must be submitted together with a version of the app."
        raise errors.state_invalid(_title(submission), text)
    return progress.submit(call.store, call.rules, submission)


def _cancel(call: Call, submission: Submission) -> Submission:
    if submission.state not in _CANCELLABLE:
        raise errors.state_invalid(_title(submission), "Resource is not in cancellable state")
    canceling = call.store.change(submission, state="CANCELING")
    if not call.rules.cancel_seconds:
        progress.finish_cancel(call.store, call.rules, submission.id, call.view.now)
        return call.found(Submission, submission.id)
    call.store.schedule(call.rules.cancel_seconds, "finish_cancel", submission.id)
    return canceling


def create_item(call: Call) -> Answer:
    """POST /v1/reviewSubmissionItems: exactly one thing to review [I]."""
    links = call.body(CREATE_ITEM).links
    submission = call.target(Submission, "reviewSubmission", links.pop("reviewSubmission"))
    if len(links) != 1:
        raise Refusal(errors.relationship_required("gameCenterAchievementVersion"))
    (name, identifier) = next(iter(links.items()))
    if name not in KEPT_REVIEWABLE:
        raise Refusal(errors.relationship_invalid(name, f"Cannot find {REVIEWABLE[name]} '{identifier}'"))
    if submission.state != "READY_FOR_REVIEW":
        raise errors.state_invalid(
            _title(submission), f"Items can't be added to a submission that is {submission.state}."
        )
    if len(_items(call, submission)) >= call.rules.submission_items_max:
        text = f"A submission may hold {call.rules.submission_items_max} items."
        raise errors.state_invalid(_title(submission), text)
    if name == "appStoreVersion":
        _add_app_version(call, submission, identifier)
    else:
        _add_version(call, submission, identifier)
    made = Item(
        id=call.store.new_id(),
        team=call.key.team,
        created=call.view.now,
        submission_id=submission.id,
        target=name,
        target_id=identifier,
    )
    return call.created("reviewSubmissionItems", call.store.put(made))


def _check_not_elsewhere(call: Call, what: str, identifier: str) -> None:
    for item in call.store.tables.children(Item, "target_id", identifier):
        other = call.store.tables.get(Submission, item.submission_id)
        if item.state != "REMOVED" and other is not None and other.state != "COMPLETE":
            raise errors.state_of_another(
                "ITEM_PART_OF_ANOTHER_SUBMISSION",
                f"{what} with id {identifier} was already added to another reviewSubmission with id {other.id}",
            )


def _add_app_version(call: Call, submission: Submission, identifier: str) -> None:
    app_version = call.target(AppStoreVersion, "appStoreVersion", identifier)
    if app_version.app_id != submission.app_id:
        text = "The version does not belong to the app of the submission"
        raise Refusal(errors.relationship_invalid("appStoreVersion", text))
    _check_not_elsewhere(call, "appStoreVersions", identifier)
    if app_version.state not in _ADDABLE:
        title = f"appStoreVersions with id '{identifier}' is not in valid state."
        raise errors.state_invalid(
            title, "This resource cannot be reviewed, please check associated errors to see why."
        )
    call.store.change(app_version, state="READY_FOR_REVIEW")


def _add_version(call: Call, submission: Submission, identifier: str) -> None:
    version = call.target(Version, "gameCenterAchievementVersion", identifier)
    achievement = call.found(Achievement, version.achievement_id)
    detail = call.store.tables.detail_of(submission.app_id)
    if not _belongs(detail, achievement):
        text = "The version does not belong to the app of the submission, nor to its group"
        raise Refusal(errors.relationship_invalid("gameCenterAchievementVersion", text))
    _check_not_elsewhere(call, "gameCenterAchievementVersions", identifier)
    title = f"gameCenterAchievementVersions with id '{identifier}' is not in valid state."
    if version.state not in _ADDABLE:
        raise errors.state_invalid(title, f"The version is {version.state}.")
    waiting = [one for one in call.store.tables.children(Release, "achievement_id", achievement.id) if not one.live]
    if waiting and call.rules.releases_conflict_with_review:
        text = f"gameCenterAchievementReleases with id {waiting[0].id} must be deleted first"
        raise errors.state_of_another("RELEASE_CONFLICT", text)
    _check_complete(call, version)
    call.store.change(version, state="READY_FOR_REVIEW")


def _belongs(detail: Detail | None, achievement: Achievement) -> bool:
    if detail is None:
        return False
    return achievement.detail_id == detail.id or (
        achievement.group_id is not None and achievement.group_id == detail.group_id
    )


def _check_complete(call: Call, version: Version) -> None:
    """A localization without an image is stored happily, and stops the review [R]; the reasons are nested."""
    missing = progress.missing_parts(call.store, call.rules, version)
    if not missing:
        return
    associated: dict[str, list[Problem]] = {}
    for localization_id, names in missing.items():
        path = f"/v2/gameCenterAchievementLocalizations/{localization_id}"
        if not localization_id:
            path = f"/v2/gameCenterAchievementVersions/{version.id}"
        associated[path] = [
            errors.relationship_required(name)
            if name in {"image", "localizations"}
            else errors.attribute_required(name)
            for name in names
        ]
    raise errors.state_invalid(
        f"gameCenterAchievementVersions with id '{version.id}' is not in valid state.",
        "This resource cannot be reviewed, please check associated errors to see why.",
        associated,
    )


def update_item(call: Call) -> Answer:
    """PATCH /v1/reviewSubmissionItems/{id}: a rejected item is resolved, or any is removed."""
    item = call.found(Item)
    given = call.body(UPDATE_ITEM).attributes
    submission = call.found(Submission, item.submission_id)
    title = f"reviewSubmissionItems with id '{item.id}' is not in valid state."
    if given.get("resolved"):
        if item.state != "REJECTED" or submission.state != "UNRESOLVED_ISSUES":
            raise errors.state_invalid(title, "Only a rejected item can be resolved.")
        _set_target_state(call, item, "READY_FOR_REVIEW")
        item = call.store.change(item, state="READY_FOR_REVIEW")
    if given.get("removed"):
        if submission.state not in _CANCELLABLE or item.state in {"REMOVED", "APPROVED"}:
            raise errors.state_invalid(title, "The item can't be removed now.")
        _set_target_state(call, item, "DEVELOPER_REJECTED")
        item = call.store.change(item, state="REMOVED")
        if not _items(call, submission):
            call.store.change(submission, state="COMPLETE")
    return call.updated("reviewSubmissionItems", item)


def _set_target_state(call: Call, item: Item, state: str) -> None:
    version = call.store.tables.get(Version, item.target_id)
    app_version = call.store.tables.get(AppStoreVersion, item.target_id)
    if version is not None:
        call.store.change(version, state=state)
    elif app_version is not None:
        call.store.change(app_version, state=state)


def delete_item(call: Call) -> Answer:
    """DELETE /v1/reviewSubmissionItems/{id}: out of the draft."""
    item = call.found(Item)
    submission = call.found(Submission, item.submission_id)
    if submission.state != "READY_FOR_REVIEW":
        title = f"reviewSubmissionItems with id '{item.id}' is not in valid state."
        raise errors.state_invalid(title, "Item was already submitted")
    _set_target_state(call, item, "PREPARE_FOR_SUBMISSION")
    call.store.remove(item)
    return Answer(204)
