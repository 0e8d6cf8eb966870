"""The files for production say what the README says of them; no engine is needed to read them."""

import re
from typing import Any

import pytest
import yaml
from django.conf import settings

COMPOSE: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()


def test_the_services_are_those_of_the_readme() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "database", "redis"}
    assert set(OURS) == {"migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    assert {"test", "interval", "timeout", "retries"} <= set(SERVICES[name]["healthcheck"])


def test_one_service_migrates_and_the_others_wait_for_it() -> None:
    assert [name for name, service in SERVICES.items() if "migrate" in service.get("command", ())] == ["migrate"]
    assert SERVICES["migrate"]["restart"] == "no"
    for name in set(OURS) - {"migrate"}:
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_run_with_no_more_rights_than_they_need(name: str) -> None:
    service = OURS[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["env_file"] == ".env"


def test_no_secret_is_written_into_the_files() -> None:
    text = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert not re.search(r"(SECRET_KEY|CREDENTIALS_KEYS)\s*:", text)
    assert re.findall(r"POSTGRES_PASSWORD: (.*)", text) == ["${POSTGRES_PASSWORD:?set it in .env}"]
    example = (settings.BASE_DIR / ".env.example").read_text()
    assert re.findall(r"^(?:SECRET_KEY|CREDENTIALS_KEYS|POSTGRES_PASSWORD)=(.*)$", example, re.MULTILINE) == [""] * 3


def test_only_the_web_server_has_a_port_and_only_on_loopback() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_the_image_runs_as_nobody_in_particular_with_pinned_packages() -> None:
    lines = DOCKERFILE.splitlines()
    assert lines.index("USER dashboard") > max(i for i, line in enumerate(lines) if line.startswith("COPY"))
    assert "--require-hashes" in DOCKERFILE
    assert "EXPOSE 8000" in lines


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (settings.BASE_DIR / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert set(copied) == allowed
    assert all((settings.BASE_DIR / path).exists() for path in copied)


def test_every_variable_of_the_example_is_one_that_something_reads() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    readers = (settings.BASE_DIR / "achievements_admin" / "settings.py").read_text() + str(COMPOSE)
    for name in re.findall(r"^(\w+)=", example, re.MULTILINE):
        assert name in readers, name
