"""Apple teams and the keys that speak for them."""

from django.db import transaction
from django.utils import timezone

from achievements_admin.appstore.credentials import BadKey, Credentials
from achievements_admin.appstore.errors import AppStoreError
from achievements_admin.domain.validation import Problem
from achievements_admin.models import ApiKey, App, Group, Team, Version

from . import audit, members, stores, vault
from .audit import By
from .errors import Invalid, NotFound, Refused


def connect(
    *,
    name: str,
    issuer_id: str,
    key_id: str,
    private_key: str,
    is_individual: bool = False,
    generation: str = Team.Generation.AUTO,
    by: By,
) -> Team:
    """Check a key against the API and store it encrypted; the same team name again replaces the team's key.

    Raises Invalid for what can be seen to be wrong, Refused with Apple's words for what can't. Nothing is stored then.
    """
    _require_admin(by)
    name, issuer_id, key_id = name.strip(), issuer_id.strip(), key_id.strip()
    credentials = _credentials(name, issuer_id, key_id, private_key, is_individual=is_individual)
    other = ApiKey.objects.filter(key_id=key_id).exclude(team__name=name).select_related("team").first()
    if other:
        raise Invalid([Problem("key_id", f"The key {key_id} is connected already, as {other.team}.")])
    try:
        stores.connect(credentials).check()
    except AppStoreError as error:
        raise Refused(f"The key was not stored. {error.sentence}", error.document) from error
    with transaction.atomic():
        known = Team.objects.filter(name=name).first()
        if known and known.generation != generation:
            _forget_readings(known)
        team, is_new = Team.objects.update_or_create(name=name, defaults={"generation": generation})
        team.keys.all().delete()
        team.keys.create(
            key_id=key_id,
            issuer_id=issuer_id,
            is_individual=is_individual,
            encrypted_private_key=vault.seal(private_key.strip()),
            added_by=by.member,
            checked_at=timezone.now(),
        )
        audit.record(
            "team.connected" if is_new else "key.replaced", by=by, team=name, title=name, after={"key_id": key_id}
        )
    return team


def _credentials(name: str, issuer_id: str, key_id: str, private_key: str, *, is_individual: bool) -> Credentials:
    problems = []
    if not name:
        problems.append(Problem("name", "Give the team a name, such as your studio's."))
    if not key_id:
        problems.append(Problem("key_id", "Copy the key ID from App Store Connect, Users and Access, Integrations."))
    if not issuer_id and not is_individual:
        problems.append(Problem("issuer_id", "Copy the issuer ID from the top of App Store Connect's list of keys."))
    try:
        credentials = Credentials(
            key_id=key_id, issuer_id=issuer_id, private_key_pem=private_key.strip(), is_individual=is_individual
        )
    except BadKey as error:
        problems.append(Problem("private_key", str(error)))
    if problems:
        raise Invalid(problems)
    return credentials


def teams() -> list[Team]:
    """All connected teams with their keys."""
    return list(Team.objects.prefetch_related("keys__added_by").order_by("name"))


def remove_key(key_pk: int, *, by: By) -> None:
    """Forget a key; the team's mirror stays readable."""
    _require_admin(by)
    key = ApiKey.objects.select_related("team").filter(pk=key_pk).first()
    if key is None:
        raise NotFound("There is no such key. Somebody may have removed it.")
    with transaction.atomic():
        audit.record("key.removed", by=by, team=key.team.name, title=key.team.name, before={"key_id": key.key_id})
        key.delete()


def set_generation(team_pk: int, generation: str, *, by: By) -> Team:
    """Choose which generation of Apple's API a team speaks; `auto` finds out again at the next reading."""
    _require_admin(by)
    team = Team.objects.filter(pk=team_pk).first()
    if team is None:
        raise NotFound("There is no such team.")
    if generation not in Team.Generation.values:
        raise Invalid([Problem("generation", "Choose automatic, v1 or v2.")])
    with transaction.atomic():
        audit.record(
            "team.changed",
            by=by,
            team=team.name,
            title=team.name,
            before={"generation": team.generation},
            after={"generation": generation},
        )
        if generation != team.generation:
            _forget_readings(team)
        team.generation, team.detected_generation = generation, ""
        team.save(update_fields=["generation", "detected_generation"])
    return team


def _forget_readings(team: Team) -> None:
    """Versions have other identifiers in the other generation, so everything is read anew."""
    Version.objects.filter(achievement__team=team).delete()
    for home in (App, Group):
        home.objects.filter(team=team).update(synced_at=None)


def _require_admin(by: By) -> None:
    """Commands run by whoever has the machine; pages ask for an admin."""
    if by.member is not None:
        members.require(by.member, "team.manage")
