"""What happens by itself as the clock moves: images are processed, reviews go through their states (facts 3.2, 8)."""

import hashlib
from collections.abc import Callable

from .clock import isoformat
from .pictures import BadPicture, inspect
from .records import (
    Achievement,
    AppStoreVersion,
    Image,
    Item,
    Record,
    Release,
    Submission,
    Version,
)
from .rules import Rules
from .store import Store


def run_due(store: Store, rules: Rules) -> None:
    """Let everything happen whose time has come, in order; each thing happens at its own moment."""
    now = store.clock.now()
    while store.scheduled and store.scheduled[0].due <= now:
        event = store.scheduled.pop(0)
        _ACTIONS[event.action](store, rules, event.identifier, event.due)


# Images


def process_image(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """UPLOAD_COMPLETE becomes COMPLETE or FAILED."""
    image = store.tables.get(Image, identifier)
    if image is None or image.state != "UPLOAD_COMPLETE":
        return
    content = store.contents.get(image.content, b"")
    try:
        picture = inspect(content)
    except BadPicture as error:
        store.change(image, state="FAILED", errors=((error.code, error.description),))
        return
    errors = []
    if picture.width != picture.height or picture.width not in rules.image_sizes:
        sizes = " or ".join(f"{one}x{one}" for one in rules.image_sizes)
        errors.append(("IMAGE_INCORRECT_DIMENSIONS", f"The image has to be {sizes} pixels."))
    if picture.has_alpha and not rules.image_alpha_allowed:
        errors.append(("IMAGE_ALPHA_NOT_ALLOWED", "The image may not be transparent."))
    state = "FAILED" if errors else "COMPLETE"
    store.change(image, state=state, errors=tuple(errors), width=picture.width, height=picture.height)


def expire_reservation(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """A reservation that was never uploaded goes away after about a week [D]."""
    image = store.tables.get(Image, identifier)
    if image is not None and image.state == "AWAITING_UPLOAD":
        store.remove(image)


def digest(content: bytes) -> str:
    """The fingerprint that verdicts compare."""
    return hashlib.sha256(content).hexdigest()


# Review


def submitted_versions(store: Store, submission: Submission) -> list[Version]:
    """The achievement versions that a submission carries, with those that ride on a version of the game as releases."""
    tables = store.tables
    items = [one for one in tables.children(Item, "submission_id", submission.id) if one.state != "REMOVED"]
    found = [tables.get(Version, one.target_id) for one in items if one.target == "gameCenterAchievementVersion"]
    if any(one.target == "appStoreVersion" for one in items):
        found += waiting_releases(store, submission.app_id)
    return [one for one in found if one is not None]


def waiting_releases(store: Store, app_id: str) -> list[Version]:
    """Versions of achievements whose first-generation release waits for the game's next version."""
    detail = store.tables.detail_of(app_id)
    if detail is None:
        return []
    releases = store.tables.children(Release, "detail_id", detail.id)
    versions = [store.tables.versions(one.achievement_id)[-1] for one in releases if not one.live]
    return [one for one in versions if one.state != "LIVE"]


def _app_version(store: Store, submission: Submission) -> AppStoreVersion | None:
    for item in store.tables.children(Item, "submission_id", submission.id):
        if item.target == "appStoreVersion" and item.state != "REMOVED":
            return store.tables.get(AppStoreVersion, item.target_id)
    return None


def move_all(store: Store, submission: Submission, state: str) -> None:
    """Give all that a submission carries the same state."""
    for version in submitted_versions(store, submission):
        store.change(version, state=state)
    app_version = _app_version(store, submission)
    if app_version is not None:
        store.change(app_version, state=state)


def submit(store: Store, rules: Rules, submission: Submission) -> Submission:
    """Into the queue; the rest happens by itself."""
    now = store.clock.now()
    move_all(store, submission, "WAITING_FOR_REVIEW")
    store.schedule(rules.review_start_seconds, "start_review", submission.id)
    return store.change(submission, state="WAITING_FOR_REVIEW", submitted_date=isoformat(now))


def start_review(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """WAITING_FOR_REVIEW becomes IN_REVIEW."""
    submission = store.tables.get(Submission, identifier)
    if submission is None or submission.state != "WAITING_FOR_REVIEW":
        return
    move_all(store, submission, "IN_REVIEW")
    store.change(submission, state="IN_REVIEW")
    store.schedule(rules.review_seconds, "end_review", identifier, since=at)


def end_review(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """Approved as a whole, or left with unresolved issues."""
    submission = store.tables.get(Submission, identifier)
    if submission is None or submission.state != "IN_REVIEW":
        return
    items = [one for one in store.tables.children(Item, "submission_id", identifier) if one.state != "REMOVED"]
    rejected = {one.id for one in items if rules.review_outcome == "reject" or one.target_id in store.rejects}
    for item in items:
        state = "REJECTED" if item.id in rejected else "ACCEPTED" if rejected else "APPROVED"
        store.change(item, state=state)
        store.rejects.discard(item.target_id)
        target = _target(store, item)
        if rejected and target is not None:
            store.change(target, state="REJECTED" if item.id in rejected else "ACCEPTED")
    if rejected:
        for version in waiting_releases(store, submission.app_id) if _app_version(store, submission) else []:
            store.change(version, state="REJECTED" if version.state == "IN_REVIEW" else version.state)
        store.change(submission, state="UNRESOLVED_ISSUES")
        return
    move_all(store, submission, "PENDING_RELEASE")
    app_version = _app_version(store, submission)
    if app_version is not None:
        state = "PENDING_DEVELOPER_RELEASE" if app_version.release_type == "MANUAL" else "PROCESSING_FOR_DISTRIBUTION"
        store.change(app_version, state=state)
    store.change(submission, state="COMPLETING")
    store.schedule(rules.publish_seconds, "publish", identifier, since=at)


def _target(store: Store, item: Item) -> Version | AppStoreVersion | None:
    kind: type[Record] = Version if item.target == "gameCenterAchievementVersion" else AppStoreVersion
    found = store.tables.get(kind, item.target_id)
    return found if isinstance(found, Version | AppStoreVersion) else None


def publish(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """An approved submission is complete. Without a version of the game its components go live by themselves [R]."""
    submission = store.tables.get(Submission, identifier)
    if submission is None or submission.state != "COMPLETING":
        return
    store.change(submission, state="COMPLETE")
    app_version = _app_version(store, submission)
    if app_version is None:
        for version in submitted_versions(store, submission):
            make_live(store, version)
    elif app_version.state == "PROCESSING_FOR_DISTRIBUTION":
        release_app_version(store, rules, app_version.id, at)


def release_app_version(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """The game's version is out: releases go live with it, and what was approved together with it."""
    app_version = store.tables.get(AppStoreVersion, identifier)
    if app_version is None:
        return
    for other in store.app_store_versions(app_version.app_id):
        is_same = other.platform == app_version.platform and other.id != identifier
        if is_same and other.state == "READY_FOR_DISTRIBUTION":
            store.change(other, state="REPLACED_WITH_NEW_VERSION")
    store.change(app_version, state="READY_FOR_DISTRIBUTION")
    for item in store.tables.children(Item, "target_id", identifier):
        submission = store.tables.get(Submission, item.submission_id)
        for version in submitted_versions(store, submission) if submission else []:
            if version.state == "PENDING_RELEASE":
                make_live(store, version)
    game_center = store.game_center_version(identifier)
    if game_center is not None and game_center.enabled:
        _release_achievements(store, rules, app_version.app_id)


def _release_achievements(store: Store, rules: Rules, app_id: str) -> None:
    detail = store.tables.detail_of(app_id)
    for release in store.tables.children(Release, "detail_id", detail.id) if detail else []:
        version = store.tables.versions(release.achievement_id)[-1]
        if not release.live and (version.state == "LIVE" or not missing_parts(store, rules, version)):
            store.change(release, live=True)
            make_live(store, version)


def make_live(store: Store, version: Version) -> None:
    """The version is what players see; the one before it is replaced."""
    for other in store.tables.versions(version.achievement_id):
        if other.state == "LIVE" and other.id != version.id:
            store.change(other, state="REPLACED_WITH_NEW_VERSION")
    current = store.tables.get(Version, version.id)
    if current is not None and current.state != "LIVE":
        store.change(current, state="LIVE")


def missing_parts(store: Store, rules: Rules, version: Version) -> dict[str, list[str]]:
    """What keeps a version from going live: by localization, the names of what it lacks; '' stands for the version."""
    localizations = store.tables.localizations(version.id)
    if not localizations:
        return {"": ["localizations"]}
    missing: dict[str, list[str]] = {}
    for one in localizations:
        image = store.tables.image_of(one.id)
        names = [
            name
            for name, text in (
                ("name", one.name),
                ("beforeEarnedDescription", one.before_earned_description),
                ("afterEarnedDescription", one.after_earned_description),
            )
            if not text
        ]
        if rules.image_required_for_review and (image is None or image.state != "COMPLETE"):
            names.append("image")
        if names:
            missing[one.id] = names
    return missing


def finish_cancel(store: Store, rules: Rules, identifier: str, at: float) -> None:
    """CANCELING becomes COMPLETE; what was waiting can be edited again."""
    submission = store.tables.get(Submission, identifier)
    if submission is None or submission.state != "CANCELING":
        return
    for version in submitted_versions(store, submission):
        if version.state in {"READY_FOR_REVIEW", "WAITING_FOR_REVIEW", "IN_REVIEW", "ACCEPTED"}:
            store.change(version, state="DEVELOPER_REJECTED")
    app_version = _app_version(store, submission)
    if app_version is not None:
        store.change(app_version, state="DEVELOPER_REJECTED")
    for item in store.tables.children(Item, "submission_id", identifier):
        store.change(item, state="REMOVED")
    store.change(submission, state="COMPLETE")


def live_components(store: Store, app_id: str) -> bool:
    """Has any achievement of the game, or of its group, ever gone live?"""
    detail = store.tables.detail_of(app_id)
    if detail is None:
        return False
    owned = store.tables.children(Achievement, "detail_id", detail.id)
    if detail.group_id:
        owned += store.tables.children(Achievement, "group_id", detail.group_id)
    return any(
        version.state in {"LIVE", "REPLACED_WITH_NEW_VERSION"}
        for one in owned
        for version in store.tables.versions(one.id)
    )


_ACTIONS: dict[str, Callable[[Store, Rules, str, float], None]] = {
    "process_image": process_image,
    "expire_reservation": expire_reservation,
    "start_review": start_review,
    "end_review": end_review,
    "publish": publish,
    "finish_cancel": finish_cancel,
    "release_app_version": release_app_version,
}
