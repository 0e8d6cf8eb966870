"""What a change does at Apple, one class per resource: read what is there, send, and write the answer to the mirror."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from achievements_admin.appstore.errors import NotFound
from achievements_admin.domain import achievement as apple
from achievements_admin.domain import changes
from achievements_admin.domain.changes import Change, Kind, Resource
from achievements_admin.models import Achievement, App, Group

from . import rows
from .errors import ServiceError
from .rows import Differences, Home
from .stores import Store, owner_of

Answer = apple.Achievement | apple.Version | apple.Localization | apple.Detail | None


class Effect(ABC):
    """How changes of one resource are read, sent and mirrored."""

    @abstractmethod
    def action(self, change: Change) -> str:
        """The right that whoever wants the change must have."""

    @abstractmethod
    def read(self, store: Store, home: Home, change: Change) -> Answer:
        """What Apple holds under the change's natural key; None when there is nothing."""

    @abstractmethod
    def send(self, store: Store, home: Home, change: Change, held: Answer) -> Answer:
        """Send the change, with one unsafe request unless the class says otherwise; returns Apple's answer.

        `held` is what was read under the change's key; None when there was nothing, or a creation had no need to look.
        """

    @abstractmethod
    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        """Write what Apple holds now to the mirror; `read_at` is when the request left."""

    def is_at_base(self, answer: Answer, change: Change) -> bool:
        """Whether Apple still holds what the change was made from."""
        if answer is None or change.before is None:
            return answer is None and change.before is None
        return all(same(answer, change.before, name) for name in change.before)


class AchievementEffect(Effect):
    """Attributes of an achievement."""

    def action(self, change: Change) -> str:
        return "achievements.delete" if change.kind is Kind.DELETE else "achievements.change"

    def read(self, store: Store, home: Home, change: Change) -> Answer:
        half = store.achievements(home)
        if not change.apple_id:
            return half.find(owner_of(home), (change.after or {})["vendor_identifier"])
        try:
            return half.get(change.apple_id)
        except NotFound:
            return None

    def send(self, store: Store, home: Home, change: Change, held: Answer) -> Answer:
        half = store.achievements(home)
        if change.kind is Kind.CREATE:
            return half.create(owner_of(home), change.after or {})
        if change.kind is Kind.UPDATE:
            return half.update(change.apple_id, change.after or {})
        half.delete(change.apple_id)
        return None

    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        if answer is None:
            Achievement.objects.filter(apple_id=change.apple_id, read_at__lte=read_at).delete()
            return
        assert isinstance(answer, apple.Achievement)
        # What we did ourselves is in the audit already: no difference is recorded.
        ours = Differences(home, is_first_reading=True)
        written = rows.put_achievements(home, [answer], read_at=read_at, differences=ours, in_order=False)
        rows.derive_some([row.pk for row in written.values()])


class VersionEffect(Effect):
    """A version that can be edited, with the texts of the live one.

    Whether Apple carries texts over to a new version is not documented, so what is missing is added, one request each;
    every one of them has a natural key, and after an unknown outcome only what is still missing is sent.
    """

    def action(self, change: Change) -> str:
        return "achievements.change"

    def read(self, store: Store, home: Home, change: Change) -> Answer:
        half = store.achievements(home)
        found = half.list_versions(rows.achievement_with(change.key).apple_id)
        if not found or not found[-1].state.is_editable:
            return None
        return replace(found[-1], localizations=tuple(half.list_localizations(found[-1].id, with_images=False)))

    def send(self, store: Store, home: Home, change: Change, held: Answer) -> Answer:
        half = store.achievements(home)
        achievement = rows.achievement_with(change.key)
        version = held if isinstance(held, apple.Version) else half.create_version(achievement.apple_id)
        texts = list(version.localizations or half.list_localizations(version.id, with_images=False))
        missing = set((change.after or {})["locales"]) - {text.locale for text in texts}
        live = achievement.versions.filter(state=apple.VersionState.LIVE).order_by("number").last()
        if missing and live:
            for text in half.list_localizations(live.apple_id, with_images=False):
                if text.locale in missing:
                    texts.append(half.create_localization(version.id, locale=text.locale, texts=rows.text_values(text)))
        return replace(version, localizations=tuple(texts))

    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        if isinstance(answer, apple.Version):
            achievement = rows.achievement_with(change.key)
            rows.put_version(achievement, answer, read_at=read_at)
            rows.derive_some([achievement.pk])

    def is_at_base(self, answer: Answer, change: Change) -> bool:
        """A version that is open already is what was wanted; texts that it lacks are added."""
        return True


