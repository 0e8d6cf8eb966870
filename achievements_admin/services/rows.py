"""The mirror's rows: written from Apple's answers, from nothing else, and never from an answer older than the row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from achievements_admin.domain import achievement as apple
from achievements_admin.domain import changes, limits
from achievements_admin.domain.achievement import VersionState
from achievements_admin.domain.changes import TEXTS
from achievements_admin.models import (
    ACTIVE_STATES,
    Achievement,
    App,
    AuditEntry,
    Group,
    Image,
    JobItem,
    Localization,
    Release,
    Version,
)

from . import audit

Home = App | Group
IMAGE_VALUES = ("file_name", "file_size", "state", "template_url", "width", "height")
THUMBNAIL_PIXELS = 128


def home_key(home: Home) -> str:
    """Natural key of a game or group."""
    return changes.app_key(home.apple_id) if isinstance(home, App) else changes.group_key(home.apple_id)


def key_of(achievement: Achievement) -> str:
    """Natural key of a mirrored achievement."""
    return changes.achievement_key(home_key(achievement.home), achievement.vendor_identifier)


def home_with(key: str) -> Home:
    """The game or group with a natural key; raises DoesNotExist."""
    kind, apple_id = key.split("/")
    if kind == "apps":
        return App.objects.select_related("team").get(apple_id=apple_id)
    return Group.objects.select_related("team").get(apple_id=apple_id)


def achievement_with(key: str) -> Achievement:
    """The mirrored achievement with a natural key, or to which the thing with that key belongs; raises DoesNotExist."""
    kind, apple_id, _, vendor_identifier = key.split("/")[:4]
    owner = {"app__apple_id": apple_id} if kind == "apps" else {"group__apple_id": apple_id}
    return Achievement.objects.select_related("app__team", "group__team").get(
        vendor_identifier=vendor_identifier, **owner
    )


def text_values(text: Localization | apple.Localization) -> dict[str, str]:
    """The texts of a language, of a row or of Apple's answer alike."""
    return {name: getattr(text, name) for name in TEXTS}


def values_of(achievement: Achievement | apple.Achievement) -> dict[str, Any]:
    """The attributes of an achievement, of a row or of Apple's answer alike."""
    values = {name: getattr(achievement, name) for name in changes.ATTRIBUTES}
    return {**values, "activity_properties": dict(values["activity_properties"])}


