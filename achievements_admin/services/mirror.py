"""Reading Apple into the mirror: as few requests as the endpoints allow, several at once, and nothing taken for gone
until Apple says so by its identifier.

Requests of one game: one for the game with its Game Center detail and group, one for the list (which in v1 brings texts
and releases along), and one for each version (v1: achievement) whose texts or images may have changed. A version that
is live or replaced does not change, and is read once.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from achievements_admin.appstore.errors import AppStoreError, NotFound
from achievements_admin.domain import achievement as apple
from achievements_admin.domain.achievement import VersionState
from achievements_admin.models import Achievement, App, Group, Image, Localization, Team, Version

from . import rows, stores
from .audit import By
from .errors import Refused, ServiceError
from .rows import Differences, Home

# In v1 images cost a request per achievement and nothing says that they changed, so complete ones are trusted a day.
IMAGES_FRESH = timedelta(days=1)
# A reading that has not ended after this long was cut off.
READING_LASTS = timedelta(minutes=5)


@dataclass(slots=True)
class Reading:
    """What one reading of a game or group brought; `was_running`: another one was at it, so nothing was done."""

    home: Home
    achievements: int = 0
    versions: int = 0
    localizations: int = 0
    images: int = 0
    changed: int = 0
    requests: int = 0
    was_running: bool = False


def is_stale(home: Home) -> bool:
    """Whether what we hold is older than a page should show without looking again."""
    return home.synced_at is None or home.synced_at < timezone.now() - timedelta(seconds=settings.FRESH_SECONDS)


def refresh(home: Home, by: By | None = None, *, is_background: bool = False, with_images: bool = False) -> Reading:
    """Read one game or group now; raises Refused with a sentence when Apple can't be read.

    `with_images` reads images again even where v1 would trust them. A reading of the same thing that is already
    running is left to finish.
    """
    if not _begin(home):
        return Reading(home, was_running=True)
    try:
        store = stores.for_team(home.team, is_background=is_background)
        reading = _read_home(store, home, with_images=with_images)
        stores.note_refusal(home.team, None)
        return reading
    except AppStoreError as error:
        stores.note_refusal(home.team, error)
        _end(home, error=error.sentence)
        raise Refused(error.sentence, error.document) from error
    except ServiceError as error:
        _end(home, error=str(error))
        raise Refused(str(error)) from error


def sync_team(
    team: Team,
    *,
    app_id: str | None = None,
    with_images: bool = False,
    tell: Callable[[Reading | Refused, Home | None], None] = lambda outcome, home: None,
) -> None:
    """Read a whole team, or one game of it; `tell` hears of each game and group as it is done.

    Raises Refused when the team itself can't be read; what goes wrong with one game is told and the rest goes on.
    """
    store = stores.for_team(team, is_background=True)
    try:
        homes = [_find_app(team, app_id)] if app_id else _read_team(store, team)
    except AppStoreError as error:
        stores.note_refusal(team, error)
        Team.objects.filter(pk=team.pk).update(sync_error=error.sentence)
        raise Refused(error.sentence, error.document) from error
    for home in homes:
        try:
            tell(refresh(home, is_background=True, with_images=with_images), home)
        except Refused as error:
            tell(error, home)
    if not app_id:
        Team.objects.filter(pk=team.pk).update(synced_at=timezone.now(), sync_error="")


def _begin(home: Home) -> bool:
    """Claim the reading of a game or group, unless somebody is at it."""
    now = timezone.now()
    free = Q(sync_started_at=None) | Q(sync_started_at__lt=now - READING_LASTS)
    return bool(type(home).objects.filter(free, pk=home.pk).update(sync_started_at=now))


def _end(home: Home, *, error: str = "", synced_at: datetime | None = None) -> None:
    values: dict[str, Any] = {"sync_started_at": None, "sync_error": error}
    if synced_at:
        values["synced_at"] = synced_at
    for name, value in values.items():
        setattr(home, name, value)
    type(home).objects.filter(pk=home.pk).update(**values)


def _read_team(store: stores.Store, team: Team) -> list[Home]:
    """Mirror a team's games and groups with two lists; returns what to read next, groups instead of their games."""
    read_at = timezone.now()
    apps = store.client.list_apps()
    groups = store.client.list_groups()
    with transaction.atomic():
        stored = {group.id: _put_group(team, group, read_at) for group in groups}
        group_of = {detail: stored[group.id] for group in groups for detail in group.detail_ids}
        homes: list[Home] = list(stored.values())
        for app in apps:
            row = _put_app(team, app, group_of.get(app.detail_id), read_at)
            if row.group is None:
                homes.append(row)
    missing_apps = App.objects.filter(team=team, read_at__lt=read_at).exclude(apple_id__in=[a.id for a in apps])
    missing_groups = Group.objects.filter(team=team, read_at__lt=read_at).exclude(apple_id__in=[g.id for g in groups])
    missing: list[App | Group] = [*missing_apps, *missing_groups]
    for lost in missing:
        try:
            (store.client.get_app if isinstance(lost, App) else store.client.get_group)(lost.apple_id)
        except NotFound:
            lost.delete()
    return homes


