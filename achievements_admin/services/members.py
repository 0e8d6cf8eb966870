"""People: who they are, what they may do where, and how they come and go."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from achievements_admin.domain.validation import Problem
from achievements_admin.models import App, Grant, Group, Invitation, Member, Role, Team

from . import audit
from .audit import By
from .errors import Invalid, NotAllowed, NotFound

INVITATION_LASTS = timedelta(days=7)

# The least role that each action takes, and what a page calls the action.
ACTIONS: dict[str, tuple[Role, str]] = {
    "view": (Role.VIEWER, "see this"),
    "sync": (Role.VIEWER, "read from Apple"),
    "achievements.change": (Role.PRODUCER, "change achievements"),
    "achievements.delete": (Role.PRODUCER, "delete achievements"),
    "game_center.enable": (Role.LEAD, "turn Game Center on"),
    "team.manage": (Role.ADMIN, "manage the team and its keys"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """One grant of a member, reduced to what a decision needs."""

    rank: int
    team_id: int | None
    app_id: int | None
    locale: str

    def covers(self, app: App | None, team: Team | None) -> bool:
        """Whether the grant reaches a game, a team, or with neither the whole studio."""
        if self.locale:
            return False
        if self.app_id is not None:
            return app is not None and app.pk == self.app_id
        if self.team_id is not None:
            reached = app.team_id if app else team.pk if team else None
            return reached == self.team_id
        return True


def scopes(member: Member) -> list[Scope]:
    """A member's grants, read once for as long as the member object lives."""
    known: list[Scope] | None = getattr(member, "_scopes", None)
    if known is None:
        rows = member.grants.values_list("role", "team_id", "app_id", "locale")
        known = [Scope(Role(role).rank, team, app, locale) for role, team, app, locale in rows]
        member._scopes = known  # type: ignore[attr-defined]
    return known


def can(member: Member, action: str, *, app: App | None = None, team: Team | None = None) -> bool:
    """Whether a member may do something, to a game, to a team, or in the whole studio."""
    least = ACTIONS[action][0].rank
    return member.is_active and any(s.rank >= least and s.covers(app, team) for s in scopes(member))


def require(member: Member, action: str, *, app: App | None = None, team: Team | None = None) -> None:
    """Raise NotAllowed, saying who can, unless the member may do it."""
    if can(member, action, app=app, team=team):
        return
    role, what = ACTIONS[action]
    roles = [one for one in Role if one.rank >= role.rank]
    able = Member.objects.filter(
        is_active=True, grants__role__in=roles, grants__team=None, grants__app=None, grants__locale=""
    )
    names = ", ".join(str(one) for one in able.distinct().order_by("name", "email")[:3])
    asking = f" Ask {names}." if names else ""
    raise NotAllowed(f"Your role does not let you {what}: that takes the role {role.label.lower()}.{asking}")


def can_at(member: Member, action: str, home: App | Group) -> bool:
    """Whether a member may do something to a game or a group; a group's rights are those on its whole Apple team."""
    return can(member, action, app=home) if isinstance(home, App) else can(member, action, team=home.team)


def require_at(member: Member, action: str, home: App | Group) -> None:
    """Raise NotAllowed, saying who can, unless the member may do it to a game or a group."""
    if isinstance(home, App):
        require(member, action, app=home)
    else:
        require(member, action, team=home.team)


def _reach(member: Member) -> tuple[bool, set[int], set[int]]:
    """Whether the member sees the whole studio, and otherwise which teams and games."""
    if not member.is_active:
        return False, set(), set()
    found = scopes(member)
    return (
        any(s.team_id is None and s.app_id is None for s in found),
        {s.team_id for s in found if s.team_id is not None and s.app_id is None},
        {s.app_id for s in found if s.app_id is not None},
    )


def visible_apps(member: Member) -> QuerySet[App]:
    """The games that a member may see."""
    everything, teams, apps = _reach(member)
    found = App.objects.all()
    return found if everything else found.filter(team__in=teams) | found.filter(pk__in=apps)


