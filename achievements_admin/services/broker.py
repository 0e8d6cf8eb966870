"""The doorbell: tells workers by task name that rows wait for them. Losing a ring loses no work."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger()


def ring(task: str, *args: str | int) -> None:
    """Send one message, once, and go on whatever comes of it: the sweeper rings again."""
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except (OSError, OperationalError) as error:
        log.warning("broker_unreachable", task=task, error=str(error))
