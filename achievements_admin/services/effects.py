"""What a change does at Apple, one class per resource: read what is there, send, and write the answer to the mirror."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from achievements_admin.appstore.errors import NotFound
from achievements_admin.domain import achievement as apple
from achievements_admin.domain.changes import Change, Kind, Resource
from achievements_admin.models import Achievement, App, Plan

from . import rows
from .rows import Differences, Home
from .stores import Store, owner_of

Answer = apple.Achievement | apple.Detail | None


class Effect(ABC):
    """How changes of one resource are read, sent and mirrored."""

    @abstractmethod
    def action(self, change: Change) -> str:
        """The right that whoever wants the change must have."""

    @abstractmethod
    def read(self, store: Store, home: Home, change: Change) -> Answer:
        """What Apple holds under the change's natural key; None when there is nothing."""

    # Whether one list shows all of a game's, so that a job need not read each of them.
    is_listed = False

    def read_all(self, store: Store, home: Home) -> dict[str, Answer]:
        """What Apple holds of a whole game, by Apple's identifier."""
        raise NotImplementedError

    @abstractmethod
    def send(self, store: Store, home: Home, change: Change) -> Answer:
        """Send the one unsafe request of the change; returns Apple's answer."""

    @abstractmethod
    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        """Write what Apple holds now to the mirror; `read_at` is when the request left."""


class AchievementEffect(Effect):
    """Attributes of an achievement."""

    is_listed = True

    def read_all(self, store: Store, home: Home) -> dict[str, Answer]:
        return {found.id: found for found in store.list_achievements(home, owner_of(home), with_texts=False)}

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

    def send(self, store: Store, home: Home, change: Change) -> Answer:
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
            rows.derive(home, [])
            return
        assert isinstance(answer, apple.Achievement)
        # What we did ourselves is in the audit already: no difference is recorded.
        ours = Differences(home, is_first_reading=True)
        written = rows.put_achievements(home, [answer], read_at=read_at, differences=ours, in_order=False)
        rows.derive(home, [row.pk for row in written.values()])


class DetailEffect(Effect):
    """Game Center of a game, switched on."""

    def action(self, change: Change) -> str:
        return "game_center.enable"

    def read(self, store: Store, home: Home, change: Change) -> Answer:
        found = store.client.get_detail((change.after or {})["app_id"])
        return found[1] if found else None

    def send(self, store: Store, home: Home, change: Change) -> Answer:
        return store.client.create_detail((change.after or {})["app_id"])

    def mirror(self, home: Home, change: Change, answer: Answer, *, read_at: datetime) -> None:
        assert isinstance(answer, apple.Detail)
        App.objects.filter(pk=home.pk).update(detail_id=answer.id)


EFFECTS: dict[Resource, Effect] = {Resource.ACHIEVEMENT: AchievementEffect(), Resource.DETAIL: DetailEffect()}


def of(change: Change) -> Effect:
    """The effect of a change."""
    return EFFECTS[change.resource]


def home_of(plan: Plan) -> Home:
    """The game or group that a plan changes."""
    home = plan.app or plan.group
    assert home is not None
    return home


def values(answer: Answer) -> dict[str, Any] | None:
    """What Apple holds, as plain values."""
    if isinstance(answer, apple.Achievement):
        return rows.values_of(answer)
    return {"app_id": answer.app_id} if answer else None


def agrees(answer: Answer, change: Change) -> bool:
    """Whether Apple holds what the change wants."""
    if answer is None or change.after is None:
        return answer is None and change.after is None
    return all(same(answer, change.after, name) for name in change.after)


def is_at_base(answer: Answer, change: Change) -> bool:
    """Whether Apple still holds what the change was made from."""
    if answer is None or change.before is None:
        return answer is None and change.before is None
    return all(same(answer, change.before, name) for name in change.before)


def same(answer: Answer, wanted: Mapping[str, Any], name: str) -> bool:
    """Whether one attribute is as wanted; an answer that leaves out the app's identifier is taken at its word."""
    held = (values(answer) or {}).get(name)
    return held == wanted[name] or (name == "app_id" and not held)


def apple_id(answer: Answer, change: Change) -> str:
    """Apple's identifier of what was changed."""
    return answer.id if answer else change.apple_id
