"""Keys: checked before they are stored, stored encrypted, seen by nobody."""

import io
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from achievements_admin.models import ApiKey, AuditEntry, Grant, Member, Team
from achievements_admin.services import members, teams, vault
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid, Refused, ServiceError
from achievements_admin.simulator.demo import DemoKey
from tests import factories
from tests.studio import Studio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(studio: Studio) -> DemoKey:
    Team.objects.all().delete()
    return studio.simulator.keys[0]


def pem(private: Any, *, password: bytes = b"") -> str:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def connect(key: DemoKey, **given: Any) -> Team:
    defaults = {
        "name": "Northlight",
        "key_id": key.key_id,
        "issuer_id": key.issuer_id,
        "private_key": key.private_key_path.read_text(),
        "by": By(),
    }
    return teams.connect(**defaults | given)


def test_a_good_key_is_stored_encrypted_and_audited(key: DemoKey) -> None:
    connect(key)
    stored = ApiKey.objects.get()
    assert stored.checked_at is not None
    assert b"PRIVATE" not in bytes(stored.encrypted_private_key)
    assert vault.unseal(bytes(stored.encrypted_private_key)) == key.private_key_path.read_text().strip()
    assert AuditEntry.objects.filter(action="team.connected")[0].after == {"key_id": key.key_id}


def test_the_same_name_again_replaces_the_key(key: DemoKey) -> None:
    first, second = connect(key), connect(key)
    assert (first.pk, ApiKey.objects.count()) == (second.pk, 1)
    assert AuditEntry.objects.filter(action="key.replaced").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "missing"),
        ("hello", "Apple"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)), "P-256"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (pem(ec.generate_private_key(ec.SECP256R1()), password=b"x"), "password"),
    ],
)
def test_what_is_no_key_of_apples_is_named_and_nothing_is_asked_or_stored(
    studio: Studio, key: DemoKey, text: str, words: str
) -> None:
    studio.forget_requests()
    with pytest.raises(Invalid) as refused:
        connect(key, private_key=text)
    (problem,) = refused.value.problems
    assert problem.field == "private_key"
    assert words in problem.message or "p8" in problem.message
    assert not ApiKey.objects.exists()
    assert studio.requests() == []


def test_every_missing_field_is_named_at_once(key: DemoKey) -> None:
    with pytest.raises(Invalid) as refused:
        connect(key, name=" ", key_id="", issuer_id="", private_key="")
    assert {problem.field for problem in refused.value.problems} == {"name", "key_id", "issuer_id", "private_key"}


@pytest.mark.parametrize(
    "given",
    [
        {"key_id": "WRONGKEY99"},
        {"issuer_id": "00000000-0000-0000-0000-000000000000"},
        {"private_key": pem(ec.generate_private_key(ec.SECP256R1()))},
    ],
)
def test_a_key_that_apple_does_not_accept_is_not_stored(key: DemoKey, given: dict[str, str]) -> None:
    with pytest.raises(Refused, match="was not stored"):
        connect(key, **given)
    assert not Team.objects.exists()


def test_a_revoked_key_and_a_missing_agreement_are_not_stored(studio: Studio, key: DemoKey) -> None:
    for state, words in (({"revoked": True}, "API key"), ({"revoked": False, "agreement": False}, "agreement")):
        studio.key(**state)
        with pytest.raises(Refused, match=words):
            connect(key)
    assert not Team.objects.exists()


@pytest.mark.parametrize("kind", ["500", "drop_before", "rubbish", "cut_body", "429"])
def test_a_key_that_could_not_be_checked_is_not_stored(studio: Studio, key: DemoKey, kind: str) -> None:
    studio.fault(kind=kind)
    with pytest.raises(Refused) as refused:
        connect(key)
    assert str(refused.value).startswith("The key was not stored. ")
    assert not Team.objects.exists()
    studio.simulator.control("faults", {"clear": True})


def test_a_key_that_is_in_use_by_another_team_is_refused(key: DemoKey) -> None:
    connect(key)
    with pytest.raises(Invalid, match="connected already, as Northlight"):
        connect(key, name="Other")


def test_an_individual_key_needs_no_issuer(studio: Studio, key: DemoKey) -> None:
    studio.key(individual=True)
    try:
        connect(key, issuer_id="", is_individual=True)
    finally:
        studio.key(individual=False)
    assert ApiKey.objects.get().is_individual


