"""What an environment makes of the settings; each case is a process of its own, as settings load once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from achievements_admin import embedded

PRODUCTION = {
    "SECRET_KEY": "production-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "CREDENTIALS_KEYS": "bmV3ZXN0LW5ld2VzdC1uZXdlc3QtbmV3ZXN0LW5ld2U=, b2xkZXItb2xkZXItb2xkZXItb2xkZXItb2xkZXItb2w=",
    "ALLOWED_HOSTS": "dashboard.example.com",
    "REDIS_URL": "redis://redis.example.com:6379/0",
}


def manage(*words: str, run_folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing but the given environment."""
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
        env={"PATH": os.environ["PATH"], "RUN_DIR": str(run_folder)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def seen(expression: str, *, run_folder: Path, **environment: str) -> Any:
    """What an expression over the settings comes to in a process with the given environment."""
    program = f"import json; from django.conf import settings; print(json.dumps({expression}))"
    ran = manage("shell", "--no-imports", "-c", program, run_folder=run_folder, **environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_production_settings_pass_djangos_deployment_check(tmp_path: Path) -> None:
    ran = manage("check", "--deploy", "--fail-level", "WARNING", run_folder=tmp_path, **PRODUCTION)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIALS_KEYS"])
def test_a_secret_that_is_missing_is_named_in_one_sentence(name: str, tmp_path: Path) -> None:
    ran = manage("check", run_folder=tmp_path, **{**PRODUCTION, name: ""})
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{name} is not set.")
    assert ran.stderr.count("\n") == 1


def test_a_port_that_is_none_is_named_in_one_sentence(tmp_path: Path) -> None:
    ran = manage("check", run_folder=tmp_path, PORT="80000", **PRODUCTION)
    assert ran.stderr == "PORT is '80000', which is no port. Set it to a number from 1 to 65535.\n"


def test_production_is_careful_by_default(tmp_path: Path) -> None:
    expression = (
        "[settings.DEBUG, settings.INSECURE_HTTP, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        " settings.SECURE_SSL_REDIRECT]"
    )
    found = seen(expression, run_folder=tmp_path, **PRODUCTION)
    assert found == [False, False, True, True, True]


def test_mail_with_links_goes_to_no_log_in_production(tmp_path: Path) -> None:
    assert (
        seen("settings.EMAIL_BACKEND", run_folder=tmp_path, **PRODUCTION)
        == "django.core.mail.backends.smtp.EmailBackend"
    )


def test_several_encryption_keys_keep_their_order(tmp_path: Path) -> None:
    keys = seen("settings.CREDENTIALS_KEYS", run_folder=tmp_path, **PRODUCTION)
    assert keys == [key.strip() for key in PRODUCTION["CREDENTIALS_KEYS"].split(",")]


def test_redis_serves_as_cache_and_broker_with_a_short_visibility_timeout_everywhere(tmp_path: Path) -> None:
    expression = (
        "[settings.CELERY_BROKER_URL, settings.CACHES['default']['LOCATION'],"
        " settings.CELERY_BROKER_TRANSPORT_OPTIONS['visibility_timeout'],"
        " settings.CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS['visibility_timeout'], settings.CELERY_VISIBILITY_TIMEOUT]"
    )
    redis = PRODUCTION["REDIS_URL"]
    assert seen(expression, run_folder=tmp_path, **PRODUCTION) == [redis, redis, 600, 600, 600]


def test_the_run_folder_is_made_once_and_readable_by_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path / "run"))
    embedded.prepare()
    first = (tmp_path / "run" / "env").read_text()
    embedded.prepare()
    assert (tmp_path / "run" / "env").read_text() == first
    assert (tmp_path / "run" / "env").stat().st_mode & 0o777 == 0o600


def test_in_the_run_folder_the_simulator_stands_in_until_an_api_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    embedded.prepare()
    assert seen("settings.ASC_API_URL", run_folder=tmp_path, SIMULATOR_PORT="8123") == "http://127.0.0.1:8123"
    assert seen("settings.IS_DEMO", run_folder=tmp_path, ASC_API_URL="https://api.example.com/") is False
    assert seen("settings.ASC_API_URL", run_folder=tmp_path, ASC_API_URL="https://api.example.com/") == (
        "https://api.example.com"
    )


def test_the_environment_goes_before_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    embedded.prepare()
    assert seen("settings.SECRET_KEY", run_folder=tmp_path, SECRET_KEY="mine") == "mine"


def test_images_are_read_from_apple_and_from_a_stand_in_on_loopback_only(tmp_path: Path) -> None:
    def sources(**environment: str) -> list[str]:
        policy = seen("settings.CONTENT_SECURITY_POLICY", run_folder=tmp_path, **PRODUCTION, **environment)
        return policy["DIRECTIVES"]["img-src"]

    apple = ["'self'", "data:", "https://*.mzstatic.com", "https://*.apple.com"]
    assert sources() == apple
    assert sources(ASC_API_URL="http://127.0.0.1:8010") == [*apple, "http://127.0.0.1:8010"]
    assert sources(ASC_API_URL="http://192.0.2.1:8010") == apple


def test_the_policy_for_content_allows_nothing_inline() -> None:
    sources = [source for values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values() for source in values]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(sources)
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == ["'none'"]


@pytest.mark.django_db
def test_sqlite_waits_for_its_turn_instead_of_failing() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("on another database")
    with connection.cursor() as cursor:
        pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 1]
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_is_what_the_tests_run_on_when_it_is_named() -> None:
    assert connection.vendor == "postgresql"


@pytest.mark.redis
def test_redis_is_what_counts_sign_ins_when_it_is_named() -> None:
    assert "redis" in type(cache._connections[cache._alias]).__module__