def _find_app(team: Team, app_id: str) -> App:
    """The row of a game, made without a name when it is asked for before the first reading of its team."""
    now = timezone.now()
    return App.objects.select_related("team", "group").get_or_create(
        apple_id=app_id, defaults={"team": team, "name": app_id, "read_at": now}
    )[0]


def _put_group(team: Team, group: apple.Group, read_at: datetime) -> Group:
    values = {"reference_name": group.reference_name, "read_at": read_at}
    return Group.objects.update_or_create(apple_id=group.id, defaults=values, create_defaults={**values, "team": team})[
        0
    ]


def _put_app(team: Team, app: apple.App, group: Group | None, read_at: datetime) -> App:
    values = {
        "name": app.name,
        "bundle_id": app.bundle_id,
        "sku": app.sku,
        "primary_locale": app.primary_locale,
        "detail_id": app.detail_id,
        "group": group,
        "read_at": read_at,
    }
    return App.objects.update_or_create(apple_id=app.id, defaults=values, create_defaults={**values, "team": team})[0]


def _read_home(store: stores.Store, home: Home, *, with_images: bool) -> Reading:
    started = timezone.now()
    with store.client.counting() as requests:
        if isinstance(home, App):
            target = _read_detail(store, home)
        else:
            target = _put_group(home.team, store.client.get_group(home.apple_id), started)
        reading = Reading(target or home)
        if target is not None:
            _read_achievements(store, target, reading, with_images=with_images)
    reading.requests = requests.count
    store.quota.flush()
    for read in {home, reading.home}:
        _end(read, synced_at=started)
    return reading


def _read_detail(store: stores.Store, app: App) -> Home | None:
    """Read a game with its detail and group in one request; None when Game Center is off."""
    read_at = timezone.now()
    found = store.client.get_detail(app.apple_id)
    listed, detail = found or (None, None)
    if listed is None and not app.bundle_id:
        # Never read before: no detail may also mean no such game.
        try:
            listed = store.client.get_app(app.apple_id)
        except NotFound:
            app.delete()
            raise
    if listed is not None:
        app.name, app.bundle_id = listed.name, listed.bundle_id
        app.sku, app.primary_locale = listed.sku, listed.primary_locale
    app.detail_id, app.read_at = detail.id if detail else "", read_at
    app.group = _put_group(app.team, detail.group, read_at) if detail and detail.group else None
    app.save()
    return (app.group or app) if detail else None


def _read_achievements(store: stores.Store, home: Home, reading: Reading, *, with_images: bool) -> None:
    is_first = home.synced_at is None
    differences = Differences(home, is_first_reading=is_first)
    read_at = timezone.now()
    listed = store.list_achievements(home, stores.owner_of(home))
    with transaction.atomic():
        written = rows.put_achievements(home, listed, read_at=read_at, differences=differences)
        for achievement in listed:
            for version in achievement.versions:
                if version.localizations is not None:
                    _put_texts(written[achievement.id], version, read_at, differences)
    versions = _unread_versions(home, list(written), store, with_images=with_images)
    missing = _read_localizations(store, home, versions, differences)
    gone = home.achievements.filter(read_at__lt=read_at).exclude(apple_id__in=[a.id for a in listed])
    _remove_gone(store, home, [*gone, *missing], differences)
    with transaction.atomic():
        differences.record()
        rows.derive(home)
    texts = Localization.objects.filter(version__achievement__in=written.values())
    reading.achievements = len(listed)
    reading.versions = sum(len(achievement.versions) for achievement in listed)
    reading.localizations = texts.count()
    reading.images = texts.filter(image__isnull=False).count()
    reading.changed = differences.count