class LocalizationEffect(Effect):
    """One text of the version that is edited: in v1 of the achievement itself, in v2 of its highest version."""

    def action(self, change: Change) -> str:
        return "achievements.change"

    def read(self, store: Store, home: Home, change: Change) -> Answer:
        return store.achievements(home).find_localization(_version_id(store, home, change.key), locale_of(change))

    def send(self, store: Store, home: Home, change: Change, held: Answer) -> Answer:
        half = store.achievements(home)
        if held is None:
            version_id = _version_id(store, home, change.key)
            return half.create_localization(version_id, locale=locale_of(change), texts=change.after or {})
        if change.after is None:
            half.delete_localization(held.id)
            return None
        return half.update_localization(held.id, change.after)

    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        assert answer is None or isinstance(answer, apple.Localization)
        achievement = rows.achievement_with(change.key)
        rows.put_localization(achievement, locale_of(change), answer, read_at=read_at)
        rows.derive_some([achievement.pk])


class DetailEffect(Effect):
    """Game Center of a game, switched on."""

    def action(self, change: Change) -> str:
        return "game_center.enable"

    def read(self, store: Store, home: Home, change: Change) -> Answer:
        found = store.client.get_detail((change.after or {})["app_id"])
        return found[1] if found else None

    def send(self, store: Store, home: Home, change: Change, held: Answer) -> Answer:
        return store.client.create_detail((change.after or {})["app_id"])

    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        assert isinstance(answer, apple.Detail)
        App.objects.filter(pk=home.pk).update(detail_id=answer.id)


EFFECTS: dict[Resource, Effect] = {
    Resource.DETAIL: DetailEffect(),
    Resource.ACHIEVEMENT: AchievementEffect(),
    Resource.VERSION: VersionEffect(),
    Resource.LOCALIZATION: LocalizationEffect(),
}


def of(change: Change) -> Effect:
    """The effect of a change."""
    return EFFECTS[change.resource]


def home_of(change: Change) -> Home:
    """The game or group that a change is made to; raises ServiceError where it is no longer in the mirror."""
    try:
        return rows.home_with(change.home)
    except (App.DoesNotExist, Group.DoesNotExist) as error:
        raise ServiceError("Its game or group is no longer at Apple. Refresh the list of games.") from error


def read_list(store: Store, home: Home, listed_under: str) -> dict[str, Answer]:
    """What one list at Apple shows, by natural key: a game's achievements (in v1 with texts), or a version's texts."""
    if listed_under != rows.home_key(home):
        achievement = changes.achievement_of(listed_under)
        texts = store.achievements(home).list_localizations(_version_id(store, home, listed_under), with_images=False)
        return {changes.localization_key(achievement, text.locale): text for text in texts}
    found: dict[str, Answer] = {}
    for each in store.list_achievements(home, owner_of(home)):
        key = changes.achievement_key(listed_under, each.vendor_identifier)
        found[key] = each
        for version in each.versions:
            found |= {changes.localization_key(key, text.locale): text for text in version.localizations or ()}
    return found


def _version_id(store: Store, home: Home, key: str) -> str:
    """Apple's identifier of the version in which an achievement's texts are edited, from the mirror.

    Where the answer to its creation did not name it, one list brings the versions of all achievements here.
    """
    versions = rows.achievement_with(key).versions.order_by("number")
    version = versions.last()
    if version is None:
        with _listing:
            version = versions.last()
            if version is None:
                _list_versions(store, home)
                version = versions.last()
    if version is None:
        raise ServiceError("Apple shows no version of this achievement yet. Refresh, then try again.")
    return version.apple_id


_listing = threading.Lock()


def _list_versions(store: Store, home: Home) -> None:
    read_at = timezone.now()
    rows.put_versions(store.list_achievements(home, owner_of(home), with_texts=False), read_at=read_at)


def locale_of(change: Change) -> str:
    """The language of a text."""
    return change.key.rsplit("/", 1)[1]


def values(answer: Answer) -> dict[str, Any] | None:
    """What Apple holds, as plain values."""
    if isinstance(answer, apple.Achievement):
        return rows.values_of(answer)
    if isinstance(answer, apple.Localization):
        return dict(rows.text_values(answer))
    if isinstance(answer, apple.Version):
        return {"locales": sorted(text.locale for text in answer.localizations or ())}
    return {"app_id": answer.app_id} if answer else None


def agrees(answer: Answer, change: Change) -> bool:
    """Whether Apple holds what the change wants."""
    if answer is None or change.after is None:
        return answer is None and change.after is None
    return all(same(answer, change.after, name) for name in change.after)


def same(answer: Answer, wanted: Mapping[str, Any], name: str) -> bool:
    """Whether one attribute is as wanted.

    An answer that leaves out the app's identifier is taken at its word; a version may have more languages than asked.
    """
    held = (values(answer) or {}).get(name)
    if name == "locales":
        return set(wanted[name]) <= set(held or ())
    return held == wanted[name] or (name == "app_id" and not held)


def apple_id(answer: Answer, change: Change) -> str:
    """Apple's identifier of what was changed."""
    return answer.id if answer else change.apple_id
