# Needs make and Python 3.11 or newer; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
TEST_WORKERS ?= auto

# What production would have; the values are worth nothing.
PRODUCTION := env -u DEBUG -u INSECURE_HTTP -u DEMO RUN_DIR=$(VENV)/no-run-folder \
	SECRET_KEY=checked-but-never-used-0123456789-abcdefghijklmnopqrstuvwxyz \
	CREDENTIALS_KEYS=Y2hlY2tlZC1idXQtbmV2ZXItdXNlZC0wMTIzNDU2Nzg= \
	ALLOWED_HOSTS=dashboard.example.com TRUSTED_PROXIES=1 REDIS_URL=redis://redis.example.com:6379/0
TEMPLATES := find templates -name '*.html' -print0 | xargs -0 -r

.PHONY: run test check bench format setup requirements
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	@$(BIN)/python manage.py serve

test: setup
	$(BIN)/python -m pytest -n $(TEST_WORKERS) $(PYTEST_ARGS)

bench: setup
	$(BIN)/python -m tests.bench

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(TEMPLATES) $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml achievements_admin manage.py
	$(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pytest --quiet tests/test_compose.py

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(TEMPLATES) $(BIN)/djade --target-version 5.2

setup: $(VENV)/.installed-for-development

# A stamp is written after everything is in place: an install that was cut off is done again.
$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12")'
	@echo "Installing into $(VENV)."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-for-development: $(VENV)/.installed requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

# For maintainers, with uv.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
requirements:
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
