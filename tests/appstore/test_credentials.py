"""Keys and the tokens made from them."""

import threading

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)

from achievements_admin.appstore.credentials import LIFETIME, BadKey, Credentials, TokenSource
from achievements_admin.appstore.errors import NotAuthorized

from .conftest import pem_of

NOON = 1_800_000_000


def claims_of(token: str, key: ec.EllipticCurvePrivateKey) -> dict[str, object]:
    """The verified claims, whatever the time."""
    options = {"verify_exp": False, "verify_iat": False}
    return dict(jwt.decode(token, key.public_key(), ["ES256"], audience="appstoreconnect-v1", options=options))


@time_machine.travel(NOON, tick=False)
def test_a_team_token_says_what_apple_wants(credentials: Credentials, private_key: ec.EllipticCurvePrivateKey) -> None:
    token = TokenSource(credentials).token()
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": "KEY1", "typ": "JWT"}
    claims = claims_of(token, private_key)
    assert claims == {"iss": "issuer-1", "iat": NOON - 30, "exp": NOON + LIFETIME, "aud": "appstoreconnect-v1"}


def test_an_individual_token_has_a_subject_and_no_issuer(private_key: ec.EllipticCurvePrivateKey) -> None:
    own = Credentials(key_id="K", private_key_pem=pem_of(private_key), is_individual=True)
    claims = claims_of(TokenSource(own).token(), private_key)
    assert claims["sub"] == "user"
    assert "iss" not in claims


def test_a_token_lives_at_most_twenty_minutes(
    credentials: Credentials, private_key: ec.EllipticCurvePrivateKey
) -> None:
    claims = claims_of(TokenSource(credentials).token(), private_key)
    assert int(str(claims["exp"])) - int(str(claims["iat"])) <= 1200


def test_a_token_is_reused_until_shortly_before_its_end(credentials: Credentials) -> None:
    source = TokenSource(credentials)
    with time_machine.travel(NOON, tick=False) as clock:
        first = source.token()
        clock.shift(LIFETIME - 61)
        assert source.token() == first
        clock.shift(2)
        assert source.token() != first


def test_renewing_a_stale_token_makes_one_and_only_one(credentials: Credentials) -> None:
    source = TokenSource(credentials)
    stale = source.token()
    renewed: list[str] = []
    threads = [threading.Thread(target=lambda: renewed.append(source.renew(stale))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(renewed) == {source.token()}
    assert stale not in renewed


def test_a_clock_that_is_off_is_corrected_by_apples(
    credentials: Credentials, private_key: ec.EllipticCurvePrivateKey
) -> None:
    source = TokenSource(credentials)
    with time_machine.travel(NOON, tick=False):
        token = source.renew(source.token(), server_time=NOON + 900)
        assert claims_of(token, private_key)["iat"] == NOON + 870
        assert source.token() == token


def test_a_clock_within_a_minute_is_left_alone(
    credentials: Credentials, private_key: ec.EllipticCurvePrivateKey
) -> None:
    source = TokenSource(credentials)
    with time_machine.travel(NOON, tick=False):
        token = source.renew(source.token(), server_time=NOON + 59)
        assert claims_of(token, private_key)["iat"] == NOON - 30


def test_a_refusal_tells_that_the_clock_is_off(credentials: Credentials) -> None:
    source = TokenSource(credentials)
    source.renew(source.token(), server_time=NOON)
    error = source.refuse()
    assert "clock" in error.sentence
    assert not TokenSource(credentials).refuse().sentence.count("clock")


def test_a_refused_key_is_tried_again_after_a_while(credentials: Credentials) -> None:
    source = TokenSource(credentials)
    with time_machine.travel(NOON, tick=False) as clock:
        source.refuse()
        with pytest.raises(NotAuthorized):
            source.token()
        clock.shift(31)
        assert source.token()


def test_neither_key_nor_token_shows_itself(credentials: Credentials) -> None:
    token = TokenSource(credentials).token()
    assert "PRIVATE" not in repr(credentials)
    assert token not in f"{token!r} {[token]} { ({'t': token}) }"


def test_an_ec_key_in_the_older_form_is_taken(private_key: ec.EllipticCurvePrivateKey) -> None:
    older = pem_of(private_key, format_=PrivateFormat.TraditionalOpenSSL)
    assert TokenSource(Credentials(key_id="K", issuer_id="I", private_key_pem=f"\n{older}\n")).token()


def locked(key: ec.EllipticCurvePrivateKey) -> str:
    """The key behind a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("", "not a private key"),
        ("hello", "not a private key"),
        ("-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----", "not a private key"),
        ("-----BEGIN CERTIFICATE-----\nMIGT\n-----END CERTIFICATE-----", "not a private key"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            "public key",
        ),
        (locked(ec.generate_private_key(ec.SECP256R1())), "password"),
        (pem_of(ec.generate_private_key(ec.SECP384R1())), "another kind"),
        (pem_of(rsa.generate_private_key(public_exponent=65537, key_size=2048)), "another kind"),
    ],
)
def test_what_is_not_apples_kind_of_key_is_refused_in_plain_words(pem: str, words: str) -> None:
    with pytest.raises(BadKey, match=words) as raised:
        Credentials(key_id="K", issuer_id="I", private_key_pem=pem)
    assert not pem or pem not in str(raised.value)
