"""A studio in the mirror, for tests that need rows but no Apple."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from achievements_admin.models import (
    Achievement,
    App,
    Grant,
    Group,
    Image,
    Localization,
    Member,
    Role,
    Team,
    Version,
)
from achievements_admin.services import rows
from achievements_admin.services.rows import Home

PASSWORD = "correct-horse-battery"
_numbers = count(1)


def member(role: str | None = Role.PRODUCER, *, email: str = "", **scope: Any) -> Member:
    """A member with one grant; in the whole studio unless `team` or `app` is given."""
    person = Member.objects.create_user(
        email or f"{role}{next(_numbers)}@example.com", PASSWORD, name=str(role).title()
    )
    if role:
        Grant.objects.create(member=person, role=role, **scope)
    return person


def team(name: str = "Northlight") -> Team:
    """An Apple team without a key."""
    return Team.objects.get_or_create(name=name)[0]


def group(name: str = "Lantern", **values: Any) -> Group:
    """A group that was read just now."""
    now = timezone.now()
    return Group.objects.create(
        **{
            "team": team(),
            "apple_id": f"group-{next(_numbers)}",
            "reference_name": name,
            "read_at": now,
            "synced_at": now,
        }
        | values
    )


def app(name: str = "Lantern Keep", **values: Any) -> App:
    """A game with Game Center on, read just now."""
    number, now = next(_numbers), timezone.now()
    given = {
        "team": team(),
        "apple_id": str(6400000000 + number),
        "name": name,
        "bundle_id": f"com.northlight.game{number}",
        "detail_id": f"detail-{number}",
        "read_at": now,
        "synced_at": now,
    }
    return App.objects.create(**given | values)


def achievement(
    home: Home,
    name: str = "First win",
    *,
    state: str = "PREPARE_FOR_SUBMISSION",
    locales: tuple[str, ...] = ("en-US",),
    images: bool = True,
    read_at: datetime | None = None,
    **values: Any,
) -> Achievement:
    """An achievement with one version and a text with image per locale."""
    number, now = next(_numbers), read_at or timezone.now() - timedelta(seconds=1)
    owner = {"app": home} if isinstance(home, App) else {"group": home}
    given = {
        "team": home.team,
        "apple_id": f"achievement-{number}",
        "reference_name": name,
        "vendor_identifier": f"a{number}",
        "points": 10,
        "show_before_earned": True,
        "repeatable": False,
        "position": home.achievements.count(),
        "read_at": now,
    }
    row = Achievement.objects.create(**owner, **given | values)
    version = Version.objects.create(
        achievement=row, apple_id=f"version-{number}", state=state, read_at=now, texts_read_at=now
    )
    for locale in locales:
        text = Localization.objects.create(
            version=version,
            apple_id=f"text-{number}-{locale}",
            locale=locale,
            name=name[:30],
            before_earned_description=f"How to: {name}"[:100],
            after_earned_description=f"Done: {name}"[:100],
            read_at=now,
        )
        if images:
            Image.objects.create(
                localization=text,
                apple_id=f"image-{number}-{locale}",
                state="COMPLETE",
                file_name="icon.png",
                template_url=f"https://is1-ssl.mzstatic.com/image/{number}/{{w}}x{{h}}bb.{{f}}",
                width=512,
                height=512,
                read_at=now,
            )
    rows.derive(home)
    row.refresh_from_db()
    return row
