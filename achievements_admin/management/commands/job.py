"""`job`: show a job or steer it from a shell."""

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from achievements_admin.models import AuditEntry, ItemState, Job
from achievements_admin.services import steering
from achievements_admin.services.audit import By
from achievements_admin.services.errors import Invalid

TROUBLE = (ItemState.FAILED, ItemState.CONFLICT, ItemState.UNKNOWN, ItemState.BLOCKED)


class Command(BaseCommand):
    help = "Shows a job; --retry, --cancel and --undo steer it, --wait watches it to its end."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--retry", action="store_true", help="try again what failed or was stopped")
        parser.add_argument("--cancel", action="store_true", help="stop what has not begun")
        parser.add_argument("--undo", action="store_true", help="make the plan that takes it back")
        parser.add_argument("--wait", action="store_true", help="watch until it has ended; exit 1 unless all is done")

    def handle(self, *args: Any, **options: Any) -> None:
        job = Job.objects.select_related("plan__app", "plan__group", "team", "started_by").filter(pk=options["id"])
        found = job.first()
        if found is None:
            raise CommandError(f"There is no job {options['id']}.")
        # Whoever has the machine acts in the name of the one who began the job.
        by = By(found.started_by, source=AuditEntry.Source.COMMAND)
        try:
            if options["cancel"]:
                self.stdout.write(f"{steering.cancel(found, by)} were not sent.")
            if options["retry"]:
                self.stdout.write(f"{steering.retry(found, by)} are tried again.")
            if options["undo"]:
                self.stdout.write(f"Plan {steering.undo(found, by).pk} takes it back; look at it and apply it.")
        except Invalid as error:
            raise CommandError(str(error)) from error
        self._show(found, wait=options["wait"])

    def _show(self, job: Job, *, wait: bool) -> None:
        progress = steering.progress(job)
        self._line(job, progress)
        while wait and not progress.is_finished:
            time.sleep(1)
            before, progress = progress, steering.progress(job)
            if progress.ended != before.ended:
                self._line(job, progress)
        for item in job.items.filter(state__in=TROUBLE):
            self.stdout.write(f"  {item.change['title']}: {item.get_state_display()}. {item.message}")
        if wait and progress.done < progress.total:
            raise CommandError(f"{progress.total - progress.done} of {progress.total} are not done.", returncode=1)

    def _line(self, job: Job, progress: steering.Progress) -> None:
        left = f", about {progress.seconds_left} s left" if progress.seconds_left else ""
        until = f", goes on at {progress.waits_until:%H:%M:%S} UTC" if progress.waits_until else ""
        self.stdout.write(
            f"{job.plan}: {progress.done} of {progress.total} done, {progress.troubled} not, "
            f"{progress.cancelled} stopped{left}{until}"
        )