def visible_groups(member: Member) -> QuerySet[Group]:
    """The groups that a member may see: those of a visible team or with a visible game."""
    everything, teams, apps = _reach(member)
    found = Group.objects.all()
    if everything:
        return found
    return (
        found.filter(team__in=teams) | found.filter(pk__in=App.objects.filter(pk__in=apps).values("group"))
    ).distinct()


def visible_teams(member: Member) -> QuerySet[Team]:
    """The Apple teams of which a member may see something."""
    everything, teams, apps = _reach(member)
    found = Team.objects.all()
    if everything:
        return found
    return found.filter(pk__in=[*teams, *App.objects.filter(pk__in=apps).values_list("team", flat=True)])


def roster() -> list[Member]:
    """All active members with their grants."""
    return list(Member.objects.filter(is_active=True).prefetch_related("grants__team", "grants__app").order_by("email"))


def add(
    email: str,
    *,
    role: str,
    apps: Sequence[str] = (),
    locales: Sequence[str] = (),
    password: str,
    name: str = "",
    by: By,
) -> Member:
    """Add a member or change one: the role, in the studio or for some games, and the password where one is given."""
    _check_email(email)
    if role not in Role.values:
        raise Invalid([Problem("role", "Choose a role.")])
    found = {app.apple_id: app for app in App.objects.filter(apple_id__in=apps)}
    if missing := [apple_id for apple_id in apps if apple_id not in found]:
        raise Invalid([Problem("app", f"There is no game {', '.join(missing)} in the mirror. Run sync first.")])
    with transaction.atomic():
        member = Member.objects.filter(email__iexact=email.strip()).first()
        if member is None:
            _check_password(password, Member(email=email, name=name))
            member = Member.objects.create_user(email, password, name=name)
        elif password:
            _check_password(password, member)
            member.set_password(password)
        member.is_active = True
        member.name = name or member.name
        member.save()
        places: list[App | None] = [found[apple_id] for apple_id in apps] or [None]
        for place, locale in product(places, locales or [""]):
            Grant.objects.update_or_create(member=member, team=None, app=place, locale=locale, defaults={"role": role})
        audit.record(
            "member.added",
            by=by,
            title=member.email,
            after={"role": role, "apps": list(apps), "locales": list(locales)},
        )
    return member


def invite(email: str, *, role: str, by: By, link: Callable[[str], str]) -> tuple[Invitation, str]:
    """Invite somebody by mail; returns the invitation and its link, which is shown once and not kept."""
    assert by.member is not None
    require(by.member, "team.manage")
    _check_email(email)
    if Member.objects.filter(email__iexact=email.strip(), is_active=True).exists():
        raise Invalid([Problem("email", f"{email} is a member already. Change the role in the list instead.")])
    if role not in Role.values:
        raise Invalid([Problem("role", "Choose a role.")])
    secret = secrets.token_urlsafe(32)
    address = link(secret)
    with transaction.atomic():
        Invitation.objects.filter(email__iexact=email.strip(), accepted_at=None).delete()
        invitation = Invitation.objects.create(
            email=email.strip().lower(),
            role=role,
            secret_hash=_hash(secret),
            invited_by=by.member,
            expires_at=timezone.now() + INVITATION_LASTS,
        )
        audit.record("member.invited", by=by, title=invitation.email, after={"role": role})
        transaction.on_commit(lambda: _mail_invitation(invitation, address))
    return invitation, address


def _mail_invitation(invitation: Invitation, address: str) -> None:
    send_mail(
        f"Join {settings.STUDIO_NAME} on Achievements Admin",
        f"{invitation.invited_by} invites you to Achievements Admin as {invitation.get_role_display().lower()}.\n\n"
        f"Choose a password here, within seven days:\n{address}\n",
        None,
        [invitation.email],
        fail_silently=True,  # the page shows the link too
    )


def pending_invitations() -> list[Invitation]:
    """Invitations that nobody has taken up yet."""
    found = Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now())
    return list(found.select_related("invited_by").order_by("email"))


