"""Settings, all of them from the environment; README lists the variables.

`.run/env`, written by `make run`, stands in for an environment on a developer's machine. In production nothing secret
has a default: what is missing is named in one sentence.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import embedded, logs

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_DIR = embedded.run_folder()

env = environ.Env()
if (RUN_DIR / "env").exists():
    # What the environment says goes before the file.
    environ.Env.read_env(RUN_DIR / "env")

DEBUG = env.bool("DEBUG", False)


def required(name: str, how: str) -> str:
    """A variable without a default."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {how} `make run` makes its own.")
    return str(value)


SECRET_KEY = required("SECRET_KEY", "Set it to a long random text.")
CREDENTIALS_KEYS = [
    key.strip()
    for key in required("CREDENTIALS_KEYS", "Set it to a Fernet key (several, the newest first, by commas).").split(",")
]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
STUDIO_NAME = env.str("STUDIO_NAME", "Northlight Studio")
# `make run` serves plain HTTP on loopback; anything else is HTTPS.
INSECURE_HTTP = env.bool("INSECURE_HTTP", False)


def port(name: str, default: int) -> int:
    """A port from the environment."""
    text = env.str(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ImproperlyConfigured(f"{name} is {text!r}, which is no port. Set it to a number from 1 to 65535.")
    return int(text)


PORT = port("PORT", 8000)
SIMULATOR_PORT = port("SIMULATOR_PORT", 8010)

# --- Apple ---
# In the folder that `make run` made, the simulator stands in for Apple until the environment names an API.
IS_DEMO = env.bool("DEMO", False) and not env.str("ASC_API_URL", "")
ASC_API_URL = (
    f"http://127.0.0.1:{SIMULATOR_PORT}"
    if IS_DEMO
    else env.str("ASC_API_URL", "https://api.appstoreconnect.apple.com").rstrip("/")
)
ASC_UPLOAD_HOSTS = env.list("ASC_UPLOAD_HOSTS", default=["*.apple.com"])
ASC_ASSET_HOSTS = env.list("ASC_ASSET_HOSTS", default=["*.mzstatic.com", "*.apple.com"])
ASC_CONNECTIONS = env.int("ASC_CONNECTIONS", 8)
ASC_TIMEOUT_SECONDS = env.float("ASC_TIMEOUT_SECONDS", 20)
_api = urlsplit(ASC_API_URL)
ASC_IS_LOOPBACK = _api.hostname in {"localhost", "127.0.0.1", "::1"}
APPLE_LIMITS = json.loads(env.str("APPLE_LIMITS", "{}"))
LEASE_SECONDS = env.int("LEASE_SECONDS", 60)
SWEEP_SECONDS = env.int("SWEEP_SECONDS", 10)
FRESH_SECONDS = env.int("FRESH_SECONDS", 300)

# --- Django ---
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "template_partials",
    "achievements_admin.apps.AchievementsAdminConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "achievements_admin.views.middleware.SignInRequired",
    "achievements_admin.views.middleware.PlainErrors",
]
ROOT_URLCONF = "achievements_admin.urls"
WSGI_APPLICATION = "achievements_admin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "achievements_admin.views.context.frame",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time, who waits for his turn instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # No transaction of ours waits for Apple or a person: one that idles is a process that stopped, and its locks end.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c idle_in_transaction_session_timeout=10s"

REDIS_URL = env.str("REDIS_URL", "")
# Sign-in throttling counts in the cache: shared by Redis in production; the embedded web server is one process.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
STATIC_URL = "static/"
# Where nothing is collected (make run, tests) WhiteNoise serves the folders themselves.
WHITENOISE_USE_FINDERS = DEBUG or INSECURE_HTTP
STATIC_ROOT = None if WHITENOISE_USE_FINDERS else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- People ---
AUTH_USER_MODEL = "achievements_admin.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "achievements_admin.views.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if INSECURE_HTTP else "https"
# Behind no proxy of its own in `make run`, behind one in docker-compose.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
# Mail carries links that let people in, so it goes to a log only where nobody but the developer reads that.
vars().update(env.email("EMAIL_URL", default="consolemail://" if DEBUG or INSECURE_HTTP else "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "achievements@localhost")

# --- Security ---
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not INSECURE_HTTP
SECURE_REFERRER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [
            SELF,
            "data:",
            *(f"https://{host}" for host in ASC_ASSET_HOSTS),
            *([f"{_api.scheme}://{_api.netloc}"] if ASC_IS_LOOPBACK else []),
        ],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Workers ---
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # A lost message is rung again by the sweeper long before; this only keeps the queue short. Celery reads it from
    # three places.
    CELERY_VISIBILITY_TIMEOUT = 600
    CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}
    # Short time-outs, so that a page whose ring nobody hears goes on.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry_on_timeout": False,
    }
    CELERY_REDIS_SOCKET_TIMEOUT = 5
else:
    CELERY_BROKER_URL = "filesystem://"
    _queue = Path(env.str("BROKER_FOLDER", str(RUN_DIR / "broker")))
    for _folder in (_queue / "messages", _queue / "control"):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "achievements_admin.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        # A sweep that nobody ran in time is worth nothing: the next one does its work.
        "options": {"expires": SWEEP_SECONDS},
    }
}

LOGGING = logs.configuration(is_debug=DEBUG)