def test_a_clock_that_is_off_is_corrected_by_apples(studio: Studio, key: DemoKey) -> None:

    with time_machine.travel(time.time() + 1800, tick=True):
        connect(key)
    assert ApiKey.objects.exists()


def test_a_lost_master_key_is_one_clear_sentence(key: DemoKey, settings: Any) -> None:
    connect(key)
    settings.CREDENTIALS_KEYS = [vault.Fernet.generate_key().decode()]
    with pytest.raises(ServiceError, match="CREDENTIALS_KEYS"):
        vault.unseal(bytes(ApiKey.objects.get().encrypted_private_key))


def test_only_an_admin_connects_and_removes(key: DemoKey) -> None:
    by = By(factories.member("lead"))
    with pytest.raises(ServiceError, match="Your role"):
        connect(key, by=by)
    connect(key)
    with pytest.raises(ServiceError, match="Your role"):
        teams.remove_key(ApiKey.objects.get().pk, by=by)


def test_the_command_connects_replaces_and_says_what_is_wrong(key: DemoKey, tmp_path: Path) -> None:
    given = ["--name", "Northlight", "--issuer-id", key.issuer_id, "--key-id", key.key_id]
    out = io.StringIO()
    call_command("connect_team", *given, "--private-key", str(key.private_key_path), "--generation", "v1", stdout=out)
    assert out.getvalue() == f"Northlight is connected with the key {key.key_id}.\n"
    assert Team.objects.get().generation == "v1"
    with pytest.raises(CommandError, match="can't be read"):
        call_command("connect_team", *given, "--private-key", str(tmp_path / "none.p8"))
    (tmp_path / "bad.p8").write_text("nonsense")
    with pytest.raises(CommandError, match="key"):
        call_command("connect_team", *given, "--private-key", str(tmp_path / "bad.p8"))


def test_the_command_adds_and_changes_members(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    game = studio.game()
    monkeypatch.setenv("MEMBER_PASSWORD", "a-long-new-password-7")
    call_command("add_member", "ada@example.com", "--role", "admin", stdout=io.StringIO())
    call_command("add_member", "tess@example.com", "--role", "producer", "--app", game.apple_id, stdout=io.StringIO())
    call_command("add_member", "ADA@example.com", "--role", "viewer", stdout=io.StringIO())
    ada, tess = Member.objects.get(email="ada@example.com"), Member.objects.get(email="tess@example.com")
    assert (members.studio_role(ada), Grant.objects.filter(member=ada).count()) == ("viewer", 1)
    assert members.can(tess, "achievements.change", app=game)
    assert not members.can(tess, "view")
    with pytest.raises(CommandError, match="no game 404"):
        call_command("add_member", "x@example.com", "--role", "viewer", "--app", "404")
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("add_member", "nonsense", "--role", "viewer")
    monkeypatch.setenv("MEMBER_PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("add_member", "y@example.com", "--role", "viewer")
    assert not Member.objects.filter(email__startswith="x").exists()


def test_a_keys_bytes_are_in_no_page_message_log_or_database_row(
    studio: Studio, key: DemoKey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    client.force_login(factories.member("admin"))
    secret = "".join(key.private_key_path.read_text().splitlines()[1:-1])[60:110]
    given = {"name": "Northlight", "key_id": key.key_id, "issuer_id": key.issuer_id}
    with key.private_key_path.open("rb") as file:
        page = client.post("/team/connect", given | {"private_key": file}, follow=True).content.decode()
    assert "is connected" in page
    wrong = client.post(
        "/team/connect", given | {"key_id": "NOPE", "private_key_text": key.private_key_path.read_text()}
    )
    assert wrong.status_code == 422
    studio.team = Team.objects.get()
    studio.game()
    seen = [page, wrong.content.decode(), client.get("/team/").content.decode(), caplog.text]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the database itself
            seen += [str([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()]
    if connection.vendor == "sqlite":
        seen.append(Path(connection.settings_dict["NAME"]).read_bytes().decode("latin-1"))
    for text in seen:
        assert secret not in "".join(text.splitlines()).replace("\\n", "")
    assert "Bearer ey" not in caplog.text
    assert os.environ["CREDENTIALS_KEYS"] not in caplog.text