@dataclass(slots=True)
class Differences:
    """What a reading changed in the mirror; becomes history unless a job of ours is at work on the same thing."""

    home: Home
    is_first_reading: bool
    entries: list[AuditEntry] = field(default_factory=list)
    count: int = 0

    def add(
        self, action: str, key: str, title: str, *, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        """Note one difference; of the first reading of a game everything is new, so that only its count matters."""
        self.count += 1
        if not self.is_first_reading:
            self.entries.append(
                audit.entry(
                    action, by=audit.APPLE, team=self.home.team.name, key=key, title=title, before=before, after=after
                )
            )

    def record(self) -> None:
        """Store as "changed at Apple" what no unfinished item of ours explains."""
        keys = [entry.key for entry in self.entries]
        ours = set(JobItem.objects.filter(key__in=keys, state__in=ACTIVE_STATES).values_list("key", flat=True))
        audit.record_all([entry for entry in self.entries if entry.key not in ours])


def _owner_fields(home: Home) -> dict[str, Any]:
    return {"app": home, "group": None} if isinstance(home, App) else {"app": None, "group": home}


def put_achievements(
    home: Home,
    achievements: Sequence[apple.Achievement],
    *,
    read_at: datetime,
    differences: Differences,
    in_order: bool = True,
) -> dict[str, Achievement]:
    """Write achievements with their versions and releases; returns the rows by Apple's identifier.

    `read_at` is the moment before the request left: a row written later than that keeps what it has. With `in_order`
    the sequence is Apple's order of the whole list; otherwise a new one goes to the end.
    """
    rows = {row.apple_id: row for row in Achievement.objects.filter(apple_id__in=[a.id for a in achievements])}
    end = 0 if in_order else Achievement.objects.filter(**_owner_fields(home)).count()
    new: list[Achievement] = []
    known: list[Achievement] = []
    for place, achievement in enumerate(achievements):
        values = values_of(achievement)
        row = rows.get(achievement.id)
        if row is None:
            position = place if in_order else end + place
            row = Achievement(team=home.team, apple_id=achievement.id, position=position)
            new.append(row)
            key = changes.achievement_key(home_key(home), achievement.vendor_identifier)
            differences.add("achievement.appeared", key, achievement.reference_name, before=None, after=values)
        elif row.read_at > read_at:
            continue
        else:
            known.append(row)
            before = values_of(row)
            changed = [name for name in values if values[name] != before[name]]
            if changed:
                differences.add(
                    "achievement.changed",
                    key_of(row),
                    row.reference_name,
                    before={name: before[name] for name in changed},
                    after={name: values[name] for name in changed},
                )
            if in_order:
                row.position = place
        for name, value in {**values, **_owner_fields(home)}.items():
            setattr(row, name, value)
        row.group_achievement_id = achievement.group_achievement_id
        row.read_at = read_at
    Achievement.objects.bulk_create(new)
    names = [*changes.ATTRIBUTES, "app", "group", "position", "group_achievement_id", "read_at"]
    Achievement.objects.bulk_update(known, names, batch_size=100)
    rows |= {row.apple_id: row for row in new}
    _put_versions(achievements, rows, read_at=read_at, differences=differences)
    _put_releases(achievements, rows, read_at=read_at)
    return rows


def put_versions(achievements: Sequence[apple.Achievement], *, read_at: datetime) -> None:
    """Write the versions of achievements that are in the mirror already, from a list that a change of ours needed."""
    known = {
        row.apple_id: row
        for row in Achievement.objects.filter(apple_id__in=[each.id for each in achievements]).select_related(
            "app__team", "group__team"
        )
    }
    listed = [each for each in achievements if each.id in known]
    if listed:
        ours = Differences(known[listed[0].id].home, is_first_reading=True)
        _put_versions(listed, known, read_at=read_at, differences=ours)


def _put_versions(
    achievements: Sequence[apple.Achievement],
    rows: Mapping[str, Achievement],
    *,
    read_at: datetime,
    differences: Differences,
) -> None:
    known = {
        (version.achievement_id, version.apple_id): version
        for version in Version.objects.filter(achievement__in=rows.values()).select_related("achievement")
    }
    new, changed = [], []
    for achievement in achievements:
        row = rows[achievement.id]
        for version in achievement.versions:
            stored = known.get((row.pk, version.id))
            if stored is None:
                new.append(
                    Version(
                        achievement=row,
                        apple_id=version.id,
                        number=version.number,
                        state=version.state,
                        read_at=read_at,
                    )
                )
                continue
            if stored.read_at > read_at:
                continue
            if stored.state != version.state:
                differences.add(
                    "version.changed",
                    f"{key_of(row)}/versions/{version.number}",
                    row.reference_name,
                    before={"state": stored.state},
                    after={"state": str(version.state)},
                )
                # What was read while the version could still change has to be read once more.
                stored.texts_read_at = None
            stored.state, stored.number, stored.read_at = version.state, version.number, read_at
            changed.append(stored)
    # Another worker may have listed them at the same moment.
    Version.objects.bulk_create(new, ignore_conflicts=True)
    Version.objects.bulk_update(changed, ["state", "number", "read_at", "texts_read_at"], batch_size=100)


def _put_releases(
    achievements: Sequence[apple.Achievement], rows: Mapping[str, Achievement], *, read_at: datetime
) -> None:
    listed = [
        Release(
            achievement=rows[achievement.id],
            apple_id=release.id,
            detail_id=release.detail_id,
            live=release.live,
            read_at=read_at,
        )
        for achievement in achievements
        for release in achievement.releases
    ]
    Release.objects.bulk_create(
        listed,
        update_conflicts=True,
        unique_fields=["apple_id"],
        update_fields=["achievement", "detail_id", "live", "read_at"],
    )


def put_localizations(
    version: Version,
    localizations: Iterable[apple.Localization],
    *,
    read_at: datetime,
    with_images: bool,
    differences: Differences,
) -> list[Localization | Image]:
    """Write the texts (and images) of one version; returns the rows that Apple no longer showed, for a second look."""
    achievement = version.achievement
    rows = {row.locale: row for row in version.localizations.select_related("image")}
    is_first = version.texts_read_at is None and not rows
    base = f"{key_of(achievement)}/localizations"
    missing: list[Localization | Image] = []
    for localization in localizations:
        row = rows.pop(localization.locale, None)
        values = text_values(localization)
        if row is None:
            row = Localization(version=version, locale=localization.locale)
            before: dict[str, Any] | None = None
        elif row.read_at > read_at:
            continue
        else:
            before = text_values(row)
        if before != values:
            if not is_first:
                changed = [name for name in TEXTS if before is None or before[name] != values[name]]
                differences.add(
                    "localization.changed" if before else "localization.appeared",
                    f"{base}/{localization.locale}",
                    achievement.reference_name,
                    before={name: before[name] for name in changed} if before else None,
                    after={name: values[name] for name in changed},
                )
            else:
                differences.count += 1
        for name, value in values.items():
            setattr(row, name, value)
        row.apple_id, row.read_at = localization.id, read_at
        row.save()
        if with_images:
            missing += _put_image(row, localization.image, read_at=read_at)
    version.texts_read_at = read_at
    if with_images:
        version.images_read_at = read_at
    version.save(update_fields=["texts_read_at", "images_read_at"])
    return missing + [row for row in rows.values() if row.read_at <= read_at]


def put_localization(
    achievement: Achievement, locale: str, localization: apple.Localization | None, *, read_at: datetime
) -> None:
    """Write one text of the version that is edited, or that it is gone, from the answer to a change of ours."""
    version = achievement.versions.order_by("number").last()
    if version is None:
        return
    if localization is None:
        version.localizations.filter(locale=locale, read_at__lte=read_at).delete()
        return
    values = {**text_values(localization), "apple_id": localization.id, "read_at": read_at}
    row, is_new = version.localizations.get_or_create(locale=locale, defaults=values)
    if not is_new:
        version.localizations.filter(pk=row.pk, read_at__lte=read_at).update(**values)


def put_version(achievement: Achievement, version: apple.Version, *, read_at: datetime) -> None:
    """Write a version with its texts, from the answer to a change of ours."""
    row, _ = achievement.versions.get_or_create(
        apple_id=version.id, defaults={"number": version.number, "state": version.state, "read_at": read_at}
    )
    ours = Differences(achievement.home, is_first_reading=True)
    put_localizations(row, version.localizations or (), read_at=read_at, with_images=False, differences=ours)


def _put_image(row: Localization, image: apple.Image | None, *, read_at: datetime) -> list[Localization | Image]:
    stored = getattr(row, "image", None)
    if image is None:
        return [stored] if stored else []
    stored = stored or Image(localization=row)
    for name in IMAGE_VALUES:
        setattr(stored, name, getattr(image, name))
    stored.apple_id, stored.errors, stored.read_at = image.id, list(image.errors), read_at
    stored.save()
    return []


def language_state(localization: Localization) -> str:
    """One word for how far a language is: what a list shows as the colour of its bar."""
    rules = limits.current()
    if not (localization.name and localization.before_earned_description and localization.after_earned_description):
        return "empty"
    longest = max(len(localization.before_earned_description), len(localization.after_earned_description))
    if len(localization.name) > rules.name_max or longest > rules.description_max:
        return "too long"
    image = getattr(localization, "image", None)
    if image is None:
        return "no image"
    return {"COMPLETE": "complete", "FAILED": "failed"}.get(image.state, "processing")


def derive(home: Home) -> None:
    """Work out again what lists show of all achievements of a game or group, and its counts."""
    achievements = _derived(home.achievements.order_by("position", "pk"))
    locales = sorted({locale for achievement in achievements for locale in achievement.languages})
    for achievement in achievements:
        states = achievement.languages
        achievement.is_complete = bool(locales) and all(states.get(locale) == "complete" for locale in locales)
    Achievement.objects.bulk_update(achievements, [*DERIVED, "is_complete"], batch_size=100)
    home.summary = _summary(achievements, locales)
    home.save(update_fields=["summary"])


def derive_some(achievement_pks: Iterable[int]) -> None:
    """Work out again what lists show of some achievements by themselves; the counts of their game wait for `derive`."""
    Achievement.objects.bulk_update(_derived(Achievement.objects.filter(pk__in=achievement_pks)), DERIVED)


DERIVED = ["state", "has_been_live", "languages", "thumbnail", "search_text"]


def _derived(chosen: QuerySet[Achievement]) -> list[Achievement]:
    """Achievements with everything that follows from their versions.

    The state shown is that of the highest version; languages and thumbnail are those of the highest version that has
    any, so that a new draft whose texts were not read yet does not look empty.
    """
    achievements = list(chosen.prefetch_related("versions__localizations__image", "releases"))
    for achievement in achievements:
        _derive_one(achievement)
    return achievements


def _derive_one(achievement: Achievement) -> None:
    versions = list(achievement.versions.all())
    top = versions[-1] if versions else None
    achievement.state = top.state if top else ""
    achievement.has_been_live = (
        achievement.has_been_live
        or any(v.state in {VersionState.LIVE, VersionState.REPLACED_WITH_NEW_VERSION} for v in versions)
        or any(release.live for release in achievement.releases.all())
    )
    localizations = next((found for v in reversed(versions) if (found := list(v.localizations.all()))), [])
    achievement.languages = {row.locale: language_state(row) for row in localizations}
    images = [row.image for row in localizations if getattr(row, "image", None) and row.image.template_url]
    achievement.thumbnail = asset_url(images[0].template_url, pixels=THUMBNAIL_PIXELS) if images else ""
    texts = [getattr(row, name) for row in localizations for name in TEXTS]
    achievement.search_text = "\n".join([achievement.reference_name, achievement.vendor_identifier, *texts]).lower()


def asset_url(template_url: str, *, pixels: int) -> str:
    """A picture's address at Apple, from the template with `{w}`, `{h}` and `{f}`."""
    return template_url.replace("{w}", str(pixels)).replace("{h}", str(pixels)).replace("{f}", "png")


def _summary(achievements: Sequence[Achievement], locales: Sequence[str]) -> dict[str, Any]:
    states: dict[str, int] = {}
    for achievement in achievements:
        states[achievement.state] = states.get(achievement.state, 0) + 1
    counted = [a for a in achievements if limits.current().archived_points_count or not a.archived]
    return {
        "achievements": len(achievements),
        "points": sum(achievement.points for achievement in counted),
        "locales": list(locales),
        "complete": sum(achievement.is_complete for achievement in achievements),
        "states": states,
        "archived": sum(achievement.archived for achievement in achievements),
        "hidden": sum(not achievement.show_before_earned for achievement in achievements),
    }