def invitation(secret: str) -> Invitation:
    """The invitation of a link; NotFound when it is unknown, used or too old."""
    found = Invitation.objects.filter(secret_hash=_hash(secret)).select_related("invited_by").first()
    if found is None:
        raise NotFound("This invitation is not known. It may have been withdrawn; ask for a new one.")
    if found.accepted_at:
        raise NotFound("This invitation has been used. Sign in with the password that was chosen then.")
    if found.expires_at < timezone.now():
        raise NotFound("This invitation is older than seven days. Ask for a new one.")
    return found


def accept(secret: str, *, name: str, password: str, address: str | None = None) -> Member:
    """Take an invitation up; it works once."""
    found = invitation(secret)
    if Member.objects.filter(email__iexact=found.email, is_active=True).exists():
        raise NotFound(f"{found.email} is a member already. Sign in instead.")
    _check_password(password, Member(email=found.email, name=name))
    with transaction.atomic():
        if not Invitation.objects.filter(pk=found.pk, accepted_at=None).update(accepted_at=timezone.now()):
            raise NotFound("This invitation has been used. Sign in with the password that was chosen then.")
        member = Member.objects.filter(email__iexact=found.email).first() or Member(email=found.email)
        member.name, member.is_active = name.strip(), True
        member.set_password(password)
        member.save()
        Grant.objects.update_or_create(member=member, team=None, app=None, locale="", defaults={"role": found.role})
        audit.record("member.joined", by=By(member, address), title=member.email, after={"role": found.role})
    return member


def withdraw(invitation_pk: int, *, by: By) -> None:
    """Make an invitation's link worthless."""
    _require_admin(by)
    found = Invitation.objects.filter(pk=invitation_pk, accepted_at=None).first()
    if found is None:
        raise NotFound("There is no such invitation. It may have been used or withdrawn.")
    with transaction.atomic():
        audit.record("invitation.withdrawn", by=by, title=found.email)
        found.delete()


def set_role(member_pk: int, role: str, *, by: By) -> Member:
    """Change a member's role in the whole studio; the last admin stays one."""
    _require_admin(by)
    member = _member(member_pk)
    if role not in Role.values:
        raise Invalid([Problem("role", "Choose a role.")])
    with transaction.atomic():
        before = studio_role(member)
        if role != Role.ADMIN:
            _keep_an_admin(member)
        Grant.objects.update_or_create(member=member, team=None, app=None, locale="", defaults={"role": role})
        audit.record("member.role_changed", by=by, title=member.email, before={"role": before}, after={"role": role})
    return member


def remove(member_pk: int, *, by: By) -> None:
    """Close a member's account and end its sessions; what the member did stays in the audit."""
    _require_admin(by)
    member = _member(member_pk)
    with transaction.atomic():
        _keep_an_admin(member)
        member.grants.all().delete()
        Member.objects.filter(pk=member.pk).update(is_active=False)
        audit.record("member.removed", by=by, title=member.email)
    end_sessions(member)


def end_sessions(member: Member) -> None:
    """Sign a member out everywhere."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(member.pk):
            session.delete()


def studio_role(member: Member) -> str:
    """The role in the whole studio; empty for a member whose grants are all narrower."""
    return next((g.role for g in member.grants.all() if not (g.team_id or g.app_id or g.locale)), "")


def _keep_an_admin(member: Member) -> None:
    admins = Member.objects.select_for_update().filter(
        is_active=True, grants__role=Role.ADMIN, grants__team=None, grants__app=None, grants__locale=""
    )
    if [one.pk for one in admins] == [member.pk]:
        raise Invalid([Problem("role", f"{member} is the only admin. Make somebody else an admin first.")])


def _member(member_pk: int) -> Member:
    member = Member.objects.filter(pk=member_pk, is_active=True).first()
    if member is None:
        raise NotFound("There is no such member.")
    return member


def _require_admin(by: By) -> None:
    if by.member is not None:
        require(by.member, "team.manage")


def _check_email(email: str) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Invalid([Problem("email", f"“{email}” is no e-mail address.")]) from error


def _check_password(password: str, member: Member) -> None:
    try:
        validate_password(password, member)
    except ValidationError as error:
        raise Invalid([Problem("password", message) for message in error.messages]) from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