def _put_texts(row: Achievement, version: apple.Version, read_at: datetime, differences: Differences) -> None:
    """Write the texts that a list brought along (v1)."""
    stored = Version.objects.select_related("achievement__app__team", "achievement__group__team").get(
        achievement=row, apple_id=version.id
    )
    rows.put_localizations(
        stored, version.localizations or (), read_at=read_at, with_images=False, differences=differences
    )


def _unread_versions(
    home: Home, achievement_ids: Sequence[str], store: stores.Store, *, with_images: bool
) -> list[Version]:
    """The versions whose texts and images have to be read: see the module's description."""
    versions = (
        Version.objects.filter(achievement__apple_id__in=achievement_ids)
        .exclude(state=VersionState.REPLACED_WITH_NEW_VERSION)
        .select_related("achievement__app__team", "achievement__group__team")
    )
    pending = Q(localizations__image__state__in=["AWAITING_UPLOAD", "UPLOAD_COMPLETE"])
    if with_images:
        return list(versions)
    if store.achievements(home).can_version:
        return list(versions.filter(~Q(state=VersionState.LIVE) | Q(texts_read_at=None) | pending).distinct())
    bare = Q(localizations__isnull=False, localizations__image__isnull=True)
    old = Q(images_read_at=None) | Q(images_read_at__lt=timezone.now() - IMAGES_FRESH)
    return list(versions.filter(old | pending | bare).distinct())


def _read_localizations(
    store: stores.Store, home: Home, versions: Sequence[Version], differences: Differences
) -> list[Localization | Image]:
    """Read texts and images of many versions at once; the rows are written by this thread alone."""
    half = store.achievements(home)

    def read(version: Version) -> tuple[Version, datetime, list[apple.Localization] | None]:
        read_at = timezone.now()
        try:
            return version, read_at, half.list_localizations(version.apple_id, with_images=True)
        except NotFound:
            return version, read_at, None
        finally:
            connection.close()

    missing: list[Localization | Image] = []
    with ThreadPoolExecutor(max_workers=settings.ASC_CONNECTIONS) as pool:
        pending = [pool.submit(copy_context().run, read, version) for version in versions]
        try:
            for answer in pending:
                version, read_at, localizations = answer.result()
                if localizations is None:
                    continue
                with transaction.atomic():
                    missing += rows.put_localizations(
                        version, localizations, read_at=read_at, with_images=True, differences=differences
                    )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return missing


def _remove_gone(
    store: stores.Store, home: Home, suspects: Sequence[Achievement | Localization | Image], differences: Differences
) -> None:
    """Remove what a list no longer showed, each only after Apple answers 404 to its own identifier."""
    half = store.achievements(home)
    looks: dict[type, Callable[[str], object]] = {
        Achievement: half.get,
        Localization: half.get_localization,
        Image: half.get_image,
    }
    for row in suspects:
        try:
            looks[type(row)](row.apple_id)
        except NotFound:
            key, title, before = _last_seen(row)
            differences.add(f"{type(row).__name__.lower()}.disappeared", key, title, before=before, after=None)
            row.delete()


def _last_seen(row: Achievement | Localization | Image) -> tuple[str, str, dict[str, Any]]:
    """Key, title and last known values of something that is gone."""
    if isinstance(row, Achievement):
        return rows.key_of(row), row.reference_name, rows.values_of(row)
    localization = row if isinstance(row, Localization) else row.localization
    achievement = localization.version.achievement
    key = f"{rows.key_of(achievement)}/localizations/{localization.locale}"
    if isinstance(row, Image):
        return f"{key}/image", achievement.reference_name, {"file_name": row.file_name}
    return key, achievement.reference_name, dict(rows.text_values(row))
