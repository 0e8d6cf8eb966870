"""Celery's doors to the services: identifiers in, one service call."""

from celery import shared_task

from achievements_admin.services import catalog, jobs, mirror
from achievements_admin.services.errors import Refused


@shared_task(acks_late=True)
def work_on_job(job_pk: int) -> None:
    """Work on the due items of a job."""
    jobs.work_on(job_pk)


@shared_task
def sweep() -> None:
    """Give back leases that ran out and ring for what is due."""
    jobs.sweep()


@shared_task
def refresh(kind: str, apple_id: str) -> str:
    """Read a game or group from Apple; what goes wrong is written at the game, where the page shows it."""
    home = catalog.any_home(kind, apple_id)
    if home is None:
        return "gone"
    try:
        mirror.refresh(home, is_background=True)
    except Refused as error:
        return str(error)
    return "read"
