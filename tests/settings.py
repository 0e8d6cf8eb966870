"""The settings that tests run with: nothing from outside, everything in a folder of its own per process.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` put PostgreSQL and Redis in the place of the embedded defaults.
"""

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


FOLDER = Path(tempfile.gettempdir()) / f"achievements-tests-{os.getpid()}"
FOLDER.mkdir(mode=0o700, exist_ok=True)
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
# Processes of pytest-xdist and mypy leave without a word, so the next one cleans up after them.
for folder in FOLDER.parent.glob("achievements-tests-*"):
    number = folder.name.rpartition("-")[2]
    if number.isdecimal() and not is_running(int(number)):
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def of_worker(url: str) -> str:
    """The Redis database of this pytest-xdist process, counted from the given one, so that none clears another's."""
    base, _, number = url.rpartition("/")
    if not number.isdigit():
        base, number = url.rstrip("/"), "0"
    return f"{base}/{int(number) + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"


for name in [name for name in os.environ if name.startswith("ASC_")] + ["DEBUG", "DEMO", "ALLOWED_HOSTS", "EMAIL_URL"]:
    os.environ.pop(name, None)
os.environ |= {
    "RUN_DIR": str(FOLDER / "run"),
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "CREDENTIALS_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGU=",
    "INSECURE_HTTP": "1",
    # Playwright runs an event loop in the thread of the tests.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    "ASC_API_URL": f"http://127.0.0.1:{free_port()}",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{FOLDER / 'db.sqlite3'}",
    "REDIS_URL": of_worker(os.environ["TEST_REDIS_URL"]) if os.environ.get("TEST_REDIS_URL") else "",
}

from achievements_admin.settings import *  # noqa: E402, F403
from achievements_admin.settings import DATABASES  # noqa: E402

# Hashing well is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in use: a database in memory locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
