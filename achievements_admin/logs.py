"""Logs as JSON lines, with everything secret taken out before a line is written."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# A bearer token or any JSON web token, a PEM block, the query of a signed address, a cookie.
SECRETS = re.compile(
    r"(?P<token>eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*)"
    r"|(?P<pem>-----BEGIN [^-]+-----.*?(?:-----END [^-]+-----|\Z))"
    r"|(?P<signed>(?<=\?)[^\s\"']*(?:Signature|Expires|X-Amz-[A-Za-z]+|token)=[^\s\"']*)"
    r"|(?P<cookie>(?:sessionid|csrftoken)=[^\s;\"']+)",
    re.DOTALL | re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text without its secrets."""
    return SECRETS.sub("[redacted]", text)


def redact_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: redact every text of a line, whatever it is nested in."""
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return redact(value.decode(errors="replace"))
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value if isinstance(value, int | float | bool | None) else redact(str(value))


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]


def configuration(*, is_debug: bool) -> dict[str, Any]:
    """Logging for Django, Celery and ours through one redacting formatter."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *SHARED],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    redact_event,
                    structlog.processors.JSONRenderer(default=str),
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": logging.DEBUG if is_debug else logging.INFO},
        "loggers": {"urllib3": {"level": "WARNING"}, "kombu": {"level": "WARNING"}},
    }
