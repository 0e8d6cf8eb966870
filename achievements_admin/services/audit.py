"""Writing down who did what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from achievements_admin.models import AuditEntry, Member


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, from where, through which door."""

    member: Member | None = None
    address: str | None = None
    source: AuditEntry.Source = AuditEntry.Source.WEB


APPLE = By(source=AuditEntry.Source.APPLE)


def entry(
    action: str,
    *,
    by: By,
    team: str = "",
    key: str = "",
    title: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    requests: Sequence[Mapping[str, Any]] = (),
    job_id: int | None = None,
) -> AuditEntry:
    """An entry that is not stored yet."""
    return AuditEntry(
        source=by.source,
        actor_id=by.member.pk if by.member else None,
        actor=by.member.email if by.member else "",
        address=by.address,
        action=action,
        team=team,
        key=key[:400],
        title=title[:500],
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        requests=list(requests),
        job_id=job_id,
    )


def record(action: str, *, by: By, **fields: Any) -> None:
    """Store one entry, in the transaction of what it speaks of."""
    entry(action, by=by, **fields).save()


def record_all(entries: Sequence[AuditEntry]) -> None:
    """Store many entries in one statement."""
    AuditEntry.objects.bulk_create(entries, batch_size=200)


def history(key: str, *, most: int = 50) -> list[AuditEntry]:
    """What happened to one thing and to what belongs to it, the newest first."""
    own = AuditEntry.objects.filter(key=key)
    below = AuditEntry.objects.filter(key__startswith=f"{key}/")
    return list((own | below).order_by("-pk")[:most])
