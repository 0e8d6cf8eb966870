"""Everything behind sign-in, and nothing typed lost on the way there and back."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from achievements_admin.models import AuditEntry, Member
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def sign_in(client: Client, email: str, password: str = factories.PASSWORD, *, to: str = "/") -> object:
    return client.post("/accounts/login/", {"login": email, "password": password, "next": to})


@pytest.mark.parametrize("path", ["/", "/groups/", "/team/", "/apps/1/achievements/", "/apps/1/achievements/new"])
def test_without_a_session_every_page_leads_to_the_sign_in(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path.replace('/', '%2F')}"


def test_only_health_and_sign_in_are_open(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/accounts/password/reset/").status_code == 200


def test_signing_in_and_out_and_a_wrong_password_are_in_the_audit(client: Client) -> None:
    member = factories.member(email="ada@example.com")
    assert b"correct" in sign_in(client, "ada@example.com", "wrong").content  # type: ignore[attr-defined]
    sign_in(client, "ADA@example.com")
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "title")) == [
        ("member.sign_in_refused", "ada@example.com"),
        ("member.signed_in", member.email),
        ("member.signed_out", member.email),
    ]
    assert "wrong" not in str(list(AuditEntry.objects.values()))


def test_nobody_signs_up_without_an_invitation(client: Client) -> None:
    client.post("/accounts/signup/", {"email": "x@example.com", "password1": "correct-horse-battery"})
    assert not Member.objects.exists()


def test_tries_at_a_password_are_throttled(client: Client) -> None:
    factories.member(email="ada@example.com")
    for _ in range(10):
        sign_in(client, "ada@example.com", "wrong")
    sign_in(client, "ada@example.com")
    assert client.get("/").status_code == 302


def test_a_closed_account_does_not_sign_in(client: Client) -> None:
    factories.member(email="ada@example.com")
    Member.objects.update(is_active=False)
    sign_in(client, "ada@example.com")
    assert client.get("/").status_code == 302


def test_a_password_is_reset_by_a_link_in_a_mail(client: Client) -> None:
    factories.member(email="ada@example.com")
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "another-long-word-9", "password2": "another-long-word-9"})
    sign_in(client, "ada@example.com", "another-long-word-9")
    assert client.get("/").status_code == 200


def test_sign_in_leads_back_to_the_page_but_never_to_another_site(client: Client) -> None:
    factories.member(email="ada@example.com")
    assert sign_in(client, "ada@example.com", to="/groups/").headers["Location"] == "/groups/"  # type: ignore[attr-defined]
    client.post("/accounts/logout/")
    away = sign_in(client, "ada@example.com", to="https://evil.example/")
    assert "evil" not in away.headers["Location"]  # type: ignore[attr-defined]


TYPED = {"reference_name": "Typed name", "vendor_identifier": "typed.id", "points": "15", "repeatable": "on"}


@pytest.mark.parametrize("is_htmx", [False, True])
def test_what_was_typed_when_the_session_ran_out_is_in_the_form_after_signing_in(client: Client, is_htmx: bool) -> None:
    factories.member(email="ada@example.com")
    url = f"/apps/{factories.app().apple_id}/achievements/new"
    headers = (
        {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}
        if is_htmx
        else {"Referer": f"http://testserver{url}"}
    )
    response = client.post(url, TYPED | {"csrfmiddlewaretoken": "x"}, headers=headers)
    target = response.headers["HX-Redirect" if is_htmx else "Location"]
    assert target.startswith("/accounts/login/?next=%2Fapps%2F")
    assert sign_in(client, "ada@example.com", to=url).headers["Location"] == url  # type: ignore[attr-defined]
    form = client.get(url).context["form"]
    assert (form["reference_name"].value(), form["vendor_identifier"].value(), form["points"].value()) == (
        "Typed name",
        "typed.id",
        "15",
    )
    assert client.get(url).context["form"]["reference_name"].value() is None


def test_a_page_of_another_site_is_not_where_one_comes_back_to(client: Client) -> None:
    response = client.post(
        "/groups/", {"x": "1"}, headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    )
    assert response.headers["HX-Redirect"] == "/accounts/login/?next=%2F"


def test_secrets_are_never_kept_in_a_session(client: Client) -> None:
    client.post(
        "/team/connect",
        {"private_key_text": "PEM", "password": "hush", "name": "kept"},
        headers={"Referer": "http://testserver/team/"},
    )
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert "kept" in kept
    assert "PEM" not in kept
    assert "hush" not in kept


def test_a_huge_form_without_a_session_is_not_kept(client: Client) -> None:
    client.post("/groups/", {"x": "y" * 100_000})
    assert "yyy" not in str([session.get_decoded() for session in Session.objects.all()])


def test_unsafe_requests_without_csrf_token_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.member("admin"))
    response = client.post(f"/apps/{factories.app().apple_id}/refresh")
    assert response.status_code == 403
    assert b"too old" in response.content


def test_every_answer_carries_a_strict_content_security_policy(signed_in: SignIn) -> None:
    for client, path in ((Client(), "/accounts/login/"), (signed_in(), "/"), (signed_in(), "/nowhere")):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_a_form_from_another_site_starts_no_session(client: Client) -> None:
    response = client.post("/groups/", {"x": "1"}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 302
    assert "sessionid" not in response.cookies
    assert not Session.objects.exists()
