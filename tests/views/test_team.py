"""The team page: members, roles, invitations; for admins alone."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from achievements_admin.models import AuditEntry, Invitation, Member
from achievements_admin.services import members
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[..., Client]
PASSWORD = "a-long-new-password-7"


def invite(client: Client, email: str = "new@example.com", role: str = "producer") -> str:
    response = client.post("/team/invite", {"email": email, "role": role})
    assert response.status_code == 200, response.content.decode()
    return str(response.context["link"]).removeprefix("http://testserver")


@pytest.mark.parametrize("role", ["viewer", "producer", "lead"])
@pytest.mark.parametrize("path", ["", "invite", "connect", "members/1/role", "members/1/remove", "keys/1/remove"])
def test_all_but_admins_are_refused_and_told_who_can(signed_in: SignIn, role: str, path: str) -> None:
    factories.member("admin", email="boss@example.com")
    client = signed_in(role)
    response = client.post(f"/team/{path}") if path else client.get("/team/")
    assert response.status_code == 403
    assert "Ask Admin" in response.content.decode()


def test_an_admin_sees_members_with_their_roles(signed_in: SignIn) -> None:
    factories.member("lead", email="lead@example.com")
    text = signed_in("admin").get("/team/").content.decode()
    assert "lead@example.com" in text


def test_an_invitation_lets_one_person_in_once(signed_in: SignIn) -> None:
    link = invite(signed_in("admin"))
    assert link in mail.outbox[0].body
    guest = Client()
    assert b"new@example.com" in guest.get(link).content
    response = guest.post(link, {"name": "Nora", "password": PASSWORD, "again": PASSWORD})
    assert (response.status_code, guest.get("/").status_code) == (302, 200)
    member = Member.objects.get(email="new@example.com")
    assert (str(member), members.studio_role(member)) == ("Nora", "producer")
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"name": "Mallory", "password": PASSWORD, "again": PASSWORD}).status_code == 404


def test_the_secret_of_an_invitation_is_not_in_the_database(signed_in: SignIn) -> None:
    secret = invite(signed_in("admin")).strip("/").split("/")[-1]
    stored = Invitation.objects.get()
    assert stored.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(list(AuditEntry.objects.values()))


def test_an_old_or_withdrawn_or_unknown_invitation_says_so_in_plain_words(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    link = invite(admin)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "older than seven days" in Client().get(link).content.decode()
    link = invite(admin)
    admin.post(f"/team/invitations/{Invitation.objects.get().pk}/withdraw")
    assert "withdrawn" in Client().get(link).content.decode()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": PASSWORD, "again": "other"}, "differ"),
        ({"password": "password123", "again": "password123"}, "too common"),
        ({"name": ""}, "required"),
    ],
)
def test_a_bad_password_is_said_and_the_invitation_stays_good(
    signed_in: SignIn, given: dict[str, str], problem: str
) -> None:
    link = invite(signed_in("admin"))
    response = Client().post(link, {"name": "Nora", "password": PASSWORD, "again": PASSWORD} | given)
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert Client().get(link).status_code == 200


def test_an_invitation_needs_an_address_and_a_newcomer(signed_in: SignIn) -> None:
    client = signed_in(factories.member("admin", email="boss@example.com"))
    assert client.post("/team/invite", {"email": "nonsense", "role": "viewer"}).status_code == 422
    taken = client.post("/team/invite", {"email": "BOSS@example.com", "role": "viewer"})
    assert "a member already" in taken.content.decode()
    assert client.post("/team/invite", {"email": "x@example.com", "role": "emperor"}).status_code == 422


def test_roles_are_changed_and_the_last_admin_stays(signed_in: SignIn) -> None:
    admin, other = factories.member("admin"), factories.member("viewer")
    client = signed_in(admin)
    client.post(f"/team/members/{other.pk}/role", {"role": "lead"})
    assert members.studio_role(Member.objects.get(pk=other.pk)) == "lead"
    client.post(f"/team/members/{admin.pk}/role", {"role": "viewer"})
    assert members.studio_role(Member.objects.get(pk=admin.pk)) == "admin"
    client.post(f"/team/members/{admin.pk}/remove")
    assert Member.objects.get(pk=admin.pk).is_active
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "lead"})


def test_a_removed_member_is_out_at_once(signed_in: SignIn) -> None:
    other = factories.member("producer")
    theirs = signed_in(other)
    assert theirs.get("/").status_code == 200
    signed_in("admin").post(f"/team/members/{other.pk}/remove")
    assert theirs.get("/").status_code == 302


def test_members_and_invitations_that_are_not_there_are_404(signed_in: SignIn) -> None:
    client = signed_in("admin")
    for path in (
        "members/999/role",
        "members/999/remove",
        "invitations/999/withdraw",
        "keys/999/remove",
        "999/generation",
    ):
        assert client.post(f"/team/{path}", {"role": "lead", "generation": "v1"}).status_code == 404


def test_an_admin_of_one_language_is_no_other_admin(signed_in: SignIn) -> None:
    admin, other = factories.member("admin"), factories.member("admin", locale="ja")
    factories.Grant.objects.create(member=admin, role="admin", locale="de-DE")
    client = signed_in(admin)
    client.post(f"/team/members/{admin.pk}/remove")
    client.post(f"/team/members/{admin.pk}/role", {"role": "viewer"})
    assert members.studio_role(Member.objects.get(pk=admin.pk)) == "admin"
    assert members.studio_role(other) == ""


def test_an_old_invitation_changes_nothing_of_somebody_who_is_a_member_by_now(signed_in: SignIn) -> None:
    link = invite(signed_in("admin"))
    factories.member("lead", email="new@example.com")
    response = Client().post(link, {"name": "Mallory", "password": PASSWORD, "again": PASSWORD})
    assert response.status_code == 404
    assert Member.objects.get(email="new@example.com").check_password(factories.PASSWORD)
