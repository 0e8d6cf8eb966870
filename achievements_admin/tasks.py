"""Celery's doors to the services: identifiers in, one service call."""

from celery import shared_task

from achievements_admin.services import jobs


@shared_task(acks_late=True)
def work_on_job(job_pk: int) -> None:
    """Work on the due items of a job."""
    jobs.work_on(job_pk)


@shared_task
def sweep() -> None:
    """Give back leases that ran out and ring for what is due."""
    jobs.sweep()
