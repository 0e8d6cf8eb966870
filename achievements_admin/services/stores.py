"""A team's way to Apple: its key unsealed, its budget and connections shared, every request of an item noted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from achievements_admin.appstore.client import AppStore
from achievements_admin.appstore.credentials import Credentials
from achievements_admin.appstore.errors import AgreementMissing, AppStoreError, Forbidden, NotAuthorized, NotFound
from achievements_admin.appstore.generations import GENERATIONS
from achievements_admin.appstore.generations.base import Generation
from achievements_admin.appstore.transport import Exchange, Transport
from achievements_admin.domain.achievement import Achievement, Owner
from achievements_admin.models import ApiKey, App, JobItem, Team

from . import vault
from .budget import DatabaseQuota
from .errors import Refused
from .rows import Home

V1, V2 = Team.Generation.V1.value, Team.Generation.V2.value

_exchanges: ContextVar[list[dict[str, Any]] | None] = ContextVar("exchanges", default=None)
_clients: dict[tuple[int, bytes, bool], tuple[AppStore, DatabaseQuota]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Store:
    """The client of one team with the generation that its games speak."""

    client: AppStore
    quota: DatabaseQuota
    team: Team

    def achievements(self, home: Home) -> Generation:
        """The client's half for achievements of a game or group."""
        return self.client.achievements(generation_of(home, self.team))

    def list_achievements(self, home: Home, owner: Owner, *, with_texts: bool = True) -> list[Achievement]:
        """All achievements of a game or group. The first reading of a team finds out what `auto` comes to.

        v1 is settled on only where Apple refuses v2 and takes v1, so that a key with too small a role does not
        pass for a team without v2.
        """
        name = generation_of(home, self.team)
        is_open = self.team.generation == Team.Generation.AUTO and not self.team.detected_generation
        try:
            found = self.client.achievements(name).list(owner, with_texts=with_texts)
        except (Forbidden, NotFound):
            if not is_open or name != V2:
                raise
            found = self.client.achievements(V1).list(owner, with_texts=with_texts)
            name = V1
        if is_open and not (isinstance(home, App) and home.generation != Team.Generation.AUTO):
            self.team.detected_generation = name
            self.team.save(update_fields=["detected_generation"])
        return found


def generation_of(home: Home, team: Team | None = None) -> str:
    """The generation of a game or group: its own, else its team's, else what `auto` came to."""
    team = team or home.team
    own = home.generation if isinstance(home, App) else Team.Generation.AUTO
    for choice in (own, team.generation):
        if choice != Team.Generation.AUTO:
            return str(choice)
    return team.detected_generation or V2


def can_version(home: Home) -> bool:
    """Whether an achievement here has versions, so that a live text is edited in a new one."""
    return GENERATIONS[generation_of(home)].can_version


def owner_of(home: Home) -> Owner:
    """Where Apple keeps the achievements of a game or group."""
    return Owner("detail", home.detail_id) if isinstance(home, App) else Owner("group", home.apple_id)


def for_team(team: Team, *, is_background: bool) -> Store:
    """The store of a team; raises Refused when it has no key that works."""
    key = team.keys.order_by("refusal", "pk").first()
    if key is None:
        raise Refused(f"{team} has no API key. An admin can connect one on the Team page.")
    client, quota = _client(key, is_background=is_background)
    return Store(client, quota, team)


def for_item(item: JobItem, *, is_background: bool) -> Store:
    """The store through which a job's item is applied."""
    return for_team(item.team, is_background=is_background)


def _client(key: ApiKey, *, is_background: bool) -> tuple[AppStore, DatabaseQuota]:
    sealed = bytes(key.encrypted_private_key)
    with _lock:
        known = _clients.get((key.pk, sealed, is_background))
        if known is None:
            quota = DatabaseQuota(key, is_background=is_background)
            known = connect(credentials(key), quota=quota, is_background=is_background), quota
            _clients[(key.pk, sealed, is_background)] = known
        return known


def credentials(key: ApiKey) -> Credentials:
    """The unsealed credentials of a stored key."""
    return Credentials(
        key_id=key.key_id,
        issuer_id=key.issuer_id,
        private_key_pem=vault.unseal(bytes(key.encrypted_private_key)),
        is_individual=key.is_individual,
    )


def connect(given: Credentials, *, quota: Any = None, is_background: bool = False) -> AppStore:
    """A client for credentials that need not be stored, as when a key is checked."""
    return AppStore(
        Transport(
            given,
            base_url=settings.ASC_API_URL,
            quota=quota,
            is_background=is_background,
            read_seconds=settings.ASC_TIMEOUT_SECONDS,
            on_request=_note_exchange,
        )
    )


@contextmanager
def logging_to(exchanges: list[dict[str, Any]]) -> Iterator[None]:
    """Append every request of this thread to a list: method, path, body, status, Apple's errors."""
    token = _exchanges.set(exchanges)
    try:
        yield
    finally:
        _exchanges.reset(token)


def _note_exchange(exchange: Exchange) -> None:
    exchanges = _exchanges.get()
    if exchanges is not None:
        exchanges.append(
            {
                "at": timezone.now().isoformat(timespec="milliseconds"),
                "method": exchange.method,
                "path": exchange.path,
                "status": exchange.status,
                "body": exchange.body_sent,
            }
        )


def note(item: JobItem, error: AppStoreError) -> None:
    """Remember on the team's key that Apple refused it."""
    note_refusal(item.team, error)


def note_refusal(team: Team, error: AppStoreError | None) -> None:
    """Remember why Apple refuses a team's key, or that it works again."""
    is_refusal = isinstance(error, NotAuthorized | AgreementMissing)
    if error is None or is_refusal:
        refusal = error.sentence if error else ""
        ApiKey.objects.filter(team=team).update(refusal=refusal, checked_at=timezone.now())
